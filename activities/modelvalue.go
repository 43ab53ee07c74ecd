package activities

import (
	"context"
	"hash/fnv"

	"go.temporal.io/sdk/activity"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// FitValue fits what customers are worth, by their contracts or by their purchases.
func (m *Models) FitValue(ctx context.Context, in ModelsRef) (Fitted, error) {
	if m.Rules.Contracts {
		return m.fit(ctx, in, ValueModel, m.fitContracts)
	}
	return m.fit(ctx, in, ValueModel, m.fitValue)
}

// backtestSample bounds the customers of a backtest.
const backtestSample = 100_000

func (m *Models) fitValue(ctx context.Context, run store.ModelRun) (any, card.Card, error) {
	options := value.Options{Margin: m.Rules.Margin, DiscountYear: m.Rules.DiscountRate}
	now := dayOf(run.At)
	var customers []value.Customer
	var seen span
	year, quarter := newSample[value.Holdout](backtestSample), newSample[value.Holdout](backtestSample)
	err := m.eachHistory(ctx, run, func(h store.CustomerHistory) {
		buyer := []value.Buyer{m.buyer(h, run)}
		c, bought := buyer[0].At(now)
		if !bought {
			return
		}
		customers = append(customers, c)
		for _, p := range buyer[0].Purchases {
			seen.add(p.Day)
		}
		for _, past := range value.HoldoutAt(buyer, now-value.Year, value.Year) {
			year.add(h.Key, past)
		}
		for _, past := range value.HoldoutAt(buyer, now-value.Quarter, value.Quarter) {
			quarter.add(h.Key, past)
		}
	})
	if err != nil {
		return nil, card.Card{}, err
	}
	model, err := value.FitValue(customers, options)
	if err != nil {
		return nil, card.Card{}, unfit(err)
	}
	fit, c, err := tested(model, options, now, []past{{value.Year, year}, {value.Quarter, quarter}})
	if err != nil {
		return nil, card.Card{}, unfit(err)
	}
	c.AsOf, c.Horizon = now, value.Year
	c.Data.Customers, c.Data.Sampled = len(customers), len(customers)
	c.Data.From, c.Data.To, c.Data.Counts = seen.from, seen.to, map[string]int{"purchases": seen.n}
	return fit, c, nil
}

// valueFit is a model with the bias of its backtest, in per cent; nil without one.
type valueFit struct {
	value.ValueModel
	BiasPct *float64 `json:"bias_pct,omitempty"`
}

// past are customers as they were a span ago, with what they bought since.
type past struct {
	days float64
	of   *sample[value.Holdout]
}

// tested tests a model on the longest past of which enough is known.
func tested(model value.ValueModel, o value.Options, now float64, pasts []past) (valueFit, card.Card, error) {
	fit := valueFit{ValueModel: model}
	for _, p := range pasts {
		holdouts := p.of.kept()
		if model.Status != card.OK || len(holdouts) == 0 {
			continue
		}
		result, err := value.Backtest(holdouts, p.days, o)
		if err != nil {
			return valueFit{}, card.Card{}, err
		}
		if result.Model.Status != card.OK {
			continue
		}
		if fit.BiasPct = &result.Orders.BiasPct; result.Revenue != nil {
			fit.BiasPct = &result.Revenue.BiasPct
		}
		return fit, result.Card(now - p.days), nil
	}
	c := value.BacktestResult{Model: model}.Card(now)
	if model.Status == card.OK {
		c.Status, c.Reasons = card.ThinData, []string{"Too little was known a quarter ago to test the model on what came after."}
	}
	return fit, c, nil
}

// span is from the first to the last of some days.
type span struct {
	from, to float64
	n        int
}

func (s *span) add(day float64) {
	if s.n == 0 {
		s.from, s.to = day, day
	}
	s.from, s.to = min(s.from, day), max(s.to, day)
	s.n++
}

// buyer is what somebody bought. What was cancelled was not bought, and what was paid in
// another currency has no amount.
func (m *Models) buyer(h store.CustomerHistory, run store.ModelRun) value.Buyer {
	b := value.Buyer{Purchases: make([]value.Purchase, 0, len(h.Purchases))}
	for _, p := range h.Purchases {
		if stands(p) {
			b.Purchases = append(b.Purchases, value.Purchase{Day: dayOf(p.At), Amount: m.amount(p, run)})
		}
	}
	return b
}

// stands reports whether a purchase was not cancelled, as far as a snapshot knows.
func stands(p survey.Purchase) bool { return p.CancelledAt.IsZero() }

// amount is what was paid, after refunds, 0 where that is not known in the one currency.
func (m *Models) amount(p survey.Purchase, run store.ModelRun) float64 {
	net, known := p.NetAt(run.At)
	if !known || net.Currency != m.Rules.Currency {
		return 0
	}
	return float64(net.Amount) / 100
}

// eachHistory reads all customers until a run's moment.
func (m *Models) eachHistory(ctx context.Context, run store.ModelRun, do func(store.CustomerHistory)) error {
	page := store.SnapshotPage{Of: m.Rules.Customer, Until: run.At, Limit: historiesAtOnce}
	for {
		histories, err := m.Store.Snapshot(ctx, page)
		if err != nil {
			return err
		}
		for _, h := range histories {
			do(h)
		}
		activity.RecordHeartbeat(ctx)
		if len(histories) < page.Limit {
			return nil
		}
		page.After = histories[len(histories)-1].Key
	}
}

// sample is up to limit of many, chosen by the hash of their keys alone: the same ones
// whatever their order.
type sample[T any] struct {
	limit int
	// below is what the hash of those who are kept is below.
	below uint64
	rows  []hashed[T]
}

type hashed[T any] struct {
	hash uint64
	of   T
}

func newSample[T any](limit int) *sample[T] { return &sample[T]{limit: limit, below: 1<<64 - 1} }

func (s *sample[T]) add(key string, row T) {
	h := fnv.New64a()
	h.Write([]byte(key)) // never fails
	hash := mix(h.Sum64())
	if hash >= s.below {
		return
	}
	s.rows = append(s.rows, hashed[T]{hash, row})
	for len(s.rows) > s.limit {
		s.below /= 2
		kept := s.rows[:0]
		for _, r := range s.rows {
			if r.hash < s.below {
				kept = append(kept, r)
			}
		}
		clear(s.rows[len(kept):])
		s.rows = kept
	}
}

// mix spreads what similar keys differ in over all bits (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func (s *sample[T]) kept() []T {
	out := make([]T, len(s.rows))
	for i, r := range s.rows {
		out[i] = r.of
	}
	return out
}
