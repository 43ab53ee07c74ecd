package value

import (
	"math"

	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

// Card writes down a backtest and decides by it: a model may be used where its probabilities
// of a purchase within the span are surely better than the share of buyers. origin is in
// days since 1970-01-01 UTC. A bias is no reason against it: it is shown beside each value.
// The warnings of the model that was fitted for it are left out: they are of another one than is used.
func (b BacktestResult) Card(origin float64) card.Card {
	m := b.Model
	out := card.Card{
		Model: "value", Kind: "purchases", AsOf: origin, Horizon: b.SpanDays, Status: m.Status,
		Data: card.Data{Customers: m.Customers, Sampled: m.Customers, Rows: b.Customers},
	}
	switch {
	case m.Status != card.OK:
		out.Reasons = append(out.Reasons, m.Reason)
		return out
	case b.Active == nil:
		out.Status = card.ThinData
		out.Reasons = append(out.Reasons, "All customers bought in the time that the model was tested on, or none did: there is nothing to tell apart.")
		return out
	}
	out.Data.Happened = b.Active.Happened
	out.Origins = []card.Origin{{At: origin, Trained: m.Customers, Tested: b.Customers, Happened: b.Active.Happened}}
	out.Metrics = b.Metrics
	holdAgainst(&out, *b.Base)
	return out
}

// holdAgainst refuses a model that is not surely better than a simple rule.
func holdAgainst(c *card.Card, base card.Baseline) {
	c.Baselines = []card.Baseline{base}
	if !base.Beaten() {
		c.Status = card.NotBetterThanBase
		c.Reasons = append(c.Reasons, base.NotBeaten())
	}
}

// judge measures forecasts of a purchase, one of each customer. There have to be both
// outcomes.
func (b *BacktestResult) judge(active []predict.Forecast, orders *tally) {
	q := predict.QualityOf(active)
	if math.IsNaN(q.Slope) {
		q.Slope = 0
	}
	var brier, gain mean
	for _, f := range active {
		y := 0.0
		if f.Happens {
			y = 1
		}
		off := (f.P - y) * (f.P - y)
		brier.add(off)
		gain.add((q.Base-y)*(q.Base-y) - off)
	}
	base := q.Base * (1 - q.Base)
	skill := gain.interval()
	b.Active = &q
	b.Base = &card.Baseline{Name: "the share of buyers", Brier: base, Gain: skill}
	b.Metrics = []card.Metric{
		{Name: card.Brier, Interval: brier.interval()},
		{Name: card.BrierSkill, Interval: card.Interval{Value: skill.Value / base, Low: skill.Low / base, High: skill.High / base}},
		{Name: card.AUC, Interval: aucInterval(q)},
	}
	if orders.actual > 0 {
		b.Metrics = append(b.Metrics, card.Metric{Name: card.Bias, Interval: orders.bias()})
	}
}

// mean adds up values of customers, who are independent of each other.
type mean struct{ n, sum, squares float64 }

func (m *mean) add(v float64) {
	m.n++
	m.sum += v
	m.squares += v * v
}

func (m mean) interval() card.Interval {
	v := m.sum / m.n
	return around(v, math.Sqrt(max(0, m.squares/m.n-v*v)/m.n))
}

func around(v, deviation float64) card.Interval {
	return card.Interval{Value: v, Low: v - insight.Z95*deviation, High: v + insight.Z95*deviation}
}

// aucInterval is that of Hanley and McNeil (1982).
func aucInterval(q predict.Quality) card.Interval {
	a, yes, no := q.AUC, float64(q.Happened), float64(q.N-q.Happened)
	variance := a*(1-a) + (yes-1)*(a/(2-a)-a*a) + (no-1)*(2*a*a/(1+a)-a*a)
	out := around(a, math.Sqrt(max(0, variance)/(yes*no)))
	out.Low, out.High = max(0, out.Low), min(1, out.High)
	return out
}
