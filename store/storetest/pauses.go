package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// strict pauses a program at the third bounce or complaint of ten mails.
var strict = survey.Guard{Bounces: 0.2, Complaints: 0.2, Least: 10, Within: survey.Span(24 * time.Hour)}

// wave mails contacts from to to-1.
func (w world) wave(at time.Time, from, to int) []string {
	w.Helper()
	var contacts []int
	for i := from; i < to; i++ {
		contacts = append(contacts, i)
	}
	return w.invite(at, contacts...)
}

func (w world) pauses() []store.Pause {
	w.Helper()
	pauses, err := w.Pauses(w.Context())
	w.must(err)
	return pauses
}

var pauseCases = map[string]func(world){
	"a program pauses itself, once, until it is resumed": func(w world) {
		w.saveContacts(30)
		ids := w.wave(start, 0, 10)
		require.Empty(w.T, w.tellGuarded(strict, start, told(survey.MailBounced, ids[:2]...)).Paused)
		require.Empty(w.T, w.tellGuarded(strict, start, told(survey.MailBounced, ids[:2]...)).Paused, "the same again")
		want := store.Pause{Program: programID, Why: survey.MailBounced, Mails: 10, Events: 3, At: start}
		taken := w.tellGuarded(strict, start, told(survey.MailBounced, ids[2]), toldOf(store.MailReminder, survey.MailBounced, ids[2]))
		require.Equal(w.T, []store.Pause{want}, taken.Paused)
		require.Equal(w.T, taken.Paused, w.pauses())
		require.Empty(w.T, w.tellGuarded(strict, start, told(survey.MailComplaint, ids[3:7]...)).Paused, "it is paused already")

		resumed := start.Add(time.Minute)
		w.must(w.Resume(w.Context(), programID, resumed))
		require.Empty(w.T, w.pauses())
		require.ErrorIs(w.T, w.Resume(w.Context(), programID, resumed), store.ErrNotFound)
		require.Empty(w.T, w.tellGuarded(strict, resumed, told(survey.MailBounced, ids[7:]...)).Paused, "an operator knows of those")
		next := w.wave(resumed, 10, 20)
		require.Len(w.T, w.tellGuarded(strict, resumed, told(survey.MailComplaint, next[:3]...)).Paused, 1)
		require.Equal(w.T, survey.MailComplaint, w.pauses()[0].Why)
	},

	"old mails are not counted": func(w world) {
		w.saveContacts(30)
		old := w.wave(start, 0, 10)
		later := start.Add(25 * time.Hour)
		w.wave(later, 10, 20)
		require.Empty(w.T, w.tellGuarded(strict, later, told(survey.MailComplaint, old...)).Paused)
	},

	"each program for itself": func(w world) {
		w.saveContacts(10)
		ids := w.wave(start, 0, 10)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(10, -1)}, nil))
		w.addEvents(1)
		req := w.admitRequest(w.claim(store.TopicEvent, start).ID, start, 10)
		req.Program = "other"
		other, err := w.Store.Admit(w.Context(), req)
		w.must(err)
		w.must(w.MarkSent(w.Context(), []string{other[0].ID}, start, start.Add(expiry)))
		taken := w.tellGuarded(strict, start, told(survey.MailBounced, ids[:3]...), told(survey.MailBounced, other[0].ID))
		require.Len(w.T, taken.Paused, 1)
		require.Equal(w.T, programID, taken.Paused[0].Program)
		require.ErrorIs(w.T, w.Resume(w.Context(), "other", start), store.ErrNotFound)
	},

	"many deliveries at once pause it once": func(w world) {
		w.saveContacts(10)
		ids := w.wave(start, 0, 10)
		paused := 0
		for _, taken := range atOnce(w, 8, func(i int) (store.MailEventsTaken, error) {
			return w.TakeMailEvents(w.Context(), store.MailEventsRequest{Events: told(survey.MailBounced, ids[i:i+3]...), Now: start, Guard: strict})
		}) {
			paused += len(taken.Paused)
		}
		require.Equal(w.T, 1, paused)
	},
}
