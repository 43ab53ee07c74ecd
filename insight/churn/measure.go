package churn

import (
	"math"
	"slices"

	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

const (
	// wrongly is how often an interval leaves out what is true.
	wrongly = 0.05
	// nothing is a Brier score that sums of floats may be off by.
	nothing = 1e-12
)

// SurveyGain is the metric of how much worse the Brier score is by behaviour alone.
const SurveyGain = "survey_gain"

// named is a figure that goes into a card.
type named struct {
	name string
	figure
}

// measure fills in metrics, baselines and drivers.
func measure(out *card.Card, forecasts []forecast, contractual bool) {
	r := newResampling(forecasts)
	rows := r.sum(func(forecast) float64 { return 1 })
	brier := r.brier(func(f forecast) float64 { return f.p })
	base := r.brier(func(f forecast) float64 { return f.base })
	metrics := r.metrics(rows, brier, base)
	baselines := []named{{baseRate, r.gain(base, brier, rows)}}
	for i, rule := range simpleRules(contractual) {
		simple := r.brier(func(f forecast) float64 { return f.simple[i] })
		baselines = append(baselines, named{rule.name, r.gain(simple, brier, rows)})
	}
	// Facts are tried on forecasts as they are before calibration, which has both stages.
	both := r.brier(func(f forecast) float64 { return predict.Sigmoid(f.logit) })
	behaviour := r.brier(func(f forecast) float64 { return f.behaviour })
	metrics = append(metrics, named{SurveyGain, r.gain(behaviour, both, rows)})
	var drivers []named
	for i, group := range groups(facts) {
		without := r.brier(func(f forecast) float64 { return f.without[i] })
		drivers = append(drivers, named{group, r.gain(without, both, rows)})
	}
	r.run()

	for _, m := range metrics {
		if v, ok := r.interval(m.figure, wrongly); ok {
			out.Metrics = append(out.Metrics, card.Metric{Name: m.name, Interval: v})
		}
	}
	if v, ok := slope(forecasts); ok {
		out.Metrics = append(out.Metrics, card.Metric{Name: card.Slope, Interval: v})
	}
	own, _ := out.Metric(card.Brier)
	for _, b := range baselines {
		gain, _ := r.interval(b.figure, wrongly)
		out.Baselines = append(out.Baselines, card.Baseline{Name: b.name, Brier: own.Value + gain.Value, Gain: gain})
	}
	tried := slices.DeleteFunc(drivers, func(d named) bool {
		widest, _ := r.interval(d.figure, 0)
		return math.Max(widest.High, -widest.Low) <= nothing // nothing is known of it
	})
	for _, d := range tried {
		// One interval for each fact that is tried (Bonferroni): trying more proves no more.
		gain, _ := r.interval(d.figure, wrongly/float64(len(tried)))
		out.Drivers = append(out.Drivers, card.Driver{Name: d.name, Gain: gain, Proven: gain.Low > 0})
	}
}

// metrics declares what is said of the model's forecasts.
func (r *resampling) metrics(rows, brier, base sum) []named {
	gone := r.sum(func(f forecast) float64 { return float64(count(f.left)) })
	said := r.sum(func(f forecast) float64 { return f.p })
	logLoss := r.sum(func(f forecast) float64 { return predict.LogLoss(f.p, f.left) })
	return []named{
		{card.Brier, r.figure(func() float64 { return r.at(brier) / r.at(rows) })},
		{card.BrierSkill, r.figure(func() float64 { return 1 - r.at(brier)/r.at(base) })},
		{card.LogLoss, r.figure(func() float64 { return r.at(logLoss) / r.at(rows) })},
		{card.Bias, r.figure(func() float64 { return r.at(said)/r.at(gone) - 1 })},
		{card.AUC, r.figure(r.auc)},
		{card.ECE, r.figure(r.ece)},
		{card.Lift, r.figure(r.lift)},
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
	const size = 2
	v, half := m.Coef[0]/m.Scale[0], insight.Z95*math.Sqrt(m.Covariance[size+1])/m.Scale[0]
	return card.Interval{Value: v, Low: v - half, High: v + half}, true
}
