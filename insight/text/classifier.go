package text

import (
	"encoding/json"
	"errors"
	"math"

	"github.com/cxloop/cxloop/insight/predict"
)

// Classifier tells by the n-grams of a comment how likely something holds of it.
type Classifier struct {
	Fitted
	// weights are by bucket; 0 of those that are not known.
	weights []float32
}

// Fitted is what a classifier is but for its weights.
type Fitted struct {
	// Comments is how many it was trained on, and Until when the latest of them was written,
	// in days since 1970-01-01 UTC.
	Comments int
	Until    float64
	// Intercept and the weights make a logit of a comment's features.
	Intercept float64
	// Slope and Shift make of the logit the log-odds (Platt), measured on comments that
	// were not trained on.
	Slope, Shift float64
	// Angry and Pleased are the sentiments beyond which hardly a comment is whose score
	// says otherwise: at most two in a hundred of those held out. 0 where too few were.
	Angry, Pleased float64
}

// kept is how a classifier is kept: buckets and their weights alone.
type kept struct {
	Fitted
	Buckets []uint32
	Weights []float32
}

// MarshalJSON implements json.Marshaler.
func (c *Classifier) MarshalJSON() ([]byte, error) {
	out := kept{Fitted: c.Fitted}
	for bucket, w := range c.weights {
		if w != 0 {
			out.Buckets, out.Weights = append(out.Buckets, uint32(bucket)), append(out.Weights, w)
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Classifier) UnmarshalJSON(body []byte) error {
	var in kept
	if err := json.Unmarshal(body, &in); err != nil {
		return err
	}
	if len(in.Buckets) != len(in.Weights) {
		return errors.New("text: a classifier has not as many weights as buckets")
	}
	*c = Classifier{in.Fitted, make([]float32, buckets)}
	for i, bucket := range in.Buckets {
		if bucket >= buckets {
			return errors.New("text: a classifier has a bucket that there is not")
		}
		c.weights[bucket] = in.Weights[i]
	}
	return nil
}

// logit is what the features of a comment add up to.
func (c *Classifier) logit(features []feature) float64 {
	sum := 0.0
	for _, f := range features {
		sum += float64(c.weights[f.bucket])
	}
	return c.Intercept + sum*share(len(features))
}

// calibrated is the log-odds of a logit.
func (c *Classifier) calibrated(logit float64) float64 { return c.Slope*logit + c.Shift }

// probability is how likely it holds.
func (c *Classifier) probability(features []feature) float64 {
	return predict.Sigmoid(c.calibrated(c.logit(features)))
}

// knows is how many of these words a classifier has a weight of.
func (c *Classifier) knows(words []uint32) (n int) {
	for _, bucket := range words {
		if c.weights[bucket] != 0 {
			n++
		}
	}
	return n
}

// enough is how many of its words a model has to know to read a comment: of others it
// would tell what is said of comments on the whole.
func enough(words []uint32) int { return max(1, (len(words)+2)/3) }

// leastForTone is how many words a model has to know that gives a comment a tone.
const leastForTone = 3

// leastContradicted is the sentiment by lexicon from which on it contradicts a model's tone.
const leastContradicted = 0.3

// sentiment reads a comment: how likely it is a happy customer's, were there as many
// unhappy ones. It is false where too few of its words are known. A tone that the lexicon
// reads the opposite of is none.
func (c *Classifier) sentiment(read comment, lexicon float64, r *Reading) bool {
	features := read.features()
	words := whole(features)
	known := c.knows(words)
	if known < enough(words) {
		return false
	}
	p := c.probability(features)
	r.Sentiment, r.Confidence = 2*p-1, max(p, 1-p)
	r.Evidence = append(r.Evidence, c.evidence(read, features)...)
	switch {
	case known < leastForTone:
	case r.Tone != Angry && c.Angry < 0 && r.Sentiment <= c.Angry && lexicon <= leastContradicted:
		r.Tone = Angry
	case r.Tone == "" && c.Pleased > 0 && r.Sentiment >= c.Pleased && lexicon >= -leastContradicted:
		r.Tone = Pleased
	}
	return true
}

// leastTelling is the least that a word moves the log-odds to be evidence.
const leastTelling = 0.1

// evidence is what each word adds to the log-odds, those in which it stands as a pair
// among them.
func (c *Classifier) evidence(read comment, features []feature) []Evidence {
	var out []Evidence
	size := c.Slope * share(len(features))
	for i := 0; i < len(features); {
		at, sum := features[i], 0.0
		for ; i < len(features) && features[i].clause == at.clause && features[i].word == at.word; i++ {
			sum += float64(c.weights[features[i].bucket])
		}
		if w := sum * size; math.Abs(w) >= leastTelling {
			said := read.clauses[at.clause].words[at.word]
			out = append(out, Evidence{From: said.from, To: said.to, Weight: w})
		}
	}
	return out
}
