package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// stateOf returns an invitation as it is kept.
func (w world) stateOf(id string) store.Invitation {
	w.Helper()
	r, err := w.Invitation(w.Context(), id)
	w.must(err)
	return r.Invitation
}

func idsOf(recipients []store.Recipient) []string {
	ids := []string{}
	for _, r := range recipients {
		ids = append(ids, r.Invitation.ID)
	}
	return ids
}

var invitationCases = map[string]func(world){
	"contacts are refreshed": func(w world) {
		first := contact(0, 0)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{first, first}, nil))
		second := contact(0, 1)
		second.Email, second.RefreshedAt = "", start.Add(time.Minute)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{second, contact(1, -1)}, []survey.Account{account(0)}))
		w.must(w.SaveContacts(w.Context(), []survey.Contact{first}, nil))
		got, err := w.Contacts(w.Context(), []string{contactKey(0), contactKey(1), contactKey(2)})
		w.must(err)
		require.Equal(w.T, map[string]survey.Contact{contactKey(0): w.kept(second), contactKey(1): w.kept(contact(1, -1))}, got,
			"what was read earlier does not replace what was read later")
		got, err = w.Contacts(w.Context(), nil)
		w.must(err)
		require.Empty(w.T, got)
	},

	"names that no database holds": func(w world) {
		odd := contact(0, -1)
		odd.FirstName, odd.Attributes = "a\x00b\xff", map[string]string{"note": "a\x00b"}
		w.must(w.SaveContacts(w.Context(), []survey.Contact{odd}, nil))
		got, err := w.Contacts(w.Context(), []string{odd.Key, "hubspot/\x00"})
		w.must(err)
		require.Equal(w.T, "a\uFFFDb\uFFFD", got[odd.Key].FirstName)
	},

	"a recipient has contact and account": func(w world) {
		w.saveContacts(1)
		r, err := w.Invitation(w.Context(), w.admit(start, 0)[0].ID)
		w.must(err)
		require.Equal(w.T, w.kept(contact(0, 0)), r.Contact)
		require.Equal(w.T, w.keptAccount(0), r.Account)
		accounts, err := w.Accounts(w.Context(), []string{account(0).Key, "hubspot/none"})
		w.must(err)
		require.Equal(w.T, map[string]survey.Account{account(0).Key: w.keptAccount(0)}, accounts)
		_, err = w.Invitation(w.Context(), "none")
		require.ErrorIs(w.T, err, store.ErrNotFound)
	},

	"what is due is to be sent, once": func(w world) {
		w.saveContacts(3)
		made := w.admit(start, 0, 1, 2)
		batch := made[0].Batch
		none, err := w.Unsent(w.Context(), batch, start.Add(-time.Second))
		w.must(err)
		require.Empty(w.T, none, "not due")
		unsent, err := w.Unsent(w.Context(), batch, start)
		w.must(err)
		require.Equal(w.T, []string{made[0].ID, made[1].ID, made[2].ID}, idsOf(unsent), "in order of id")

		at := start.Add(time.Minute)
		w.must(w.MarkSent(w.Context(), []string{made[0].ID}, at, at.Add(expiry)))
		w.must(w.MarkSent(w.Context(), []string{made[0].ID}, at.Add(time.Hour), at.Add(2*expiry)))
		w.must(w.MarkUnknown(w.Context(), []string{made[1].ID, made[0].ID}, start, start.Add(time.Hour)))
		w.must(w.MarkCancelled(w.Context(), []string{made[2].ID, made[0].ID}, at))
		unsent, err = w.Unsent(w.Context(), batch, start.Add(time.Hour))
		w.must(err)
		require.Empty(w.T, unsent)
		sent := w.stateOf(made[0].ID)
		require.Equal(w.T, survey.InvitationSent, sent.State)
		require.Equal(w.T, at, sent.SentAt, "the first time counts")
		require.Equal(w.T, at.Add(expiry), sent.ExpiresAt)
		require.Equal(w.T, survey.InvitationUnknown, w.stateOf(made[1].ID).State)
		cancelled := w.stateOf(made[2].ID)
		require.Equal(w.T, survey.InvitationCancelled, cancelled.State)
		require.Equal(w.T, at, cancelled.EndedAt)
		expired, err := w.Expire(w.Context(), start.Add(time.Hour))
		w.must(err)
		require.Equal(w.T, 1, expired, "what may have been sent expires too")
		require.Equal(w.T, survey.InvitationExpired, w.stateOf(made[1].ID).State)
	},

	"who unsubscribes gets nothing more": func(w world) {
		w.saveContacts(2)
		made := w.admit(start, 0, 1)
		w.must(w.Unsubscribe(w.Context(), contactKey(0), start))
		w.must(w.Unsubscribe(w.Context(), contactKey(0), start.Add(time.Hour)))
		unsent, err := w.Unsent(w.Context(), made[0].Batch, start)
		w.must(err)
		require.Len(w.T, unsent, 1)
		require.Equal(w.T, w.contactRef(1), unsent[0].Contact.Key)
		for _, i := range made {
			if i.ContactKey == w.contactRef(0) {
				require.Equal(w.T, survey.InvitationCancelled, w.stateOf(i.ID).State)
			}
		}
		w.must(w.MarkSent(w.Context(), []string{unsent[0].Invitation.ID}, start, start.Add(expiry)))
		w.must(w.Unsubscribe(w.Context(), contactKey(1), start.Add(time.Minute)))
		unanswered, err := w.Unanswered(w.Context(), store.UnansweredRequest{Batch: made[0].Batch, SentBy: start.Add(time.Hour), Now: start.Add(time.Hour), Reminder: 1})
		w.must(err)
		require.Empty(w.T, unanswered)
		w.saveContacts(2)
		refused := w.admit(start.Add(2*quarantine), 1)
		require.Equal(w.T, survey.RuleUnsubscribed, refused[0].Rule, "a refresh does not touch it")
		require.ErrorIs(w.T, w.Unsubscribe(w.Context(), "hubspot/none", start), store.ErrNotFound)
	},

	"a mail on its way when it was cancelled is sent": func(w world) {
		w.saveContacts(1)
		id := w.admit(start, 0)[0].ID
		w.must(w.Unsubscribe(w.Context(), contactKey(0), start))
		w.must(w.MarkSent(w.Context(), []string{id}, start, start.Add(expiry)))
		require.Equal(w.T, survey.InvitationSent, w.stateOf(id).State)
		require.Zero(w.T, w.stateOf(id).EndedAt)
	},

	"the unanswered are reminded once": func(w world) {
		w.saveContacts(3)
		ids := w.invite(start, 0, 1, 2)
		batch := w.stateOf(ids[0]).Batch
		w.done(ids[1], start.Add(time.Minute), 9)
		later := start.Add(4 * 24 * time.Hour)
		early, err := w.Unanswered(w.Context(), store.UnansweredRequest{Batch: batch, SentBy: start.Add(-time.Second), Now: later, Reminder: 1})
		w.must(err)
		require.Empty(w.T, early)
		due, err := w.Unanswered(w.Context(), store.UnansweredRequest{Batch: batch, SentBy: start, Now: later, Reminder: 1})
		w.must(err)
		require.Equal(w.T, []string{ids[0], ids[2]}, idsOf(due))
		w.must(w.MarkReminded(w.Context(), ids[:1], 1, later))
		w.must(w.MarkReminded(w.Context(), ids[:1], 1, later.Add(time.Hour)))
		require.Equal(w.T, later, w.stateOf(ids[0]).RemindedAt)
		due, err = w.Unanswered(w.Context(), store.UnansweredRequest{Batch: batch, SentBy: start, Now: later, Reminder: 1})
		w.must(err)
		require.Equal(w.T, []string{ids[2]}, idsOf(due))
		due, err = w.Unanswered(w.Context(), store.UnansweredRequest{Batch: batch, SentBy: start, Now: start.Add(expiry), Reminder: 1})
		w.must(err)
		require.Empty(w.T, due, "expired")
	},

	"a second reminder goes to who was reminded once": func(w world) {
		w.saveContacts(4)
		ids := w.invite(start, 0, 1, 2, 3)
		later := start.Add(9 * 24 * time.Hour)
		unanswered := func(number int) []string {
			due, err := w.Unanswered(w.Context(), store.UnansweredRequest{Batch: w.stateOf(ids[0]).Batch, SentBy: start, Now: later, Reminder: number})
			w.must(err)
			return idsOf(due)
		}
		w.must(w.MarkReminded(w.Context(), ids[:2], 1, start.Add(time.Hour)))
		require.Equal(w.T, ids[2:], unanswered(1))
		w.done(ids[0], start.Add(time.Minute), 9)
		require.Equal(w.T, ids[1:], unanswered(2))
		w.must(w.MarkReminded(w.Context(), ids[1:3], 2, later))
		w.must(w.MarkReminded(w.Context(), ids[1:3], 1, later.Add(time.Hour)))
		require.Equal(w.T, later, w.stateOf(ids[1]).RemindedAt)
		require.Equal(w.T, ids[3:], unanswered(2))
		require.Equal(w.T, ids[3:], unanswered(1), "the second took the place of the first")
	},

	"nobody with an open case is reminded, where rules say so": func(w world) {
		w.saveContacts(1)
		other := contact(5, 1)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{other}, []survey.Account{account(1)}))
		w.openCase(start, 0)
		ids := w.invite(start.Add(2*quarantine), 5)
		unanswered := func(not bool, now time.Time) int {
			due, err := w.Unanswered(w.Context(), store.UnansweredRequest{
				Batch: w.stateOf(ids[0]).Batch, SentBy: now, Now: now, Reminder: 1, NotDuringCase: not,
			})
			w.must(err)
			return len(due)
		}
		now := start.Add(2*quarantine + time.Hour)
		require.Equal(w.T, 1, unanswered(true, now), "the case is another account's")
		colleague := contact(6, 1)
		w.must(w.SaveContacts(w.Context(), []survey.Contact{colleague}, nil))
		w.openCase(now, 6)
		require.Equal(w.T, 0, unanswered(true, now))
		require.Equal(w.T, 1, unanswered(false, now))
	},

	"what is not answered expires": func(w world) {
		w.saveContacts(2)
		ids := w.invite(start, 0, 1)
		w.done(ids[1], start, 9)
		n, err := w.Expire(w.Context(), start.Add(expiry-time.Millisecond))
		w.must(err)
		require.Zero(w.T, n)
		n, err = w.Expire(w.Context(), start.Add(expiry))
		w.must(err)
		require.Equal(w.T, 1, n)
		expired := w.stateOf(ids[0])
		require.Equal(w.T, survey.InvitationExpired, expired.State)
		require.Equal(w.T, start.Add(expiry), expired.EndedAt)
		require.Equal(w.T, survey.InvitationResponded, w.stateOf(ids[1]).State)
	},
}
