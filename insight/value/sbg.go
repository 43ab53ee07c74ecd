package value

import (
	"errors"
	"math"
)

// SBG is the shifted beta-geometric model of a cohort under contract (Fader and Hardie
// 2007): each customer leaves at each renewal with a chance of their own, beta(α, β).
type SBG struct {
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
	// LogLikelihood is of what that was fitted.
	LogLikelihood float64 `json:"log_likelihood"`
}

// Retention is the share of those left after period−1 that is left after period, from 1 on.
func (m SBG) Retention(period int) float64 {
	t := float64(period)
	return (m.Beta + t - 1) / (m.Alpha + m.Beta + t - 1)
}

// Survival is the share of a cohort that is left after a number of periods.
func (m SBG) Survival(periods int) float64 {
	left := 1.0
	for t := 1; t <= periods; t++ {
		left *= m.Retention(t)
	}
	return left
}

var errCohort = errors.New("value: want at least two counts of a cohort, none above the one before, and some left")

// FitSBG fits by maximum likelihood. left is how many of a cohort were there at its
// beginning and after each period.
func FitSBG(left []int) (SBG, error) {
	if len(left) < 2 || left[0] < 1 {
		return SBG{}, errCohort
	}
	renewals := make([]renewals, len(left)-1)
	for i := range renewals {
		if left[i+1] > left[i] || left[i+1] < 0 {
			return SBG{}, errCohort
		}
		renewals[i] = renewalsOf(left[i]-left[i+1], left[i+1])
	}
	return fitSBG(renewals, nil)
}

// renewals are how many left and how many stayed when a period ended.
type renewals struct{ left, stayed float64 }

func renewalsOf(left, stayed int) renewals { return renewals{float64(left), float64(stayed)} }

// sbgPrior is log-normal with a standard deviation of 1 about what is usual.
var sbgPrior = []float64{0, 0.5}

// fitSBG fits to what happened at the end of each period, whoever was there for it. about is
// the middle of the prior; nil is none.
func fitSBG(periods []renewals, about []float64) (SBG, error) {
	n := 0.0
	for _, p := range periods {
		n += p.left + p.stayed
	}
	at := func(theta []float64) slopes {
		out := newSlopes(2)
		if !(math.Abs(theta[0]) < far && math.Abs(theta[1]) < far) {
			out.value = math.Inf(1)
			return out
		}
		m := SBG{Alpha: math.Exp(theta[0]), Beta: math.Exp(theta[1])}
		m.sum(periods, &out)
		out.negate([]float64{m.Alpha, m.Beta}, n)
		if about != nil {
			out.addPrior(theta, about, n)
		}
		return out
	}
	found := minimise(at, sbgPrior, func(place) bool { return false })
	if _, optimum := found.inverse(); found.steepest() > steep || !optimum {
		return SBG{}, errNoFit
	}
	out := SBG{Alpha: math.Exp(found.theta[0]), Beta: math.Exp(found.theta[1])}
	sum := newSlopes(2)
	out.sum(periods, &sum)
	out.LogLikelihood = sum.value
	return out, nil
}

// sum adds up the log-likelihood and its derivatives by α and β: α/(α+β+t−1) leave at the
// end of period t, and (β+t−1)/(α+β+t−1) stay.
func (m SBG) sum(periods []renewals, into *slopes) {
	g, h := into.gradient, into.hessian
	for i, p := range periods {
		stay := m.Beta + float64(i)
		all, n := m.Alpha+stay, p.left+p.stayed
		into.value += p.left*math.Log(m.Alpha/all) + p.stayed*math.Log(stay/all)
		g[0] += p.left/m.Alpha - n/all
		g[1] += p.stayed/stay - n/all
		both := n / (all * all)
		h[0] += both - p.left/(m.Alpha*m.Alpha)
		h[1], h[2] = h[1]+both, h[2]+both
		h[3] += both - p.stayed/(stay*stay)
	}
}
