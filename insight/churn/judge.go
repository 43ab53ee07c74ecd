package churn

import (
	"fmt"
	"math"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

const (
	// minTested is how many that left, and that stayed, a backtest takes.
	minTested = 50
	// maxBias is how far the sum of forecasts may be from what came.
	maxBias = 0.2
	// nothing is a Brier score that sums of floats may be off by.
	nothing = 1e-12
	// wrongly is how often an interval leaves out what is true.
	wrongly = 0.05
)

// SurveyGain is the metric of how much worse the Brier score is by behaviour alone.
const SurveyGain = "survey_gain"

// judge measures a backtest and decides whether the model may be used.
func judge(out *card.Card, forecasts []forecast, p population) {
	gone := 0
	for _, f := range forecasts {
		gone += count(f.left)
	}
	if gone > 0 && gone < len(forecasts) {
		measure(out, forecasts, p.contractual)
	}
	if out.Reasons = thin(out, gone, len(forecasts)-gone); len(out.Reasons) > 0 {
		out.Status = card.ThinData
		return
	}
	if out.Reasons = dry(out, p); len(out.Reasons) > 0 {
		out.Status = card.Stale
		return
	}
	out.Status = card.OK
	if out.Reasons = poor(out); len(out.Reasons) > 0 {
		out.Status = card.NotBetterThanBase
	}
}

// thin says what there is too little of.
func thin(out *card.Card, gone, stayed int) (reasons []string) {
	if n := len(out.Origins); n < minOrigins {
		reasons = append(reasons, fmt.Sprintf("A model is tested at %d moments at least, %d days apart; the data allow %d: they begin %.0f days before their end.",
			minOrigins, Horizon, n, out.Data.To-out.Data.From))
	}
	if gone < minTested || stayed < minTested {
		reasons = append(reasons, fmt.Sprintf("It takes %d customers who left and %d who stayed to test a model by, and there are %d and %d.",
			minTested, minTested, gone, stayed))
	}
	return reasons
}

// dry says that purchases seem to have stopped coming in: everybody would look like leaving.
func dry(out *card.Card, p population) []string {
	if p.contractual {
		return nil
	}
	last, n := 0.0, 0
	for _, c := range p.customers {
		for _, b := range c.Purchases {
			if b.At < out.AsOf {
				last = max(last, b.At)
				n += count(b.At >= out.AsOf-year)
			}
		}
	}
	const usual, soon = 20, 14 // as many mean gaps between purchases of anybody; days
	if quiet := out.AsOf - last; quiet > max(soon, usual*year/float64(max(1, n))) {
		return []string{fmt.Sprintf("Nobody has bought anything for %.0f days, and there were %d purchases in a year: are purchases still coming in?", quiet, n)}
	}
	return nil
}

// poor says which checks a model fails.
func poor(out *card.Card) (reasons []string) {
	for _, b := range out.Baselines {
		if !b.Beaten() {
			reasons = append(reasons, fmt.Sprintf("It is not surely better than %s: the Brier score gains %.4f, between %.4f and %.4f.",
				b.Name, b.Gain.Value, b.Gain.Low, b.Gain.High))
		}
	}
	if skill, ok := out.Metric(card.BrierSkill); !ok || skill.Low <= 0 {
		reasons = append(reasons, "Its Brier skill may be 0.")
	}
	if bias, ok := out.Metric(card.Bias); !ok || math.Abs(bias.Value) > maxBias {
		reasons = append(reasons, fmt.Sprintf("Its forecasts add up to %+.0f %% of what came, and %.0f %% is as far off as they may be.", 100*bias.Value, 100*maxBias))
	}
	return reasons
}

// measure fills in metrics, baselines and drivers.
func measure(out *card.Card, forecasts []forecast, contractual bool) {
	r := newResampling(forecasts)
	n := r.sum(func(forecast) float64 { return 1 })
	gone := r.sum(func(f forecast) float64 { return float64(count(f.left)) })
	said := r.sum(func(f forecast) float64 { return f.p })
	brier := r.sum(func(f forecast) float64 { return squared(f.p, f.left) })
	logLoss := r.sum(func(f forecast) float64 { return predict.LogLoss(f.p, f.left) })
	base := r.sum(func(f forecast) float64 { return squared(f.base, f.left) })
	rules := []string{baseRate}
	for i, rule := range simpleRules(contractual) {
		rules = append(rules, rule.name)
		r.sum(func(f forecast) float64 { return squared(f.simple[i], f.left) })
	}
	both := r.sum(func(f forecast) float64 { return squared(predict.Sigmoid(f.logit), f.left) })
	behaviour := r.sum(func(f forecast) float64 { return squared(f.behaviour, f.left) })
	for i := range groups(facts) {
		r.sum(func(f forecast) float64 { return squared(f.without[i], f.left) })
	}

	metrics := []string{card.Brier, card.BrierSkill, card.LogLoss, card.Bias, SurveyGain, card.AUC, card.Lift, card.ECE}
	whole, drawn := r.run(func(sums, weights []float64) []float64 {
		auc, lift, ece := r.ranked(weights)
		figures := []float64{
			sums[brier] / sums[n], 1 - sums[brier]/sums[base], sums[logLoss] / sums[n], sums[said]/sums[gone] - 1,
			(sums[behaviour] - sums[both]) / sums[n], auc, lift, ece,
		}
		for i := range rules {
			figures = append(figures, (sums[base+i]-sums[brier])/sums[n])
		}
		for i := range groups(facts) {
			figures = append(figures, (sums[behaviour+1+i]-sums[both])/sums[n])
		}
		return figures
	})
	for i, name := range metrics {
		if v, ok := interval(whole, drawn, i, wrongly); ok {
			out.Metrics = append(out.Metrics, card.Metric{Name: name, Interval: v})
		}
	}
	if v, ok := slope(forecasts); ok {
		out.Metrics = append(out.Metrics, card.Metric{Name: card.Slope, Interval: v})
	}
	for i, name := range rules {
		gain, _ := interval(whole, drawn, len(metrics)+i, wrongly)
		out.Baselines = append(out.Baselines, card.Baseline{Name: name, Brier: whole[0] + gain.Value, Gain: gain})
	}
	for i, name := range groups(facts) {
		// One interval for each fact that is tried (Bonferroni): trying more proves no more.
		gain, _ := interval(whole, drawn, len(metrics)+len(rules)+i, wrongly/float64(len(groups(facts))))
		if math.Max(gain.High, -gain.Low) > nothing { // else nothing is known of it
			out.Drivers = append(out.Drivers, card.Driver{Name: name, Gain: gain, Proven: gain.Low > 0})
		}
	}
}

// slope is the calibration slope, with an interval that knows that customers come repeatedly.
func slope(forecasts []forecast) (card.Interval, bool) {
	examples := make([]predict.Example, len(forecasts))
	customers := make([]int, len(forecasts))
	for i, f := range forecasts {
		examples[i] = predict.Example{X: []float64{predict.LogitOf(f.p)}, Happens: f.left}
		customers[i] = f.customer
	}
	o := predict.LogisticOptions{Penalty: 1e-9}
	m, err := predict.FitLogistic(examples, o)
	if err != nil || m.Scale[0] == 0 || m.Doubt(examples, customers, o) != nil {
		return card.Interval{}, false
	}
	const size, z95 = 2, 1.959963984540054
	v, half := m.Coef[0]/m.Scale[0], z95*math.Sqrt(m.Covariance[size+1])/m.Scale[0]
	return card.Interval{Value: v, Low: v - half, High: v + half}, true
}
