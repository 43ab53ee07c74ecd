package activities

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func (w *world) behaviour(client crm.CRM) *Behaviour {
	return &Behaviour{Store: w.store, CRMs: map[string]crm.CRM{crmID: client}, Clock: w.clock, Log: silent}
}

// toldOf puts events into the inbox and returns their batch.
func (w *world) toldOf(events ...survey.Event) BehaviourRef {
	w.Helper()
	var items []store.Item
	for _, e := range events {
		e.ID, e.CRM = w.newID(), crmID
		payload, err := json.Marshal(e)
		w.must(err)
		items = append(items, store.Item{Topic: store.TopicBehaviour, Lane: crmID, Source: "s", Key: e.ID, Payload: payload, DueAt: w.clock.Now()})
	}
	_, err := w.store.AddItems(w.Context(), items)
	w.must(err)
	return BehaviourRef{CRM: crmID, Batch: w.claim(store.TopicBehaviour)}
}

func (w *world) histories(of string) map[string]store.CustomerHistory {
	w.Helper()
	page, err := w.store.Snapshot(w.Context(), store.SnapshotPage{Of: of, Until: time.Now().Add(time.Hour), Limit: 100})
	w.must(err)
	out := map[string]store.CustomerHistory{}
	for _, c := range page {
		out[c.Key] = c
	}
	return out
}

func TestTakeBehaviour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	order := func(kind, order string, at time.Time) survey.Event {
		e := survey.Event{Source: "shop", Type: kind, Time: at}
		w.must(json.Unmarshal([]byte(`{"contact":{"id":"77"},"order":`+order+`}`), &e.Data))
		return e
	}
	at := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	batch := w.toldOf(
		order("order.cancelled", `{"id":2}`, at.Add(time.Hour)),
		order("order.placed", `{"id":1,"amount":"10.50","currency":"EUR"}`, at),
		order("order.delivered", `{"id":1}`, at.Add(time.Hour)),
	)
	saved, err := w.behaviour(nil).TakeBehaviour(w.Context(), batch)
	w.must(err)
	require.Equal(t, store.BehaviourSaved{New: 2}, saved)
	saved, err = w.behaviour(nil).TakeBehaviour(w.Context(), batch)
	w.must(err)
	require.Zero(t, saved, "repeated")
	_, err = w.behaviour(nil).TakeBehaviour(w.Context(), w.toldOf(order("order.placed", `{"id":2,"amount":5,"currency":"EUR"}`, at)))
	w.must(err)
	for _, history := range w.histories(survey.ObjectContact) {
		require.Len(t, history.Purchases, 2)
		for _, p := range history.Purchases {
			require.Equal(t, at, p.At)
			require.Equal(t, p.Worth.Amount == 500, !p.CancelledAt.IsZero())
		}
	}
}
