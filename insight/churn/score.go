package churn

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/cxloop/cxloop/insight/predict"
)

// Score is what a model says of a customer.
type Score struct {
	// Risk is the probability of leaving within Horizon days, and Lo80 and Hi80 bound what it
	// may truly be, with a probability of 80 %: 0 to 1.
	Risk, Lo80, Hi80 float64
	// Decile is 1 to 10: 10 is the tenth of the customers with the highest risks.
	Decile int
	// Drivers are up to three groups of features that make the risk higher than that of the
	// average customer, the strongest first. Facts are among them only where they are proven.
	// Or it is Notice alone.
	Drivers []string
}

const (
	maxDrivers = 3
	// slight is a contribution to the log-odds that is not worth being told.
	slight = 0.1
	// z80 is between what 80 % of a normal distribution are.
	z80 = 1.2815515655446004
)

// Score says how likely a customer is to leave, by what came before a moment, in days since
// 1970-01-01 UTC. It is false for who is no customer then: without a running contract, or a
// purchase in the year before; of one whose data Fit leaves out (Wrong); and of a model that is not
// Fitted.
//
// Contracts that are known to end within the horizon are no matter of probability: the risk
// is 1 then, and the driver Notice.
func (m Model) Score(c Customer, asOf float64) (Score, bool) {
	if c.Wrong() != "" {
		return Score{}, false
	}
	out, ok := m.forecast(c, asOf)
	if ok && m.Contractual && left(c, asOf, true) {
		return Score{Risk: 1, Lo80: 1, Hi80: 1, Decile: deciles, Drivers: []string{Notice}}, true
	}
	return out, ok
}

// forecast is a score by what came before a moment alone.
func (m Model) forecast(c Customer, asOf float64) (Score, bool) {
	s := see(c.sorted(), asOf)
	if !m.Fitted() || !current(s, m.Contractual) {
		return Score{}, false
	}
	x, y := values(behaviour(m.Contractual), s), values(facts, s)
	logit := m.logit(x, y)
	risk := m.Calibration.predict(logit)
	calibrated := predict.LogitOf(risk)
	half := z80 * math.Sqrt(m.Calibration.Platt.Variance(logit, m.variance(x, y)))
	out := Score{
		Risk: risk, Lo80: min(risk, predict.Sigmoid(calibrated-half)), Hi80: max(risk, predict.Sigmoid(calibrated+half)),
		Drivers: m.drivers(x, y),
	}
	out.Decile = 1 + sort.SearchFloat64s(m.Cuts, out.Risk)
	return out, true
}

func (m Model) drivers(x, y []float64) (out []string) {
	gains := map[string]float64{}
	add := func(features []feature, contributions []float64, told func(group string) bool) {
		for i, v := range contributions {
			if told(features[i].group) {
				gains[features[i].group] += v
			}
		}
	}
	add(behaviour(m.Contractual), m.Behaviour.Contributions(x), func(string) bool { return true })
	add(facts, m.Facts.Contributions(y), func(group string) bool { return slices.Contains(m.Proven, group) })
	for group, gain := range gains {
		if gain >= slight {
			out = append(out, group)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(gains[b], gains[a]), cmp.Compare(a, b)) })
	return out[:min(len(out), maxDrivers)]
}
