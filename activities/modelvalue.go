package activities

import (
	"context"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/value"
	"github.com/cxloop/cxloop/store"
)

// FitValue fits what customers are worth, by their contracts or by their purchases.
func (m *Models) FitValue(ctx context.Context, in ModelsRef) (Fitted, error) {
	if m.Rules.Contracts {
		return m.fit(ctx, in, ValueModel, leapless[contractFit](m, in, m.fitContracts))
	}
	return m.fit(ctx, in, ValueModel, leapless[valueFit](m, in, m.fitValue))
}

// backtestSample bounds the customers of a backtest.
const backtestSample = 100_000

func (m *Models) fitValue(ctx context.Context, run store.ModelRun) (any, card.Card, error) {
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
			if p.Cancelled == 0 {
				seen.add(p.Day)
			}
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
	model, err := value.FitValue(customers, m.valued())
	if err != nil {
		return nil, card.Card{}, unfit(err)
	}
	fit, c, err := tested(model, m.valued(), now, []past{{value.Year, year}, {value.Quarter, quarter}})
	if err != nil {
		return nil, card.Card{}, unfit(err)
	}
	c.AsOf, c.Horizon = now, value.Year
	c.Reasons = append(c.Reasons, model.Warnings...)
	c.Data.Customers, c.Data.Sampled = len(customers), len(customers)-model.LeftOut.N()
	c.Data.Recency = model.Bands(customers)
	leaveOut(&c, model.LeftOut, "Customers")
	c.Data.From, c.Data.To, c.Data.Counts = seen.from, seen.to, map[string]int{"purchases": seen.n}
	return fit, c, nil
}

// leaveOut says who was left out of a fit, and why.
func leaveOut(c *card.Card, who card.LeftOut, what string) {
	if c.Data.LeftOut = who; who.N() > 0 {
		c.Reasons = append(c.Reasons, who.Sentence(what))
	}
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
