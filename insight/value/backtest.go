package value

import (
	"errors"
	"math"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

// Holdout is a customer as they were at the origin of a backtest, and what they did after.
type Holdout struct {
	Customer
	// Orders are the purchases within the span after the origin, and Revenue what those brought
	// whose amount is known: all but Unpriced.
	Orders, Unpriced int
	Revenue          float64
}

// HoldoutAt splits what buyers did at a time: what was before, and what was in the span of
// days after it. Who had bought nothing before is left out.
func HoldoutAt(buyers []Buyer, origin, span float64) []Holdout {
	var out []Holdout
	for _, b := range buyers {
		c, known := b.At(origin)
		if !known {
			continue
		}
		h := Holdout{Customer: c}
		for _, day := range b.daysBetween(origin, origin+span) {
			h.Orders++
			if day.Unpriced {
				h.Unpriced++
				continue
			}
			h.Revenue += day.Amount
		}
		out = append(out, h)
	}
	return out
}

// Against is what was expected of all customers beside what came.
type Against struct {
	Expected float64 `json:"expected"`
	Actual   float64 `json:"actual"`
	// BiasPct is by how many percent more was expected than came; 0 where nothing came.
	BiasPct float64 `json:"bias_pct"`
	// MAE and RMSE are the mean absolute and the root of the mean squared error of a customer.
	MAE  float64 `json:"mae"`
	RMSE float64 `json:"rmse"`
}

// BacktestResult is how well a model that was fitted at an origin forecast what came after.
type BacktestResult struct {
	Model     ValueModel `json:"model"`
	SpanDays  float64    `json:"span_days"`
	Customers int        `json:"customers"`
	Orders    Against    `json:"orders"`
	// Revenue is neither margin nor discounted, of those customers who are valued; nil where
	// amounts are not known. Purchases of an unknown amount are left out of both sides: of what
	// was expected, their share of all.
	Revenue *Against `json:"revenue,omitempty"`
	// Active is the quality of the probability of a purchase within the span; nil where all
	// bought, or none did. Its slope is 0 where all are given the same. ByRecency is the AUC
	// of the time since the last purchase alone.
	Active    *predict.Quality `json:"active,omitempty"`
	ByRecency float64          `json:"by_recency_auc,omitempty"`
	// Metrics are with intervals, and Base is the rule to be beaten; nil without Active.
	Metrics []card.Metric  `json:"metrics,omitempty"`
	Base    *card.Baseline `json:"base,omitempty"`
	// Covered is the share of customers whose number of purchases was within the 10 % and
	// the 90 % quantile of what was forecast: with whole numbers about .9 or more.
	Covered float64 `json:"covered"`
}

var errNoHoldout = errors.New("value: a backtest wants customers, and a span above 0")

// Backtest fits a model to what was known at an origin and measures what it says of the
// span of days after it. Who cannot be is left out. Where the model's status is not ok there is nothing to measure.
func Backtest(holdouts []Holdout, span float64, o Options) (BacktestResult, error) {
	if len(holdouts) == 0 || !(span > 0) || math.IsInf(span, 0) {
		return BacktestResult{}, errNoHoldout
	}
	fine := make([]Holdout, 0, len(holdouts))
	customers := make([]Customer, 0, len(holdouts))
	for _, h := range holdouts {
		if h.check() == nil && h.Revenue <= MostMoney {
			fine, customers = append(fine, h), append(customers, h.Customer)
		}
	}
	holdouts = fine
	m, err := FitValue(customers, o)
	if err != nil {
		return BacktestResult{}, err
	}
	out := BacktestResult{Model: m, SpanDays: span, Customers: len(holdouts)}
	if m.Status == card.OK {
		out.measure(holdouts)
	}
	return out, nil
}

func (b *BacktestResult) measure(holdouts []Holdout) {
	var orders, revenue tally
	active := make([]predict.Forecast, len(holdouts))
	silence := make([]predict.Forecast, len(holdouts))
	longest, covered := 0.0, 0
	var within ordersDistribution
	bought, priced := 0.0, 0.0
	for _, h := range holdouts {
		longest = max(longest, h.Age-h.Recency)
		if h.Purchases > 0 {
			bought, priced = bought+float64(h.Orders), priced+float64(h.Orders-h.Unpriced)
		}
	}
	known := 1.0 // the share of purchases of which the amount is
	if bought > 0 {
		known = priced / bought
	}
	for i, h := range holdouts {
		expected := b.Model.Expected(h.History, b.SpanDays)
		orders.add(expected, float64(h.Orders))
		if b.Model.Worth != nil && h.Purchases > 0 {
			revenue.add(known*expected*b.Model.Worth.Expected(h.Spend), h.Revenue)
		}
		happens := h.Orders > 0
		active[i] = predict.Forecast{P: b.Model.Active(h.History, b.SpanDays), Happens: happens}
		silence[i] = predict.Forecast{P: 1 - (h.Age-h.Recency)/max(longest, 1), Happens: happens}
		within.ordersWithin(b.Model.Params, h.History, b.SpanDays)
		if n := float64(h.Orders); within.quantile(0.1) <= n && n <= within.quantile(0.9) {
			covered++
		}
	}
	b.Orders = orders.against()
	if revenue.n > 0 {
		r := revenue.against()
		b.Revenue = &r
	}
	if bought := predict.QualityOf(silence); bought.Happened > 0 && bought.Happened < bought.N {
		b.ByRecency = bought.AUC
		b.judge(active, &orders)
	}
	b.Covered = float64(covered) / float64(len(holdouts))
}

// tally adds up what was expected and what came.
type tally struct {
	n, expected, actual, absolute, squares float64
	// of what came, and that times what was expected
	actualSquares, products, expectedSquares float64
}

func (t *tally) add(expected, actual float64) {
	off := expected - actual
	t.n++
	t.expected += expected
	t.actual += actual
	t.absolute += math.Abs(off)
	t.squares += off * off
	t.actualSquares += actual * actual
	t.products += expected * actual
	t.expectedSquares += expected * expected
}

func (t tally) against() Against {
	out := Against{Expected: t.expected, Actual: t.actual, MAE: t.absolute / t.n, RMSE: math.Sqrt(t.squares / t.n)}
	if t.actual > 0 {
		out.BiasPct = 100 * (t.expected/t.actual - 1)
	}
	return out
}

// bias is the expected sum over the actual one, less 1, with the interval of a ratio of sums
// over customers (linearised). Something has to have come.
func (t tally) bias() card.Interval {
	ratio := t.expected / t.actual
	variance := t.expectedSquares - 2*ratio*t.products + ratio*ratio*t.actualSquares
	return around(ratio-1, math.Sqrt(max(0, variance))/t.actual)
}
