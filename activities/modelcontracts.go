package activities

import (
	"context"
	"fmt"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// contractFit is a model of contracts with the bias of its backtest, in per cent; nil
// without one.
type contractFit struct {
	value.ContractModel
	BiasPct *float64 `json:"bias_pct,omitempty"`
}

// contractSample bounds the contracts that are fitted, which have many terms each.
const contractSample = 40_000

// fitContracts fits what contracts will bring.
func (m *Models) fitContracts(ctx context.Context, run store.ModelRun) (any, card.Card, error) {
	chosen := newSample[value.Agreement](contractSample)
	customers, contracts := 0, 0
	var seen span
	err := m.eachHistory(ctx, run, func(h store.CustomerHistory) {
		if len(h.Subscriptions) > 0 {
			customers++
		}
		for i, s := range h.Subscriptions {
			if a, ok := m.agreement(h.Key, i, s); ok {
				chosen.add(a.ID, a)
				seen.add(a.Start)
				contracts++
			}
		}
	})
	if err != nil {
		return nil, card.Card{}, err
	}
	now := dayOf(run.At)
	model, err := value.FitAgreements(chosen.kept(), now, m.valued())
	if err != nil {
		return nil, card.Card{}, unfit(err)
	}
	b, err := value.BacktestAgreements(chosen.kept(), now-value.Year)
	if err != nil {
		return nil, card.Card{}, unfit(err)
	}
	c := b.Card(now - value.Year)
	c.AsOf = now
	c.Data.Customers, c.Data.From, c.Data.To, c.Data.Counts = customers, seen.from, now, map[string]int{"contracts": contracts}
	c.Data.Sampled = model.Accounts
	c.Lasting = model.Lasting()
	leaveOut(&c, model.LeftOut, "Contracts")
	fit := contractFit{ContractModel: model}
	if b.Left != nil {
		fit.BiasPct = &b.Revenue.BiasPct
	}
	return fit, c, nil
}

// agreement is false of a subscription whose period is not known, or that is told of a time
// before 1970.
func (m *Models) agreement(customer string, i int, s survey.Subscription) (value.Agreement, bool) {
	start := dayOf(s.StartedAt)
	return value.Agreement{
		ID: fmt.Sprintf("%s#%d", customer, i), Start: start, End: endAfter(s, start), TermDays: monthDays * float64(s.Months), RevenueYear: m.yearly(s),
	}, start > 0 && s.Months > 0
}
