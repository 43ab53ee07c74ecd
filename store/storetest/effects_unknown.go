package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// unknownMail is an invitation of a contact of whose mail nobody can tell, with the key
// of its effect.
func (w world) unknownMail() (id, key string) {
	w.Helper()
	w.saveContacts(1)
	id = w.admit(start, 0)[0].ID
	key = store.MailEffect(store.MailInvite, id)
	w.begin(key)
	w.must(w.MarkUnknown(w.Context(), []string{id}, start, start.Add(expiry)))
	require.Equal(w.T, []string{key}, w.lose(start, key))
	return id, key
}

// unknownMails are four such invitations, of which the last was answered meanwhile.
func (w world) unknownMails() (ids []string) {
	w.Helper()
	w.saveContacts(4)
	for _, i := range w.admit(start, 0, 1, 2, 3) {
		ids = append(ids, i.ID)
		key := store.MailEffect(store.MailInvite, i.ID)
		w.begin(key)
		w.must(w.MarkUnknown(w.Context(), []string{i.ID}, start, start.Add(expiry)))
		w.lose(start, key)
	}
	w.done(ids[3], start, 9)
	return ids
}

// unknownAsk is the same of an ask.
func (w world) unknownAsk() (id, key string) {
	w.Helper()
	w.saveContacts(1)
	asks := w.admitAsks(w.promoters(start, 0), start.Add(askDelay))
	require.Len(w.T, asks, 1)
	id = asks[0].Ask.ID
	key = store.MailEffect(store.MailAsk, id)
	w.begin(key)
	w.must(w.MarkAsked(w.Context(), []string{id}, survey.AskUnknown, start))
	w.lose(start, key)
	return id, key
}

func (w world) subjects(keys ...string) map[string]store.EffectSubject {
	w.Helper()
	found, err := w.EffectSubjects(w.Context(), keys)
	w.must(err)
	return found
}

