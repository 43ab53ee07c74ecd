package survey

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var toldAt = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)

// eventTelling is an event of a shop with data written as JSON.
func eventTelling(t *testing.T, kind, data string) Event {
	t.Helper()
	e := Event{ID: "e1", Source: "shop", Type: kind, Time: toldAt, CRM: "shop"}
	require.NoError(t, json.Unmarshal([]byte(data), &e.Data))
	return e
}

func TestBehaviourOf(t *testing.T) {
	t.Parallel()
	day := func(text string) time.Time {
		at, err := ParseMoment(text)
		require.NoError(t, err)
		return at
	}
	known := func(b Behaviour) Behaviour {
		b.CRM, b.Source, b.ID = "shop", "shop", "1001"
		b.Contact = Tell("shop/77", toldAt)
		return b
	}
	guess := Tell(Start{At: toldAt, Guessed: true}, toldAt)
	euros := Tell(Worth{Amount: 4990, Currency: "EUR"}, toldAt)
	for name, c := range map[string]struct {
		kind, data string
		want       Behaviour
	}{
		"an order": {
			"order.placed", `"order": {"id": 1001, "amount": 49.9, "currency": "eur"}`,
			Behaviour{Kind: PurchaseKind, Start: guess, Worth: euros},
		},
		"an order that was made before, of an account": {
			"order.delivered", `"order": {"id": "1001", "at": "2026-11-18"}, "account": {"id": "7"}`,
			Behaviour{Kind: PurchaseKind, Start: Tell(Start{At: day("2026-11-18")}, toldAt), Account: Tell("shop/7", toldAt)},
		},
		"a refund": {
			"order.refunded", `"order": {"id": "1001"}, "refund": {"amount": "10.00"}`,
			Behaviour{Kind: PurchaseKind, Changes: []BehaviourChange{{ID: "e1", What: Refunded, At: toldAt, Amount: 1000, AsOf: toldAt}}},
		},
		"a refund with a name": {
			"order.refunded", `"order": {"id": "1001"}, "refund": {"id": 5, "amount": 10}`,
			Behaviour{Kind: PurchaseKind, Changes: []BehaviourChange{{ID: "5", What: Refunded, At: toldAt, Amount: 1000, AsOf: toldAt}}},
		},
		"a cancelled order": {
			"order.canceled", `"order": {"id": "1001"}`, Behaviour{Kind: PurchaseKind, End: Tell(toldAt, toldAt)},
		},
		"a subscription": {
			"subscription.started", `"subscription": {"id": "1001", "amount": 49.9, "currency": "EUR", "months": 1, "renews_at": "2026-12-20"}`,
			Behaviour{Kind: SubscriptionKind, Start: guess, Worth: euros, RenewsAt: Tell(day("2026-12-20"), toldAt), Months: Tell(1, toldAt)},
		},
		"a renewal": {
			"subscription.renewed", `"subscription": {"id": "1001", "started_at": "2025-11-20", "renews_at": "2027-11-20"}`,
			Behaviour{
				Kind: SubscriptionKind, Start: Tell(Start{At: day("2025-11-20")}, toldAt), RenewsAt: Tell(day("2027-11-20"), toldAt),
				Changes: []BehaviourChange{{ID: "e1", What: Renewed, At: toldAt, AsOf: toldAt}},
			},
		},
		"a subscription that will end": {
			"subscription.cancelled", `"subscription": {"id": "1001", "ends_at": "2026-12-31"}`,
			Behaviour{Kind: SubscriptionKind, End: Tell(day("2026-12-31"), toldAt)},
		},
		"a subscription that goes on after all": {
			"subscription.updated", `"subscription": {"id": "1001", "ends_at": null}`,
			Behaviour{Kind: SubscriptionKind, Start: guess, End: Tell(time.Time{}, toldAt)},
		},
		"a ticket": {"ticket.opened", `"ticket": {"id": "1001"}`, Behaviour{Kind: TicketKind, Start: guess}},
		"a ticket that is closed": {
			"ticket.solved", `"ticket": {"id": "1001", "opened_at": "2026-11-19T08:00:00+01:00"}`,
			Behaviour{Kind: TicketKind, Start: Tell(Start{At: day("2026-11-19T07:00:00Z")}, toldAt), End: Tell(toldAt, toldAt)},
		},
		"a ticket that is open again": {
			"ticket.reopened", `"ticket": {"id": "1001"}`, Behaviour{Kind: TicketKind, Start: guess, End: Tell(time.Time{}, toldAt)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, ok, err := BehaviourOf(eventTelling(t, c.kind, `{"contact": {"id": "77"}, `+c.data+`}`))
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, known(c.want), b)
		})
	}
}

