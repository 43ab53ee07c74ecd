package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/churn"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// What was cancelled, or refunded in full, is a purchase until then: nobody knew it before.
func TestModelsSeeACancellationWhenItComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m, _ := w.models(survey.ObjectContact)
	now := w.clock.Now()
	ago := func(days int) time.Time { return now.Add(-time.Duration(days) * day) }
	run := store.ModelRun{At: now}
	worth := &survey.Worth{Amount: 50_00, Currency: "EUR"}
	for name, p := range map[string]survey.Purchase{
		"cancelled": {At: ago(100), CancelledAt: ago(10), Worth: worth},
		"refunded":  {At: ago(100), Worth: worth, Refunds: []survey.Refund{{At: ago(15), Amount: 20_00}, {At: ago(10), Amount: 30_00}}},
	} {
		h := store.CustomerHistory{Key: "x", Purchases: []survey.Purchase{p}}
		_, bought := m.buyer(h, run).At(dayOf(now))
		require.False(t, bought, name)
		then, bought := m.buyer(h, run).At(dayOf(ago(20)))
		require.True(t, bought, name)
		require.InDelta(t, 50, then.Mean, 1e-9, name)
		require.Equal(t, []churn.Purchase{{At: dayOf(ago(100)), Cancelled: dayOf(ago(10)), Amount: 50}}, m.leaver(h, run).Purchases, name)
	}
	some := survey.Purchase{At: ago(100), Worth: worth, Refunds: []survey.Refund{{At: ago(15), Amount: 20_00}}}
	free := survey.Purchase{At: ago(90), Worth: &survey.Worth{Currency: "EUR"}}
	require.Equal(t, []churn.Purchase{{At: dayOf(ago(100)), Amount: 30}, {At: dayOf(ago(90))}},
		m.leaver(store.CustomerHistory{Purchases: []survey.Purchase{some, free}}, run).Purchases)
}

// What answers say goes into the model of who leaves, and what their comments sound like.
func TestModelsHearComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m, _ := w.models(survey.ObjectContact)
	at := w.clock.Now().Add(-40 * day)
	c := m.leaver(store.CustomerHistory{Key: "x", Answers: []store.PastAnswer{
		{Program: w.program.ID, Metric: survey.NPS, Score: 9, Sentiment: new(-0.8), At: at}, {Metric: survey.CES, Score: 4, At: at},
	}}, store.ModelRun{At: w.clock.Now()})
	require.Equal(t, []churn.Answer{
		{At: dayOf(at), Metric: "nps", Score: 0.9, Sentiment: new(-0.8)}, {At: dayOf(at), Metric: "ces", Score: 0.5},
	}, c.Answers)
}
