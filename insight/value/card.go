package value

import (
	"fmt"
	"math"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

// RevenueBias is the metric that card.Bias is of purchases: revenue forecast over revenue
// that came, less 1.
const RevenueBias = "revenue_bias"

// MaxBias is how far forecast and actual purchases of all may be apart in a model that is
// used. The bias stands beside each value in any case.
const MaxBias = 0.5

// Card writes down what m was fitted to, how the same kind of model did in a backtest, and
// whether m may be used: only where its probabilities of a purchase beat the share of those
// who bought, by more than chance, and purchases in all were forecast within MaxBias. asOf
// is in days since 1970-01-01 UTC; b is nil where there was too little for a backtest, of
// whose holdouts it is.
func (m ValueModel) Card(asOf float64, b *BacktestResult, holdouts []Holdout) card.Card {
	out := card.Card{
		Model: "value", Kind: "purchases", AsOf: asOf, Horizon: Year, Status: card.OK,
		Data:    card.Data{Customers: m.Customers, Sampled: m.Customers, Rows: m.Customers, Happened: m.RepeatBuyers},
		Reasons: m.Warnings,
	}
	refuse := func(s card.Status, format string, args ...any) {
		out.Status = s
		out.Reasons = append(out.Reasons, fmt.Sprintf(format, args...))
	}
	switch {
	case m.Status != card.OK:
		refuse(card.ThinData, "%s", m.Reason)
		return out
	case b == nil || b.Active == nil:
		refuse(card.ThinData, "too little is known to test a model on what came after")
		return out
	}
	out.Origins = []card.Origin{{At: asOf - b.SpanDays, Trained: b.Customers, Tested: b.Customers, Happened: b.Active.Happened}}
	out.Metrics = b.metrics(holdouts)
	if skill, _ := out.Metric(card.BrierSkill); !(skill.Low > 0) {
		refuse(card.NotBetterThanBase, "who buys within %.0f days is forecast no better than by the share of those who do: Brier skill %.3f, at least %.3f", b.SpanDays, skill.Value, skill.Low)
	}
	if bias := b.Orders.BiasPct / 100; math.Abs(bias) > MaxBias {
		refuse(card.NotBetterThanBase, "%.0f purchases were forecast and %.0f came: the bias of %+.0f %% is more than %.0f %%", b.Orders.Expected, b.Orders.Actual, 100*bias, 100*MaxBias)
	}
	return out
}

// folds are what the intervals of metrics are of: each is left out in turn (the jackknife of
// groups), and student is the quantile of t at 97.5 % with folds−1 degrees of freedom.
const (
	folds   = 20
	student = 2.0930240544
)

// names are of what measured returns.
var names = []string{card.Brier, card.BrierSkill, card.LogLoss, card.AUC, card.ECE, card.Slope, card.Lift, card.Bias, RevenueBias}

// measured are the figures of some holdouts, in the order of names.
func (b BacktestResult) measured(rows []outcome) []float64 {
	var expected, orders, forecast, revenue float64
	forecasts := make([]predict.Forecast, len(rows))
	for i, r := range rows {
		forecasts[i] = r.Forecast
		expected += r.expected
		orders += r.orders
		forecast += r.worth
		revenue += r.revenue
	}
	q := predict.QualityOf(forecasts)
	return []float64{q.Brier, q.BrierSkill, q.LogLoss, q.AUC, q.ECE, q.Slope, q.Lift, expected/orders - 1, forecast/revenue - 1}
}

// outcome is what was forecast of a customer, and what came.
type outcome struct {
	predict.Forecast
	expected, orders, worth, revenue float64
}

func (b BacktestResult) outcomes(holdouts []Holdout) []outcome {
	rows := make([]outcome, len(holdouts))
	for i, h := range holdouts {
		r := &rows[i]
		r.Forecast = predict.Forecast{P: b.Model.Active(h.History, b.SpanDays), Happens: h.Orders > 0}
		r.expected, r.orders, r.revenue = b.Model.Expected(h.History, b.SpanDays), float64(h.Orders), h.Revenue
		if b.Model.Worth != nil {
			r.worth = r.expected * b.Model.Worth.Expected(h.Spend)
		}
	}
	return rows
}

// metrics have 95 % intervals by customers. What cannot be computed is left out.
func (b BacktestResult) metrics(holdouts []Holdout) []card.Metric {
	rows := b.outcomes(holdouts)
	all := b.measured(rows)
	without := make([][]float64, 0, folds)
	some := make([]outcome, 0, len(rows))
	for fold := range folds {
		some = some[:0]
		for i, r := range rows {
			if i%folds != fold {
				some = append(some, r)
			}
		}
		if len(some) > 0 {
			without = append(without, b.measured(some))
		}
	}
	var out []card.Metric
	for i, name := range names {
		if known(all[i]) {
			half := student * spreadOf(without, i)
			out = append(out, card.Metric{Name: name, Interval: card.Interval{Value: all[i], Low: all[i] - half, High: all[i] + half}})
		}
	}
	return out
}

func known(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// spreadOf is the standard error of a figure by those of which one fold was left out.
func spreadOf(without [][]float64, i int) float64 {
	mean, squares, n := 0.0, 0.0, 0.0
	for _, w := range without {
		if known(w[i]) {
			mean += w[i]
			n++
		}
	}
	if n < 2 {
		return 0
	}
	mean /= n
	for _, w := range without {
		if known(w[i]) {
			squares += (w[i] - mean) * (w[i] - mean)
		}
	}
	return math.Sqrt((n - 1) / n * squares)
}