var unknownEffectCases = map[string]func(world){
	"what a vendor tells of is done": func(w world) {
		id, key := w.unknownMail()
		w.begin("pending", "done")
		w.must(w.EndEffects(w.Context(), []string{"done"}, "first", start))
		refs := map[string]string{key: "msg", "pending": "msg", "done": "msg", "none": "msg"}
		for _, want := range []int{2, 0} {
			proved, err := w.ProveEffects(w.Context(), refs, start.Add(time.Hour))
			w.must(err)
			require.Equal(w.T, want, proved)
		}
		begun := w.begin(key, "pending", "done", "none")
		require.Equal(w.T, []string{"none"}, begun.Act)
		got := map[string]string{}
		for _, e := range begun.Done {
			got[e.Key] = e.Ref
		}
		require.Equal(w.T, map[string]string{key: "msg", "pending": "msg", "done": "first"}, got)
		sent := w.stateOf(id)
		require.Equal(w.T, survey.InvitationSent, sent.State)
		require.Equal(w.T, []time.Time{start, start.Add(expiry)}, []time.Time{sent.SentAt, sent.ExpiresAt})
	},

	"an ask that a vendor tells of is sent": func(w world) {
		id, key := w.unknownAsk()
		_, err := w.ProveEffects(w.Context(), map[string]string{key: ""}, start.Add(time.Hour))
		w.must(err)
		require.Equal(w.T, survey.AskSent, w.ask(id).State)
		require.Equal(w.T, start.Add(time.Hour), w.ask(id).SentAt)
	},

	"what a vendor tells of an answered or waiting mail changes no more": func(w world) {
		id, key := w.unknownMail()
		w.done(id, start, 9)
		_, err := w.ProveEffects(w.Context(), map[string]string{key: ""}, start)
		w.must(err)
		require.Equal(w.T, survey.InvitationResponded, w.stateOf(id).State)
	},

	"an operator takes a mail as sent": func(w world) {
		id, key := w.unknownMail()
		w.must(w.AcceptEffect(w.Context(), key, start))
		require.Equal(w.T, survey.InvitationSent, w.stateOf(id).State)
		require.Empty(w.T, w.unknown())
		for _, key := range []string{key, "mail/invite/none", "slack/case/x"} {
			require.ErrorIs(w.T, w.AcceptEffect(w.Context(), key, start), store.ErrNotFound, key)
		}
	},

	"an operator has an invitation mailed again": func(w world) {
		id, key := w.unknownMail()
		begin, err := w.RepeatEffect(w.Context(), key, "again", start.Add(time.Hour))
		w.must(err)
		batch := store.InvitationBatch{Program: programID, Version: "v1", Batch: "again"}
		require.Equal(w.T, store.Stalled{Invitations: []store.InvitationBatch{batch}}, begin)
		require.Equal(w.T, survey.InvitationAdmitted, w.stateOf(id).State)
		unsent, err := w.Unsent(w.Context(), "again", start.Add(time.Hour))
		w.must(err)
		require.Equal(w.T, []string{id}, idsOf(unsent))
		admitted, err := w.Store.Admit(w.Context(), store.AdmitRequest{Batch: "again", Now: start})
		w.must(err)
		require.Len(w.T, admitted, 1, "the workflow of the new batch finds it admitted")
		stalled, err := w.Stalled(w.Context(), start.Add(2*time.Hour))
		w.must(err)
		require.Equal(w.T, begin.Invitations, stalled.Invitations, "housekeeping finds it too")
		require.Equal(w.T, []string{key}, w.begin(key).Act)
		_, err = w.RepeatEffect(w.Context(), key, "more", start)
		require.ErrorIs(w.T, err, store.ErrNotFound, "it is pending now")
	},

	"an operator has all invitations of a program mailed again": func(w world) {
		ids := w.unknownMails()
		newBatch := func() string { return "again" }
		for program, want := range map[string]int{"other": 0, programID: 3} {
			again, mails, err := w.RepeatInvitations(w.Context(), program, newBatch, start.Add(time.Hour))
			w.must(err)
			require.Equal(w.T, want, mails)
			if want > 0 {
				require.Equal(w.T, []store.InvitationBatch{{Program: programID, Version: "v1", Batch: "again"}}, again)
			}
		}
		unsent, err := w.Unsent(w.Context(), "again", start.Add(time.Hour))
		w.must(err)
		require.ElementsMatch(w.T, ids[:3], idsOf(unsent), "but for who answered")
		require.Equal(w.T, survey.InvitationResponded, w.stateOf(ids[3]).State)
		admitted, err := w.Store.Admit(w.Context(), store.AdmitRequest{Batch: "again", Now: start})
		w.must(err)
		require.Len(w.T, admitted, 3)
		_, mails, err := w.RepeatInvitations(w.Context(), programID, newBatch, start)
		w.must(err)
		require.Zero(w.T, mails)
	},

	"an operator takes all mails of a program as sent": func(w world) {
		ids := w.unknownMails()
		reminder := store.MailEffect(store.MailReminder, ids[0])
		w.begin(reminder)
		w.lose(start, reminder)
		for program, want := range map[string]int{"other": 0, programID: 5} {
			mails, err := w.AcceptMails(w.Context(), program, start)
			w.must(err)
			require.Equal(w.T, want, mails)
		}
		require.Equal(w.T, survey.InvitationSent, w.stateOf(ids[0]).State)
		require.Equal(w.T, survey.InvitationResponded, w.stateOf(ids[3]).State)
		require.Empty(w.T, w.unknown())
	},

	"an operator has an ask mailed again": func(w world) {
		id, key := w.unknownAsk()
		begin, err := w.RepeatEffect(w.Context(), key, "again", start)
		w.must(err)
		require.Equal(w.T, store.Stalled{AskBatches: []string{"again"}}, begin)
		require.Equal(w.T, id, w.admitAsks("again", start.Add(2*askDelay))[0].Ask.ID)
	},

	"an operator has a case posted again": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.begin(store.CaseEffect(id))
		w.lose(start, store.CaseEffect(id))
		begin, err := w.RepeatEffect(w.Context(), store.CaseEffect(id), "again", start)
		w.must(err)
		require.Equal(w.T, store.Stalled{Cases: []string{id}}, begin)
		require.Len(w.T, w.begin(store.CaseEffect(id)).Doubtful, 1, "it is looked for first")
	},

	"nobody who unsubscribed is mailed again": func(w world) {
		id, key := w.unknownMail()
		require.Equal(w.T, store.EffectSubject{Program: programID, State: "unknown", Repeatable: true}, w.subjects(key)[key])
		w.must(w.Unsubscribe(w.Context(), w.stateOf(id).ContactKey, start))
		require.Equal(w.T, store.EffectSubject{Program: programID, State: "unknown", Unsubscribed: true}, w.subjects(key)[key])
		_, err := w.RepeatEffect(w.Context(), key, "again", start)
		require.ErrorIs(w.T, err, store.ErrNotRepeated)
		require.Equal(w.T, []string{key}, w.unknown())
		w.must(w.AcceptEffect(w.Context(), key, start))
	},

	"nobody who unsubscribed is asked again": func(w world) {
		id, key := w.unknownAsk()
		require.True(w.T, w.subjects(key)[key].Repeatable)
		w.must(w.Unsubscribe(w.Context(), w.ask(id).ContactKey, start))
		require.Equal(w.T, store.EffectSubject{Program: programID, State: "unknown", Unsubscribed: true}, w.subjects(key)[key])
		_, err := w.RepeatEffect(w.Context(), key, "again", start)
		require.ErrorIs(w.T, err, store.ErrNotRepeated)
	},

	"what effects are about": func(w world) {
		w.saveContacts(2)
		caseID := w.openCase(start, 0)
		detail, err := w.Case(w.Context(), caseID)
		w.must(err)
		invitation := w.admit(start, 1)[0].ID
		keys := []string{
			store.CaseEffect(caseID), store.MailEffect(store.MailReminder, invitation), store.MailEffect(store.MailInvite, "none"), "other",
			store.StoryEffect(caseID, 0, 7), store.EscalationEffect(caseID, 7), store.StoryEffect("none", 0, 7),
		}
		about := store.EffectSubject{Program: programID, State: string(detail.Case.State), Repeatable: true}
		require.Equal(w.T, map[string]store.EffectSubject{
			keys[0]: about, keys[1]: {Program: programID, State: "admitted"}, keys[4]: about, keys[5]: about,
		}, w.subjects(keys...))
		require.Empty(w.T, w.subjects())
	},

	"what has moved on is not repeated": func(w world) {
		id, key := w.unknownMail()
		w.done(id, start, 9)
		reminder := store.MailEffect(store.MailReminder, id)
		w.begin(reminder)
		w.lose(start, reminder)
		for _, key := range []string{key, reminder} {
			require.Equal(w.T, store.EffectSubject{Program: programID, State: "responded"}, w.subjects(key)[key])
			_, err := w.RepeatEffect(w.Context(), key, "again", start)
			require.ErrorIs(w.T, err, store.ErrNotRepeated, key)
		}
		require.ElementsMatch(w.T, []string{key, reminder}, w.unknown(), "and stays as it was")
	},
}
