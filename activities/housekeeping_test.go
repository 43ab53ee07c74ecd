package activities

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestHousekeeping(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(people(2)...)
	_, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	w.answer(ids[1], survey.Answer{Score: 8, Done: true})
	keep := &Housekeeping{Store: w.store, Clock: w.clock, Starter: &startList{}}
	look := func(want Tidied) {
		t.Helper()
		got, err := keep.KeepHouse(t.Context())
		w.must(err)
		require.Equal(t, want, got)
	}
	w.pass(14*day - time.Second)
	look(Tidied{})
	w.pass(time.Second)
	look(Tidied{Expired: 1, Silent: 1})
	require.Equal(t, []survey.InvitationState{survey.InvitationExpired, survey.InvitationResponded}, w.states(ids))
	w.pass(16*day - time.Hour)
	look(Tidied{})
	w.pass(time.Second)
	look(Tidied{Purged: 2})
	look(Tidied{})
}

// The CRM hears how often a contact left a survey unanswered: housekeeping counts, and
// wakes the workflow that writes.
func TestSilenceIsWrittenToTheCRM(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.hubspot()
	_, err := client.EnsureProperties(t.Context(), false)
	w.must(err)
	c := w.crmContact(0)
	_, ids := w.admit(c)
	w.must(w.store.MarkSent(t.Context(), ids, w.clock.Now(), w.clock.Now().Add(14*day)))
	w.pass(14 * day)
	list := &startList{}
	_, err = (&Housekeeping{Store: w.store, Clock: w.clock, Starter: list}).KeepHouse(t.Context())
	w.must(err)
	require.Equal(t, []string{"sync hubspot"}, list.begun)
	_, err = w.push(client)
	w.must(err)
	require.Equal(t, "1", w.box.Record(sandbox.Contacts, c.ID).Get(survey.SignalUnanswered))
}

// A mail in doubt of which nobody asks any more, because its contact unsubscribed, is
// left to an operator.
func TestForgottenDoubtIsSettled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(person(0, "en"))
	w.box.SetFaults(sandbox.SendGrid, fault(sandbox.FaultCutBefore))
	_, err := run[Sent](w, w.patient().SendInvitations, SendInput{BatchRef: batch})
	fails(t, FailureRetryAfter, err)
	w.must(w.store.Unsubscribe(t.Context(), person(0, "").Key, w.clock.Now()))
	keep := &Housekeeping{Store: w.store, Clock: w.clock, Log: silent}
	for wait, want := range []int{0, 1, 0} {
		if wait > 0 {
			w.pass(stalledAfter + time.Millisecond)
		}
		got, err := keep.KeepHouse(t.Context())
		w.must(err)
		require.Equal(t, want, got.Unknown)
	}
	require.Equal(t, []string{store.MailEffect(store.MailInvite, ids[0])}, w.unknownEffects())
}

// What a lost workflow has left behind is begun again an hour after its time, and
// not sooner.
func TestStalledIsWoken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unhappy := w.openCase(person(6, "en"), "Too slow.")
	list := &startList{}
	wake := (&Housekeeping{Store: w.store, Clock: w.clock, Starter: list}).WakeStalled
	look := func(want Woken, begun ...string) {
		t.Helper()
		list.begun = nil
		got, err := wake(t.Context())
		w.must(err)
		slices.Sort(list.begun)
		require.Equal(t, want, got)
		require.Equal(t, begun, list.begun)
	}
	w.pass(stalledAfter)
	look(Woken{})
	w.pass(time.Millisecond)
	look(Woken{Cases: 1, CRMs: 1}, "case "+unhappy, "sync "+crmID)
	asked := w.promote(person(0, "en"))
	w.pass(day + stalledAfter)
	look(Woken{Cases: 1, CRMs: 1}, "case "+unhappy, "sync "+crmID)
	w.pass(time.Millisecond)
	look(Woken{Cases: 1, Asks: 1, CRMs: 1}, "ask "+asked.Batch, "case "+unhappy, "sync "+crmID)

	_, err := run[any](w, w.mail().SendAsks, asked)
	w.must(err)
	_, err = run[any](w, w.slack().ShowCase, CaseRef{Case: unhappy})
	w.must(err)
	look(Woken{CRMs: 1}, "sync "+crmID)
	w.pass(10 * day)
	look(Woken{Cases: 1, CRMs: 1}, "case "+unhappy, "sync "+crmID)
	require.True(t, w.advance(unhappy).Ended)
	list.fail = "sync " + crmID
	_, err = wake(t.Context())
	require.ErrorContains(t, err, "temporal is away")
}

// A batch that was handed over and is not dealt with is claimed again, with the
// same id; one that is dealt with is not.
func TestBatchOfALostWorkflowIsClaimedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	done, _ := w.admit(person(0, "en"))
	w.must(w.store.HandedOver(t.Context(), []string{done.Batch}))
	lost := w.arrive(w.event(person(6, "en")))
	w.must(w.store.HandedOver(t.Context(), []string{lost.Batch}))
	claim := func(lease time.Duration) (ids []string) {
		t.Helper()
		batches, err := w.store.ClaimBatches(t.Context(), store.TopicEvent, w.clock.Now(), lease, nil)
		w.must(err)
		for _, b := range batches {
			ids = append(ids, b.ID)
		}
		return ids
	}
	require.Empty(t, claim(-time.Minute))
	woken, err := (&Housekeeping{Store: w.store, Clock: w.clock, Starter: &startList{}}).WakeStalled(t.Context())
	w.must(err)
	require.Equal(t, Woken{Batches: 1}, woken)
	require.Empty(t, claim(time.Hour), "it is on its way")
	require.Equal(t, []string{lost.Batch}, claim(-time.Minute))
}

// Invitations that were admitted by a workflow that is lost are mailed by another of
// the same batch.
func TestInvitationsOfALostWorkflowAreBegunAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(person(0, "en"))
	list := &startList{}
	wake := (&Housekeeping{Store: w.store, Clock: w.clock, Starter: list}).WakeStalled
	w.pass(2 * stalledAfter)
	woken, err := wake(t.Context())
	w.must(err)
	require.Equal(t, Woken{Invitations: 1}, woken)
	require.Equal(t, []string{"invite " + batch.Batch}, list.begun)
	_, err = run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, []survey.InvitationState{survey.InvitationSent}, w.states(ids))
	woken, err = wake(t.Context())
	w.must(err)
	require.Zero(t, woken)
}
