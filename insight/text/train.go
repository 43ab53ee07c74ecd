package text

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/cxloop/cxloop/insight/card"
)

// Example is a comment of which more is known than what it says.
type Example struct {
	Comment string
	// Hint is the language in which the customer was asked, as a locale or "".
	Hint string
	// Person is who wrote it: what one person wrote is never on both sides of a test.
	Person string
	// At is when it was written, in days since 1970-01-01 UTC.
	At float64
	// Score is 1 of a happy score, -1 of an unhappy one, 0 of one in the middle or of none.
	Score int
	// Asked is set where the customer could tick causes, and Topics are those ticked.
	Asked  bool
	Topics []string
}

// Trial is how a model did against what was there before, on comments that it had not seen.
type Trial struct {
	Language string `json:"language"`
	// Topic is what it was about, "" for the sentiment.
	Topic string `json:"topic,omitempty"`
	// Comments are those with a score, or with causes ticked; Holding are those with an
	// unhappy score, or with the topic ticked.
	Comments int `json:"comments"`
	Holding  int `json:"holding"`
	// Before and Model are balanced accuracies: the mean of the shares of both kinds that
	// were read rightly. Before is of the lexicon, or of the rules. Chance is 0.5.
	Before float64 `json:"before"`
	Model  float64 `json:"model"`
	// Gain is Model − Before, Low to High its 95 % interval.
	Gain float64 `json:"gain"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Precision is the share of comments with the topic, of those that a model of topics
	// says have it.
	Precision float64     `json:"precision,omitempty"`
	Status    card.Status `json:"status"`
	// Kept is set where an earlier model stays, whatever the status of this one.
	Kept   bool   `json:"kept,omitempty"`
	Reason string `json:"reason"`
}

// What a model has to be trained on at least, and how many comments of a language are
// trained on at most: the latest.
const (
	leastScored = 100
	leastOfKind = 20
	leastTicked = 100
	leastTopic  = 30
	mostTrained = 10_000
	// leastPrecision is that of a model of a topic: it is not to invent topics.
	leastPrecision = 0.6
)

// folds is in how many parts comments are held out, one after the other.
const folds = 5

// Train makes a model of comments, and says how it did. A language or a topic is the
// model's where it reads comments better than the lexicon, or the rules, that it was not
// trained on; one that an earlier model has stays there until a new one is as good on what
// was written since. It is deterministic, whatever the order of the examples.
func Train(earlier *Model, examples []Example) (*Model, []Trial) {
	earlier = cmp.Or(earlier, &untrained)
	m := &Model{Rules: earlier.Rules}
	sorted := slices.Clone(examples)
	slices.SortStableFunc(sorted, func(a, b Example) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.At, b.At), cmp.Compare(a.Comment, b.Comment), cmp.Compare(a.Score, b.Score))
	})
	byLanguage := map[string][]sample{}
	for _, e := range sorted {
		if s := m.sampleOf(e); s.language != "" {
			byLanguage[s.language] = append(byLanguage[s.language], s)
		}
	}
	var trials []Trial
	for _, language := range Languages {
		samples := latest(byLanguage[language])
		c, trial := trainSentiment(earlier.Languages[language], samples)
		if c != nil {
			m.Languages = with(m.Languages, language, c)
		}
		if trial.Comments > 0 || c != nil {
			trial.Language = language
			trials = append(trials, trial)
		}
		trials = append(trials, m.trainTopics(earlier, language, samples)...)
	}
	m.Version = m.hash()
	return m, trials
}

// with adds to a map that may be nil.
func with[V any](all map[string]V, key string, value V) map[string]V {
	if all == nil {
		all = map[string]V{}
	}
	all[key] = value
	return all
}

// hash names a model by what it is.
func (m *Model) hash() string {
	if len(m.Languages) == 0 && len(m.Topics) == 0 {
		return ""
	}
	body, err := json.Marshal(Model{Languages: m.Languages, Topics: m.Topics})
	if err != nil { // numbers that are none: a fit has none
		panic("text: " + err.Error())
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:6])
}

// sample is an example as it is read.
type sample struct {
	Example
	language string
	lexicon  float64 // the sentiment that the lexicon reads
	ruled    []string
	buckets  []uint32
	words    []uint32
	person   int
}

func (m *Model) sampleOf(e Example) sample {
	read := tokens(e.Comment)
	var r Reading
	r.Language, _ = languageOf(read, e.Hint)
	s := sample{Example: e, language: r.Language}
	if s.language == "" {
		return s
	}
	byLexicon(read.hits(), &r)
	s.lexicon = r.Sentiment
	m.rules().topics(read, &r)
	s.ruled = r.Topics
	features := read.features()
	s.words = whole(features)
	for _, f := range features {
		s.buckets = append(s.buckets, f.bucket)
	}
	return s
}

// latest are the last samples, with people numbered in their order.
func latest(samples []sample) []sample {
	if len(samples) > mostTrained {
		times := make([]float64, len(samples))
		for i, s := range samples {
			times[i] = s.At
		}
		slices.Sort(times)
		first := times[len(times)-mostTrained]
		samples = slices.DeleteFunc(samples, func(s sample) bool { return s.At < first })
	}
	for i := range samples {
		if i > 0 {
			samples[i].person = samples[i-1].person
			if samples[i].Person != samples[i-1].Person || samples[i].Person == "" {
				samples[i].person++
			}
		}
	}
	return samples
}

// trainSentiment returns what is to read a language's sentiments, nil for the lexicon.
func trainSentiment(earlier *Classifier, all []sample) (*Classifier, Trial) {
	samples := slices.DeleteFunc(slices.Clone(all), func(s sample) bool { return s.Score == 0 })
	examples := make([]labelled, len(samples))
	for i, s := range samples {
		examples[i] = labelled{s.buckets, s.words, s.Score > 0, s.person}
	}
	trial, unhappy := Trial{Comments: len(samples)}, 0
	for _, s := range samples {
		if s.Score < 0 {
			unhappy++
		}
	}
	trial.Holding = unhappy
	if len(samples) < leastScored || min(unhappy, len(samples)-unhappy) < leastOfKind {
		trial.Status, trial.Reason = card.ThinData, fmt.Sprintf("too few comments with scores: %d are needed, %d of them happy and %d unhappy", leastScored, leastOfKind, leastOfKind)
		return keep(earlier, &trial), trial
	}
	held, knew := holdOut(examples, true)
	c := fitClassifier(examples, true)
	known, of := onlyKnown(held, knew, examples)
	if both(of) {
		c.calibrate(known, of, true)
	}
	before, model, gained := make([]float64, len(samples)), make([]float64, len(samples)), make([]judged, len(samples))
	for i, s := range samples {
		before[i] = right(s.lexicon, s.Score)
		model[i] = before[i] // the lexicon reads what has words that the model does not know
		if knew[i] {
			model[i] = right(c.calibrated(held[i]), s.Score)
		}
		gained[i] = judged{s.Score < 0, before[i], model[i]}
	}
	trial.compare(gained)
	c.Until = lastOf(samples)
	c.Angry, c.Pleased = doubtless(c, known, of)
	if trial.Low <= 0 {
		trial.Status, trial.Reason = card.NotBetterThanBase, "it does not read comments better than the lexicon that it was not trained on"
		return keep(earlier, &trial), trial
	}
	trial.Status, trial.Reason = card.OK, "it reads comments better than the lexicon that it was not trained on"
	if earlier != nil && !betterSince(earlier, samples, model) {
		trial.Reason += "; the earlier one is as good on what was written since"
		return keep(earlier, &trial), trial
	}
	return c, trial
}

// onlyKnown are the examples, and what was held out of them, that a model knew enough words
// of to read.
func onlyKnown(held []float64, knew []bool, examples []labelled) (logits []float64, of []labelled) {
	for i, e := range examples {
		if knew[i] {
			logits, of = append(logits, held[i]), append(of, e)
		}
	}
	return logits, of
}

// keep returns the earlier model, and says so.
func keep(earlier *Classifier, t *Trial) *Classifier {
	t.Kept = earlier != nil
	return earlier
}

// right is 1 where a sign is that of the score, 0 where it is not, and ½ without one.
func right(sentiment float64, score int) float64 {
	switch product := sentiment * float64(score); {
	case product > 0:
		return 1
	case product < 0:
		return 0
	}
	return 0.5
}

// leastSince is how many comments of each kind an earlier model is tested on.
const leastSince = 20

// betterSince reports whether a new model is as good as the earlier one, or better, on
// comments that neither was trained on: those written since the earlier one was, by what
// the new one said of them when they were held out.
func betterSince(earlier *Classifier, samples []sample, model []float64) bool {
	var since []judged
	for i, s := range samples {
		if s.At > earlier.Until {
			says := s.lexicon
			if earlier.knows(s.words) >= enough(s.words) {
				says = earlier.calibrated(earlier.logitOf(s.buckets))
			}
			since = append(since, judged{s.Score < 0, right(says, s.Score), model[i]})
		}
	}
	return asGood(since)
}

// asGood reports whether a new model is as good as an earlier one, or better, on enough
// comments of each kind to say.
func asGood(since []judged) bool {
	holding := 0
	for _, j := range since {
		if j.kind {
			holding++
		}
	}
	if min(holding, len(since)-holding) < leastSince {
		return false
	}
	var t Trial
	t.compare(since)
	return t.Gain >= 0
}

func lastOf(samples []sample) float64 {
	last := math.Inf(-1)
	for _, s := range samples {
		last = max(last, s.At)
	}
	return last
}
