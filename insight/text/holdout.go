package text

import (
	"math"
	"slices"

	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/insight/predict"
)

// holdOut returns the logit of each example by a fit to the others, in which whoever wrote
// it has none, and whether that knew enough of its words.
func holdOut(examples []labelled, balanced bool) (logits []float64, knew []bool) {
	logits, knew = make([]float64, len(examples)), make([]bool, len(examples))
	for fold := range folds {
		var train []labelled
		for _, e := range examples {
			if e.person%folds != fold {
				train = append(train, e)
			}
		}
		if !both(train) {
			continue // it says 0 of the others: chance
		}
		c := fitClassifier(train, balanced)
		for i, e := range examples {
			if e.person%folds == fold {
				logits[i], knew[i] = c.logitOf(e.buckets), c.knows(e.words) >= enough(e.words)
			}
		}
	}
	return logits, knew
}

func both(examples []labelled) bool {
	return slices.ContainsFunc(examples, func(e labelled) bool { return e.holds }) &&
		slices.ContainsFunc(examples, func(e labelled) bool { return !e.holds })
}

func (c *Classifier) logitOf(features []uint32) float64 {
	sum := 0.0
	for _, bucket := range features {
		sum += float64(c.weights[bucket])
	}
	return c.Intercept + sum*share(len(features))
}

// calibrate makes log-odds of logits: balanced, as they would be were there as many that
// hold as others.
func (c *Classifier) calibrate(held []float64, examples []labelled, balanced bool) {
	outcomes, holding := make([]predict.Outcome, len(held)), 0
	for i, e := range examples {
		outcomes[i] = predict.Outcome{Logit: held[i], Happens: e.holds}
		if e.holds {
			holding++
		}
	}
	platt, err := predict.FitPlatt(outcomes)
	if err != nil || platt.A <= 0 { // what was held out says nothing, or the opposite: it wins nowhere
		return
	}
	c.Slope, c.Shift = platt.A, platt.B
	if balanced {
		c.Shift -= math.Log(float64(holding) / float64(len(examples)-holding))
	}
}

// The sentiments beyond which a comment has a tone: those that at most this share of the
// comments with the opposite score is beyond, of at least so many.
const (
	mostContrary  = 0.02
	leastContrary = 100
	leastTone     = 0.6
)

// doubtless are the sentiments below which a comment is angry, and above which it is
// pleased; each 0 where too few were held out to say.
func doubtless(c *Classifier, held []float64, examples []labelled) (angry, pleased float64) {
	var happy, unhappy []float64 // how far they are to the wrong side
	for i, e := range examples {
		sentiment := 2*predict.Sigmoid(c.calibrated(held[i])) - 1
		if e.holds {
			happy = append(happy, -sentiment)
		} else {
			unhappy = append(unhappy, sentiment)
		}
	}
	return 0 - beyondMost(happy), beyondMost(unhappy)
}

// beyondMost is what hardly one of these is above.
func beyondMost(all []float64) float64 {
	if len(all) < leastContrary {
		return 0
	}
	slices.Sort(all)
	return max(leastTone, all[len(all)-1-int(mostContrary*float64(len(all)))])
}

// judged is how two readers did with a comment: 1 right, 0 wrong, ½ neither.
type judged struct {
	kind          bool
	before, model float64
}

// compare fills in the balanced accuracies and the interval of their difference: of each
// kind the mean of the differences, comment by comment, is as good as normal.
func (t *Trial) compare(all []judged) {
	variance := 0.0
	t.Before, t.Model = 0, 0
	for _, kind := range []bool{true, false} {
		n, before, model, squares := 0.0, 0.0, 0.0, 0.0
		for _, j := range all {
			if j.kind == kind {
				n++
				before, model = before+j.before, model+j.model
				squares += (j.model - j.before) * (j.model - j.before)
			}
		}
		if n == 0 {
			continue
		}
		t.Before += before / n / 2
		t.Model += model / n / 2
		mean := (model - before) / n
		// One more comment that both read alike keeps a spread of 0 from being believed.
		variance += max(squares/n-mean*mean, 1/(n+1)/4) / n / 4
	}
	t.Gain = t.Model - t.Before
	t.Low, t.High = t.Gain-insight.Z95*math.Sqrt(variance), t.Gain+insight.Z95*math.Sqrt(variance)
}