func TestBehaviourOfOtherEvents(t *testing.T) {
	t.Parallel()
	for _, e := range []Event{
		eventTelling(t, "order.delivered", `{"order": {"number": 1001}}`),
		eventTelling(t, "order.delivered", `{}`),
		eventTelling(t, "order.delivered", `{"order": "1001"}`),
		eventTelling(t, "festival.ended", `{"order": {"id": "1", "amount": 5}}`),
		{Type: "ticket.changed", Object: &Object{Type: ObjectTicket, ID: "1"}, Data: map[string]any{"ticket": map[string]any{"id": "1"}}},
	} {
		_, ok, err := BehaviourOf(e)
		require.NoError(t, err, e)
		require.False(t, ok, e)
	}
}

func TestBehaviourOfNamesThePlace(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct{ kind, data string }{
		"order.id is missing: without it nobody can tell one from another":                           {"order.placed", `"order": {"amount": 5, "currency": "EUR"}`},
		"order.id is neither text nor a number":                                                      {"order.placed", `"order": {"id": {}}`},
		"order.amount is not an amount: want digits with a decimal point, such as 1234.50":           {"order.placed", `"order": {"id": 1, "amount": "-5", "currency": "EUR"}`},
		"order.currency is missing: an amount needs one, such as EUR (ISO 4217)":                     {"order.placed", `"order": {"id": 1, "amount": 5}`},
		"order.currency is not a currency's code of three letters, such as EUR (ISO 4217)":           {"order.placed", `"order": {"id": 1, "amount": 5, "currency": "€"}`},
		"order.at is later than the event itself":                                                    {"order.placed", `"order": {"id": 1, "at": "2026-11-25"}`},
		"order.at is not a moment: want 2006-01-02T15:04:05Z (RFC 3339) or 2006-01-02":               {"order.placed", `"order": {"id": 1, "at": "25.11.2026"}`},
		"refund.amount is missing: want what was given back, in the currency of the order":           {"order.refunded", `"order": {"id": 1}`},
		"subscription.months is not a period: want whole months, 1 to 120":                           {"subscription.started", `"subscription": {"id": 1, "months": "0.5"}`},
		"subscription.renews_at is not a moment: want 2006-01-02T15:04:05Z (RFC 3339) or 2006-01-02": {"subscription.started", `"subscription": {"id": 1, "renews_at": "9999-01-01"}`},
		"ticket.closed_at is later than the event itself":                                            {"ticket.closed", `"ticket": {"id": 1, "closed_at": "2027-01-01"}`},
	} {
		_, _, err := BehaviourOf(eventTelling(t, c.kind, `{`+c.data+`}`))
		require.EqualError(t, err, want)
	}
}

func FuzzBehaviourOf(f *testing.F) {
	f.Add("order.placed", `{"contact":{"id":"1"},"order":{"id":1,"amount":1e300,"currency":"eur"}}`)
	f.Add("order.refunded", `{"order":{"id":"x"},"refund":{"amount":"0.005"}}`)
	f.Add("subscription.renewed", `{"subscription":{"id":"x","months":12,"ends_at":null}}`)
	f.Add("ticket.closed", `{"ticket":{"id":[],"closed_at":"2026-11-01T00:00:00+23:59"}}`)
	f.Fuzz(func(t *testing.T, kind, data string) {
		e := Event{ID: "e", Source: "s", Type: kind, Time: toldAt, CRM: "shop"}
		if json.Unmarshal([]byte(data), &e.Data) != nil {
			return
		}
		b, ok, err := BehaviourOf(e)
		if err != nil || !ok {
			require.Zero(t, b)
			return
		}
		require.NotEmpty(t, b.ID)
		require.Contains(t, BehaviourKinds, b.Kind)
		require.GreaterOrEqual(t, b.Worth.Value.Amount, Hundredths(0))
		if !b.Worth.AsOf.IsZero() {
			require.True(t, ValidCurrency(b.Worth.Value.Currency))
		}
		require.Equal(t, b, b.Merge(b))
	})
}
