package activities

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// interruptedSender has something happen when a call is answered.
type interruptedSender struct {
	mail.Sender
	answered func()
}

func (s interruptedSender) Deliver(ctx context.Context, m mail.Mailing) (string, error) {
	id, err := s.Sender.Deliver(ctx, m)
	s.answered()
	return id, err
}

func TestOutcomeIsKeptWhenTheWorkerStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(person(0, "en"))
	ctx, cancel := context.WithCancel(t.Context())
	mail := w.mail()
	mail.Sender = interruptedSender{mail.Sender, cancel}
	w.must(runIn(ctx, nil, mail.SendInvitations, SendInput{BatchRef: batch}))
	require.Equal(t, []survey.InvitationState{survey.InvitationSent}, w.states(ids))
	require.Empty(t, w.unknownEffects())
}

// slowEffects has something happen when effects are recorded as pending.
type slowEffects struct {
	store.Store
	begun func()
}

func (s slowEffects) BeginMails(ctx context.Context, vendor string, keys []string, at, tried time.Time, most int) (store.Begun, error) {
	begun, err := s.Store.BeginMails(ctx, vendor, keys, at, tried, most)
	s.begun()
	return begun, err
}

// A worker that stops makes no call that it might not see the end of: the mails
// wait for another try, and none is in doubt.
func TestNoCallIsBegunWithoutTimeForIt(t *testing.T) {
	t.Parallel()
	nothing := func() {}
	for name, c := range map[string]struct {
		// left is how much time the activity has.
		left time.Duration
		// begun and answered happen when effects are pending, and after a call.
		begun, answered func(stop func())
		mails           int
	}{
		"the deadline is near":                 {left: vendorCall - time.Second},
		"the worker stops before a call":       {left: time.Hour, begun: func(stop func()) { stop() }},
		"the worker stops between two calls":   {left: time.Hour, answered: func(stop func()) { stop() }, mails: 2},
		"the worker stops, all mails are sent": {left: time.Hour, mails: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			batch, ids := w.admit(person(0, "en"), person(1, "en"), person(2, "fr"))
			ctx, cancel := context.WithTimeout(t.Context(), c.left)
			defer cancel()
			stopped := make(chan struct{})
			stop := func(when func(func())) func() {
				if when == nil {
					return nothing
				}
				return func() { when(func() { close(stopped) }) }
			}
			mail := w.mail()
			mail.Store = slowEffects{w.store, stop(c.begun)}
			mail.Sender = interruptedSender{mail.Sender, stop(c.answered)}
			err := runIn(ctx, stopped, mail.SendInvitations, SendInput{BatchRef: batch})
			if c.mails == len(ids) {
				w.must(err)
			} else {
				require.False(t, fails(t, FailureRetryAfter, err).NonRetryable())
			}
			require.Len(t, w.mailed(), c.mails)
			require.Empty(t, w.unknownEffects())

			_, err = run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
			w.must(err)
			require.Len(t, w.mailed(), 3)
			require.Equal(t, slices.Repeat([]survey.InvitationState{survey.InvitationSent}, 3), w.states(ids))
			require.Empty(t, w.unknownEffects())
		})
	}
}

// While a bad recipient is sought by halves, a worker that stops leaves the other
// half to another try.
func TestWorkerStopsWhileABadRecipientIsSought(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	contacts := people(4)
	contacts[0].Email = "bad@customers.example"
	batch, ids := w.admit(contacts...)
	vendor := &strictVendor{}
	mail := w.mailWith(w.sender(scripted(t, vendor.ServeHTTP), secret))
	stopped := make(chan struct{})
	sender, calls := mail.Sender, 0
	mail.Sender = interruptedSender{sender, func() {
		if calls++; calls == 2 { // all, then the first half
			close(stopped)
		}
	}}
	fails(t, FailureRetryAfter, runIn(t.Context(), stopped, mail.SendInvitations, SendInput{BatchRef: batch}))
	require.Empty(t, vendor.mailed)
	require.Empty(t, w.unknownEffects())
	mail.Sender = sender
	_, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Len(t, vendor.mailed, 3)
	require.ElementsMatch(t, []survey.InvitationState{
		survey.InvitationCancelled, survey.InvitationSent, survey.InvitationSent, survey.InvitationSent,
	}, w.states(ids))
	require.Empty(t, w.unknownEffects())
}

// An invitation whose contact has no address any more ends, and holds up no other.
func TestInvitationWithoutAddressIsCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(people(2)...)
	gone := person(0, "en")
	gone.Email, gone.RefreshedAt = "", w.clock.Now()
	w.must(w.store.SaveContacts(t.Context(), []survey.Contact{gone}, nil))
	_, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, []string{"c1@customers.example"}, w.mailed())
	require.Equal(t, []survey.InvitationState{survey.InvitationCancelled, survey.InvitationSent}, w.states(ids))
}

// A program that is paused while a batch is mailed makes no more calls for it.
func TestPauseStopsABatchInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, _ := w.admit(person(0, "en"), person(6, "fr"))
	mail := w.mail()
	mail.Sender = interruptedSender{mail.Sender, func() { w.must(w.store.PauseProgram(w.Context(), w.program.ID, w.clock.Now())) }}
	_, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch, Due: w.clock.Now()})
	fails(t, FailureRetryAfter, err)
	require.Len(t, w.mailed(), 1)
	w.must(w.store.Resume(t.Context(), w.program.ID, w.clock.Now()))
	_, err = run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch, Due: w.clock.Now()})
	w.must(err)
	require.Len(t, w.mailed(), 2)
}
