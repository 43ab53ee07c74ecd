package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func (w world) dirty(limit int) []store.SignalRow {
	w.Helper()
	rows, err := w.DirtySignals(w.Context(), "hubspot", limit)
	w.must(err)
	return rows
}

var signalCases = map[string]func(world){
	"records of one type, the changed values alone": func(w world) {
		w.saveContacts(3)
		ids := w.invite(start, 0, 1, 2)
		for _, id := range ids {
			w.done(id, start, 8)
		}
		w.record(start)
		accounts := w.dirty(10)
		require.Equal(w.T, []store.SignalRow{
			{ObjectType: survey.ObjectAccount, Record: w.accountRef(0), ObjectID: "a000", Values: map[string]string{"counts": "3/0/0"}},
		}, accounts)
		w.must(w.SignalsPushed(w.Context(), "hubspot", accounts, start))
		require.Len(w.T, w.dirty(2), 2, "up to the limit")
		contacts := w.dirty(10)
		require.Len(w.T, contacts, 3)
		require.Equal(w.T, map[string]string{
			survey.SignalNPSLast: "8", survey.SignalNPSBand: "passive", survey.SignalNPSLastAt: "2026-03-02T09:00:00Z",
		}, contacts[0].Values)
		other, err := w.DirtySignals(w.Context(), "other", 10)
		w.must(err)
		require.Empty(w.T, other)
		w.must(w.SignalsPushed(w.Context(), "hubspot", contacts, start))
		require.Empty(w.T, w.dirty(10))

		w.done(ids[0], start.Add(time.Minute), 7)
		require.Equal(w.T, []string{"hubspot"}, w.record(start.Add(time.Minute)).CRMs)
		require.Equal(w.T, []store.SignalRow{
			{ObjectType: survey.ObjectContact, Record: w.contactRef(0), ObjectID: "c000", Values: map[string]string{survey.SignalNPSLast: "7"}},
		}, w.dirty(10))
		w.done(ids[0], start.Add(2*time.Minute), 8)
		require.Empty(w.T, w.record(start.Add(2*time.Minute)).CRMs, "it is again what was pushed")
		require.Empty(w.T, w.dirty(10))
	},

	"a value that changed during the push stays": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.done(id, start, 7)
		w.record(start)
		w.signals(survey.ObjectAccount)
		w.done(id, start.Add(time.Minute), 8)
		w.record(start.Add(time.Minute))
		pushing := w.dirty(10)
		w.done(id, start.Add(time.Hour), 7)
		w.record(start.Add(time.Hour))
		w.must(w.SignalsPushed(w.Context(), "hubspot", pushing, start))
		require.Equal(w.T, "7", w.dirty(10)[0].Values[survey.SignalNPSLast])
	},

	"a refused value is not offered until it changes": func(w world) {
		w.saveContacts(1)
		id := w.invite(start, 0)[0]
		w.done(id, start, 7)
		w.record(start)
		w.signals(survey.ObjectAccount)
		set := func(at time.Time, score int) {
			w.done(id, at, score)
			w.record(at)
		}
		set(start.Add(time.Minute), 8)
		w.must(w.SignalsRefused(w.Context(), "hubspot", w.dirty(10), "read-only", start))
		require.Empty(w.T, w.dirty(10))
		set(start.Add(2*time.Minute), 7) // what the CRM has
		require.Empty(w.T, w.dirty(10))
		set(start.Add(3*time.Minute), 8)
		require.Equal(w.T, "8", w.dirty(10)[0].Values[survey.SignalNPSLast], "it changed meanwhile")
	},

	"an older answer never replaces a newer one": func(w world) {
		w.saveContacts(1)
		older := w.invite(start, 0)[0]
		w.done(older, start, 2)
		later := start.Add(quarantine)
		newer := w.invite(later, 0)[0]
		w.done(newer, later, 9)
		w.record(later) // both in one batch
		require.Equal(w.T, "9", w.signals(survey.ObjectContact)["c000"][survey.SignalNPSLast])
		w.done(older, later.Add(time.Hour), 1)
		w.record(later.Add(time.Hour))
		require.NotContains(w.T, w.signals(survey.ObjectContact)["c000"], survey.SignalNPSLast)
	},

	"an account counts each contact's latest response": func(w world) {
		w.saveContacts(2)
		later := start.Add(quarantine)
		for _, id := range w.invite(start, 0, 1) {
			w.done(id, start, 2)
		}
		w.record(start)
		require.Equal(w.T, "2/0/2", w.signals(survey.ObjectAccount)["a000"]["counts"])
		second := w.invite(later, 0)[0]
		w.done(second, later, 10)
		w.record(later)
		require.Equal(w.T, "2/1/1", w.signals(survey.ObjectAccount)["a000"]["counts"])
	},

	"only responses to NPS programs count for the account": func(w world) {
		w.saveContacts(1)
		req := w.answerRequest(w.invite(start, 0)[0], start, survey.Answer{Score: 5, Done: true})
		req.Band = survey.Satisfied
		_, err := w.SaveAnswer(w.Context(), req)
		w.must(err)
		w.record(start)
		require.Empty(w.T, w.signals(survey.ObjectAccount))
	},
}
