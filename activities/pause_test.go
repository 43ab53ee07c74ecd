package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// complain has customers report mails as spam, so many that the program pauses itself.
func (w *world) complain(ids ...string) {
	w.Helper()
	var events []store.MailEvent
	for _, id := range ids {
		events = append(events, store.MailEvent{Kind: store.MailInvite, ID: id, What: survey.MailComplaint, At: w.clock.Now()})
	}
	taken, err := w.store.TakeMailEvents(w.Context(), store.MailEventsRequest{
		Events: events, Now: w.clock.Now(), Guard: survey.Guard{Least: 1, Within: survey.Span(day)},
	})
	w.must(err)
	require.Len(w.T, taken.Paused, 1)
}

func TestPausedProgramLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	everybody := people(7)
	first, ids := w.admit(everybody[:5]...)
	sent, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: first})
	w.must(err)
	second, waiting := w.admit(everybody[5:]...)
	w.complain(ids[:3]...)

	held := func(err error) {
		failed := fails(t, FailureRetryAfter, err)
		require.Equal(t, operatorWait, failed.NextRetryDelay())
		require.ErrorContains(t, failed, "cxloop pause resume nps")
	}
	_, err = run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: second})
	held(err)
	w.pass(3 * day)
	reminders := RemindInput{BatchRef: first, SentBy: sent.SentBy}
	_, err = run[Reminded](w, w.mail().SendReminders, reminders)
	held(err)
	require.Len(t, w.mailed(), 5)
	require.Equal(t, []survey.InvitationState{survey.InvitationAdmitted, survey.InvitationAdmitted}, w.states(waiting))

	w.must(w.store.Resume(t.Context(), "nps", w.clock.Now()))
	_, err = run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: second})
	w.must(err)
	_, err = run[Reminded](w, w.mail().SendReminders, reminders)
	w.must(err)
	require.ElementsMatch(t, []string{
		everybody[5].Email, everybody[6].Email, everybody[3].Email, everybody[4].Email,
	}, w.mailed()[5:], "who complained is not reminded")
}

func TestDeadAddressIsNotMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(people(3)...)
	tell := func(id string) {
		_, err := w.store.TakeMailEvents(t.Context(), store.MailEventsRequest{
			Events: []store.MailEvent{{Kind: store.MailInvite, ID: id, What: survey.MailBounced, At: w.clock.Now()}},
			Now:    w.clock.Now(), Guard: survey.Guard{Bounces: 1},
		})
		w.must(err)
	}
	tell(ids[0]) // of another mail to the address, before this one goes out
	sent, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Len(t, w.mailed(), 2)
	require.Equal(t, []survey.InvitationState{survey.InvitationCancelled, survey.InvitationSent, survey.InvitationSent}, w.states(ids))
	w.pass(3 * day)
	tell(ids[1])
	_, err = run[Reminded](w, w.mail().SendReminders, RemindInput{BatchRef: batch, SentBy: sent.SentBy})
	w.must(err)
	require.Equal(t, []string{person(2, "").Email}, w.mailed()[2:])
}
