package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/churn"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// What the model of churn is told of a customer is what it takes.
func TestLeaver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m, _ := w.models(survey.ObjectContact)
	at, long := dayOf(start), time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)
	in := func(amount survey.Hundredths, currency string) *survey.Worth {
		return &survey.Worth{Amount: amount, Currency: currency}
	}
	h := store.CustomerHistory{
		Key: "hubspot:x",
		Purchases: []survey.Purchase{
			{At: start, Worth: in(50_00, "EUR"), Refunds: []survey.Refund{{At: start.Add(day), Amount: 10_00}}},
			{At: start, Worth: in(50_00, "USD")}, {At: start}, {At: start, CancelledAt: start.Add(day)}, {At: long},
		},
		Subscriptions: []survey.Subscription{
			{StartedAt: start, Worth: in(10_00, "EUR"), Months: 1}, {StartedAt: start, EndsAt: start.Add(day)}, {StartedAt: long},
		},
		Tickets:     []survey.Ticket{{OpenedAt: start}, {OpenedAt: start, ClosedAt: start.Add(day)}},
		Invitations: []store.PastInvitation{{AskedAt: start}, {AskedAt: start, AnsweredAt: start.Add(day)}},
		Answers: []store.PastAnswer{
			{Program: w.program.ID, Metric: survey.NPS, Score: 9, At: start, Sentiment: new(-0.5)}, {Program: "gone", Metric: survey.CSAT, Score: 4, At: start},
			{Program: "gone", Metric: survey.CSAT, Score: 10, At: start}, {Program: "gone", Metric: survey.CES, Score: 1, At: start},
		},
		Cases: []store.PastCase{{OpenedAt: start}, {OpenedAt: start, EndedAt: start.Add(day)}},
	}
	got := m.leaver(h, store.ModelRun{At: start.Add(2 * day)})
	require.Equal(t, churn.Customer{
		ID:          "hubspot:x",
		Purchases:   []churn.Purchase{{At: at, Amount: 40}, {At: at}, {At: at}, {At: at, Cancelled: at + 1}},
		Contracts:   []churn.Contract{{Start: at, Term: monthDays, Amount: 120}, {Start: at, End: at + 1}},
		Tickets:     []churn.Ticket{{Opened: at}, {Opened: at, Closed: at + 1}},
		Invitations: []churn.Invitation{{Sent: at}, {Sent: at, Answered: at + 1}},
		Answers: []churn.Answer{
			{At: at, Metric: "nps", Score: 0.9, Sentiment: new(-0.5)}, {At: at, Metric: "csat", Score: 0.75}, {At: at, Metric: "csat", Score: 1}, {At: at, Metric: "ces"},
		},
		Cases: []churn.Case{{Opened: at}, {Opened: at, Ended: at + 1}},
	}, got)
	_, _, err := churn.Fit([]churn.Customer{got}, churn.Options{AsOf: at + 2})
	require.NoError(t, err)
}
