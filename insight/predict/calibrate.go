package predict

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// Outcome is a log-odds that a model gave to an example it was not fitted to, and what came.
type Outcome struct {
	Logit   float64
	Happens bool
}

var errOutcomes = errors.New("predict: a calibration needs some that happened and some that did not")

// Platt calibrates by two numbers: σ(A·logit + B). Platt{A: 1} changes nothing.
type Platt struct {
	A, B float64
	// Var is the covariance of A and B: of A, of both, of B.
	Var [3]float64
}

// FitPlatt fits by maximum likelihood to targets that are smoothed as in Platt (1999): those
// that happened count as (n₊+1)/(n₊+2), the others as 1/(n₋+2).
func FitPlatt(outcomes []Outcome) (Platt, error) {
	happened := countHappened(outcomes)
	rest := len(outcomes) - happened
	if happened == 0 || rest == 0 {
		return Platt{}, errOutcomes
	}
	yes, no := float64(happened+1)/float64(happened+2), 1/float64(rest+2)
	target := func(o Outcome) float64 {
		if o.Happens {
			return yes
		}
		return no
	}
	// As in Platt's pseudo-code, the search starts from the base rate.
	m := Platt{B: math.Log(float64(happened+1) / float64(rest+1))}
	for range maxSteps {
		before := m.loss(outcomes, target)
		da, db, moved := m.step(outcomes, target)
		from, part := m, 1.0
		for ; part > 1e-8; part /= 2 {
			m.A, m.B = from.A-part*da, from.B-part*db
			if m.loss(outcomes, target) <= before {
				break
			}
		}
		if part*moved < 1e-12 || part <= 1e-8 {
			break
		}
	}
	return m, nil
}

func countHappened(outcomes []Outcome) (n int) {
	for _, o := range outcomes {
		if o.Happens {
			n++
		}
	}
	return n
}

// step is Newton's, and leaves the covariance in Var.
func (m *Platt) step(outcomes []Outcome, target func(Outcome) float64) (da, db, moved float64) {
	var ga, gb, aa, ab, bb float64
	for _, o := range outcomes {
		p := m.Predict(o.Logit)
		off, w := p-target(o), p*(1-p)
		ga, gb = ga+off*o.Logit, gb+off
		aa, ab, bb = aa+w*o.Logit*o.Logit, ab+w*o.Logit, bb+w
	}
	// Logits that are all the same leave A free: a trace of curvature holds it.
	aa, bb = aa+1e-9, bb+1e-9
	det := aa*bb - ab*ab
	m.Var = [3]float64{bb / det, -ab / det, aa / det}
	da, db = (bb*ga-ab*gb)/det, (aa*gb-ab*ga)/det
	return da, db, math.Hypot(da, db)
}

func (m *Platt) loss(outcomes []Outcome, target func(Outcome) float64) float64 {
	sum := 0.0
	for _, o := range outcomes {
		t, y := m.A*o.Logit+m.B, target(o)
		sum += y*logLoss(t, true) + (1-y)*logLoss(t, false)
	}
	return sum
}

// Predict is the calibrated probability.
func (m Platt) Predict(logit float64) float64 { return Sigmoid(m.A*logit + m.B) }

// Variance is that of the calibrated log-odds of a logit that has a variance of its own.
func (m Platt) Variance(logit, variance float64) float64 {
	return max(0, m.A*m.A*variance+logit*logit*m.Var[0]+2*logit*m.Var[1]+m.Var[2])
}

// Isotonic calibrates by a line through knots that never falls.
type Isotonic struct {
	// At are logits, ascending, and P the probabilities there.
	At, P []float64
}

// FitIsotonic fits by pooling adjacent violators (Barlow and others 1972). It takes about a
// thousand that happened before it is better than Platt.
func FitIsotonic(outcomes []Outcome) (Isotonic, error) {
	if happened := countHappened(outcomes); happened == 0 || happened == len(outcomes) {
		return Isotonic{}, errOutcomes
	}
	sorted := slices.Clone(outcomes)
	slices.SortStableFunc(sorted, func(a, b Outcome) int { return cmp.Compare(a.Logit, b.Logit) })
	var blocks []block
	for _, next := range same(sorted) {
		for len(blocks) > 0 && blocks[len(blocks)-1].rate() >= next.rate() {
			last := blocks[len(blocks)-1]
			next = block{last.first, next.last, last.happened + next.happened, last.n + next.n}
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, next)
	}
	var out Isotonic
	for _, b := range blocks {
		out.At, out.P = append(out.At, b.first), append(out.P, b.rate())
		if b.last > b.first {
			out.At, out.P = append(out.At, b.last), append(out.P, b.rate())
		}
	}
	return out, nil
}

// block is a stretch of logits with one probability.
type block struct {
	first, last float64
	happened, n float64
}

func (b block) rate() float64 { return b.happened / b.n }

// surest is how near to 0 or 1 an isotonic probability gets: that nobody of a stretch left
// does not say that nobody ever will.
const surest = 1e-6

// same has a block for each different logit.
func same(sorted []Outcome) (blocks []block) {
	for i, o := range sorted {
		if i == 0 || sorted[i-1].Logit != o.Logit {
			blocks = append(blocks, block{first: o.Logit, last: o.Logit})
		}
		last := &blocks[len(blocks)-1]
		last.n++
		if o.Happens {
			last.happened++
		}
	}
	return blocks
}

// Predict is the calibrated probability: between knots by a straight line, beyond the ends as
// at them.
func (m Isotonic) Predict(logit float64) float64 {
	return min(max(m.between(logit), surest), 1-surest)
}

func (m Isotonic) between(logit float64) float64 {
	i, exact := slices.BinarySearch(m.At, logit)
	switch {
	case exact:
		return m.P[i]
	case i == 0:
		return m.P[0]
	case i == len(m.At):
		return m.P[i-1]
	}
	part := (logit - m.At[i-1]) / (m.At[i] - m.At[i-1])
	return m.P[i-1] + part*(m.P[i]-m.P[i-1])
}
