package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/churn"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// FitChurn fits who will leave, and looks what has changed since the model was fitted that is
// used until now.
func (m *Models) FitChurn(ctx context.Context, in ModelsRef) (Fitted, error) {
	return m.fit(ctx, in, ChurnModel, m.fitChurn)
}

// churnSample bounds the customers that are held in memory. Half of them are left at least,
// as many as a fit uses.
const churnSample = 2 * churn.MaxCustomers

func (m *Models) fitChurn(ctx context.Context, run store.ModelRun) (any, card.Card, error) {
	chosen := newSample[churn.Customer](churnSample)
	customers := 0
	err := m.eachHistory(ctx, run, func(h store.CustomerHistory) {
		if c := m.leaver(h, run); len(c.Purchases) > 0 || len(c.Contracts) > 0 {
			chosen.add(c.ID, c)
			customers++
		}
	})
	if err != nil {
		return nil, card.Card{}, err
	}
	if err := m.lookForDrift(ctx, run, chosen.kept()); err != nil {
		return nil, card.Card{}, err
	}
	model, c, err := churn.Fit(chosen.kept(), churn.Options{Contractual: m.Rules.Contracts, AsOf: dayOf(run.At)})
	if err != nil {
		return nil, card.Card{}, unfit(err)
	}
	c.Data.Customers = customers
	leaveOut(&c, c.Data.LeftOut, "Customers")
	return model, c, nil
}

// unfit is for what no repetition helps.
func unfit(err error) error {
	return temporal.NewApplicationErrorWithOptions(err.Error(), FailurePermanent, temporal.ApplicationErrorOptions{NonRetryable: true})
}

// lookForDrift notes what has changed since the model was fitted that is used until now.
func (m *Models) lookForDrift(ctx context.Context, run store.ModelRun, customers []churn.Customer) error {
	used, err := m.Store.PublishedModel(ctx, ChurnModel.For(m.Rules))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var model churn.Model
	if err := json.Unmarshal(used.Model, &model); err != nil {
		return fmt.Errorf("model %s: %w", used.ID, err)
	}
	drift, err := model.Drift(customers, dayOf(run.At))
	if err != nil {
		return unfit(err)
	}
	told, err := json.Marshal(drift)
	if err != nil {
		return fmt.Errorf("drift of model %s: %w", used.ID, err)
	}
	return m.Store.NoteModelDrift(ctx, used.ID, told, drift.Status != card.OK)
}

// leaver is what the model of churn is to know of a customer. What is told of times before
// 1970 is not known.
func (m *Models) leaver(h store.CustomerHistory, run store.ModelRun) churn.Customer {
	c := churn.Customer{ID: h.Key}
	for _, p := range h.Purchases {
		if at := dayOf(p.At); at > 0 {
			amount, _ := m.amount(p, run)
			c.Purchases = append(c.Purchases, churn.Purchase{At: at, Cancelled: orNever(dayOf(takenBack(p))), Amount: amount})
		}
	}
	for _, s := range h.Subscriptions {
		if start := dayOf(s.StartedAt); start > 0 {
			c.Contracts = append(c.Contracts, churn.Contract{Start: start, End: endAfter(s, start), Term: monthDays * float64(s.Months), Amount: m.yearly(s)})
		}
	}
	for _, t := range h.Tickets {
		if at := dayOf(t.OpenedAt); at > 0 {
			c.Tickets = append(c.Tickets, churn.Ticket{Opened: at, Closed: orNever(dayOf(t.ClosedAt))})
		}
	}
	for _, i := range h.Invitations {
		c.Invitations = append(c.Invitations, churn.Invitation{Sent: dayOf(i.AskedAt), Answered: orNever(dayOf(i.AnsweredAt))})
	}
	for _, a := range h.Answers {
		c.Answers = append(c.Answers, churn.Answer{At: dayOf(a.At), Metric: string(a.Metric), Score: m.share(a), Sentiment: a.Sentiment})
	}
	for _, k := range h.Cases {
		c.Cases = append(c.Cases, churn.Case{Opened: dayOf(k.OpenedAt), Ended: orNever(dayOf(k.EndedAt))})
	}
	return c
}

// monthDays is how long a month of a subscription's period is on average.
const monthDays = 365.25 / 12

// orNever is 0 for the zero time, which lies far before 1970.
func orNever(day float64) float64 { return max(0, day) }

// endAfter is the end of a subscription, 0 where none is known.
func endAfter(s survey.Subscription, start float64) float64 {
	if s.EndsAt.IsZero() {
		return 0
	}
	return max(start, dayOf(s.EndsAt))
}

// yearly is what a subscription brings a year, 0 where that is not known in the one currency.
func (m *Models) yearly(s survey.Subscription) float64 {
	if s.Worth == nil || s.Worth.Currency != m.Rules.Currency || s.Months <= 0 {
		return 0
	}
	return float64(s.Worth.Amount) / 100 * 12 / float64(s.Months)
}

// share is where a score is on its scale, 0 to 1.
func (m *Models) share(a store.PastAnswer) float64 {
	p, known := m.Programs.Configured(a.Program)
	if !known || p.Metric != a.Metric {
		p = survey.Program{Metric: a.Metric}
	}
	low, high := p.Range()
	return min(1, max(0, float64(a.Score-low)/float64(high-low)))
}
