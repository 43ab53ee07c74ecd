package value

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/optimize"
)

// SBG is the shifted beta-geometric model of a cohort under contract (Fader and Hardie
// 2007): each customer leaves at each renewal with a chance of their own, beta(α, β).
type SBG struct {
	Alpha, Beta float64
	// LogLikelihood is of the cohort that was fitted.
	LogLikelihood float64
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
	for i := range left[1:] {
		if left[i+1] > left[i] || left[i+1] < 0 {
			return SBG{}, errCohort
		}
	}
	n := float64(left[0])
	value := func(theta []float64) float64 {
		if !(math.Abs(theta[0]) < far && math.Abs(theta[1]) < far) {
			return math.Inf(1)
		}
		return -SBG{Alpha: math.Exp(theta[0]), Beta: math.Exp(theta[1])}.logLikelihood(left) / n
	}
	found, err := optimize.Minimize(optimize.Problem{Func: value}, []float64{0, 0.5},
		&optimize.Settings{Converger: &optimize.FunctionConverge{Absolute: 1e-14, Iterations: 200}}, &optimize.NelderMead{})
	if err != nil || math.Abs(found.X[0]) > far/4 || math.Abs(found.X[1]) > far/4 {
		return SBG{}, errNoFit
	}
	out := SBG{Alpha: math.Exp(found.X[0]), Beta: math.Exp(found.X[1])}
	out.LogLikelihood = out.logLikelihood(left)
	return out, nil
}

func (m SBG) logLikelihood(left []int) float64 {
	sum, survival := 0.0, 1.0
	for t := 1; t < len(left); t++ {
		stays := m.Retention(t)
		sum += float64(left[t-1]-left[t]) * math.Log(survival*(1-stays))
		survival *= stays
	}
	return sum + float64(left[len(left)-1])*math.Log(survival)
}
