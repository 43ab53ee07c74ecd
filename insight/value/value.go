// Package value says what customers are worth: how often they will buy again, and for how
// much, from what they bought so far.
//
// Two models of buying without a contract: BG/NBD (Fader, Hardie, Lee 2005) and MBG/NBD
// (Batislam, Denizel, Filiztekin 2007), in which a customer may also leave right after the
// first purchase. While active they buy at a rate λ of their own, gamma(r, α), and after
// each purchase they leave with a probability p of their own, beta(a, b).
package value

import (
	"errors"
	"fmt"
	"math"
)

// History is what a customer bought.
type History struct {
	// X is the number of purchases after the first, at least 0.
	X int `json:"x"`
	// Recency is from the first purchase to the last, and Age from the first to the end of
	// the observation, both in one unit of time: 0 ≤ Recency ≤ Age. Without repeat purchases
	// Recency is 0.
	Recency float64 `json:"recency"`
	Age     float64 `json:"age"`
}

func (h History) valid() error {
	if h.X < 0 || !(h.Recency >= 0) || !(h.Age >= h.Recency) || math.IsInf(h.Age, 0) || h.X == 0 && h.Recency != 0 {
		return fmt.Errorf("%d purchases, the last at %g of %g", h.X, h.Recency, h.Age)
	}
	return nil
}

// Model is which of the two models parameters belong to.
type Model string

// The models.
const (
	BG  Model = "bg_nbd"
	MBG Model = "mbg_nbd"
)

// Params are those of a model, all above 0, in the unit of time of the histories.
type Params struct {
	Model Model `json:"model"`
	// R and Alpha are of the rate of buying, whose mean is r/α.
	R     float64 `json:"r"`
	Alpha float64 `json:"alpha"`
	// A and B are of the chance to leave, whose mean is a/(a+b).
	A float64 `json:"a"`
	B float64 `json:"b"`
}

var errParams = errors.New("value: parameters have to be above 0 and finite")

// Valid returns an error for parameters that no model has.
func (p Params) Valid() error {
	for _, v := range []float64{p.R, p.Alpha, p.A, p.B} {
		if !(v > 0) || math.IsInf(v, 0) {
			return errParams
		}
	}
	return nil
}

// left is the odds that a customer has left against that they are active.
func (p Params) left(h History) float64 {
	x := float64(h.X)
	grow := math.Exp((p.R + x) * (math.Log(p.Alpha+h.Age) - math.Log(p.Alpha+h.Recency)))
	if p.Model == MBG {
		return p.A / (p.B + x) * grow
	}
	if h.X == 0 {
		return 0
	}
	return p.A / (p.B + x - 1) * grow
}

// Alive is the probability that a customer is active still. With BG/NBD it is 1 of whoever
// bought once: rank nobody by it.
func (p Params) Alive(h History) float64 { return 1 / (1 + p.left(h)) }

// Active is the probability of at least one purchase within a span after the observation.
func (p Params) Active(h History, span float64) float64 {
	quiet := (p.R + float64(h.X)) * (math.Log(p.Alpha+h.Age) - math.Log(p.Alpha+h.Age+span))
	return -math.Expm1(quiet) * p.Alive(h)
}

// Expected is the expected number of purchases within a span after the observation.
//
// It is the closed form of the models, (c/(a−1))·[1 − (1−z)^(a−1)·₂F₁(c−r−x, a−1; c; z)]
// times Alive, after Euler's transformation, which is exact and does not overflow for many
// purchases. c is a+b+x−1 of BG/NBD and a+b+x of MBG/NBD, z the span's share of α+T+span.
// The series is written so that a = 1 and c = 0 are no special cases.
func (p Params) Expected(h History, span float64) float64 {
	return p.expectedOfActive(h, span) * p.Alive(h)
}

func (p Params) expectedOfActive(h History, span float64) float64 {
	if span <= 0 {
		return 0
	}
	x := float64(h.X)
	c := p.A + p.B + x
	if p.Model == BG {
		c--
	}
	z := span / (p.Alpha + h.Age + span)
	rest := -math.Log1p(span / (p.Alpha + h.Age)) // log(1−z), finite where z is rounded to 1
	less := p.A - 1
	grown := -rest // the limit of −expm1(less·rest)/less
	if less != 0 {
		grown = -math.Expm1(less*rest) / less
	}
	expected := c*grown - math.Exp(less*rest)*series(c-p.R-x, less, c, z)
	return max(0, expected)
}

// series is c·(₂F₁(f, g; c; z) − 1)/g, for c > −1 and 0 ≤ z < 1:
// Σ_{k≥1} (f)_k (g+1)_{k−1} / ((c+1)_{k−1} k!) z^k.
func series(f, g, c, z float64) float64 {
	term := f * z
	sum := term
	for k := 1.0; k < maxTerms; k++ {
		term *= (f + k) * (g + k) / ((c + k) * (k + 1)) * z
		sum += term
		if math.Abs(term) <= epsilon*math.Abs(sum) && k > -f && k > -g {
			break
		}
	}
	return sum
}

// The series ends where a term no longer changes it; maxTerms is enough for a span ten
// thousand times as long as what was observed.
const (
	epsilon  = 1e-17
	maxTerms = 200_000
)
