package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const patience = 15 * time.Minute

// patient is a mail vendor that sends events.
func (w *world) patient() *Mail {
	m := w.mail()
	m.Patience = patience
	return m
}

func (w *world) prove(keys ...string) {
	w.Helper()
	refs := map[string]string{}
	for _, key := range keys {
		refs[key] = "msg"
	}
	_, err := w.store.ProveEffects(w.Context(), refs, w.clock.Now())
	w.must(err)
}

// A mail in doubt waits for an event. One that comes proves it; without one it is left
// to an operator, and never repeated; an event that comes too late proves it all the same.
func TestMailInDoubtWaitsForEvents(t *testing.T) {
	t.Parallel()
	for name, waits := range map[string]time.Duration{
		"an event comes at once":              0,
		"an event comes after a while":        patience - time.Minute,
		"an event comes when it was given up": patience,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			batch, ids := w.admit(people(2)...)
			keys := []string{store.MailEffect(store.MailInvite, ids[0]), store.MailEffect(store.MailInvite, ids[1])}
			w.box.SetFaults(sandbox.SendGrid, fault(sandbox.FaultCut))
			in := SendInput{BatchRef: batch, Due: w.clock.Now()}
			for waited := time.Duration(0); waited <= waits; waited += time.Minute {
				_, err := run[Sent](w, w.patient().SendInvitations, in)
				if waited == patience {
					w.must(err)
					break
				}
				failed := fails(t, FailureRetryAfter, err)
				require.False(t, failed.NonRetryable())
				require.Equal(t, min(max(waited, mailLook), mailLookAtMost), failed.NextRetryDelay())
				require.Equal(t, survey.InvitationAdmitted, w.states(ids)[0])
				require.Empty(t, w.unknownEffects())
				w.pass(time.Minute)
			}
			if waits == patience {
				require.Equal(t, []survey.InvitationState{survey.InvitationUnknown, survey.InvitationUnknown}, w.states(ids))
				require.ElementsMatch(t, keys, w.unknownEffects())
			}
			w.prove(keys...)
			_, err := run[Sent](w, w.patient().SendInvitations, in)
			w.must(err)
			require.Equal(t, []survey.InvitationState{survey.InvitationSent, survey.InvitationSent}, w.states(ids))
			require.Empty(t, w.unknownEffects())
			require.Len(t, w.mailed(), 2, "nobody is mailed twice")
		})
	}
}

// Mails in doubt keep no others waiting.
func TestMailsInDoubtHoldUpNoOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(person(0, "en"), person(1, "fr"))
	w.box.SetFaults(sandbox.SendGrid, fault(sandbox.FaultCutBefore))
	_, err := run[Sent](w, w.patient().SendInvitations, SendInput{BatchRef: batch})
	fails(t, FailureRetryAfter, err)
	require.Len(t, w.mailed(), 1)
	require.ElementsMatch(t, []survey.InvitationState{survey.InvitationAdmitted, survey.InvitationSent}, w.states(ids))
}

// An event may come while a mail is given up.
func TestEventAtTheLastMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(person(0, "en"))
	w.box.SetFaults(sandbox.SendGrid, fault(sandbox.FaultCut))
	mail := w.patient()
	_, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
	fails(t, FailureRetryAfter, err)
	w.pass(patience)
	mail.Store = slowEffects{w.store, func() { w.prove(store.MailEffect(store.MailInvite, ids[0])) }}
	_, err = run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, []survey.InvitationState{survey.InvitationSent}, w.states(ids))
	require.Empty(t, w.unknownEffects())
}

func TestReminderInDoubtIsNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(person(0, "en"))
	sent, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	w.pass(3 * day)
	w.box.SetFaults(sandbox.SendGrid, fault(sandbox.FaultCut))
	in := RemindInput{BatchRef: batch, SentBy: sent.SentBy}
	_, err = run[any](w, w.patient().SendReminders, in)
	fails(t, FailureRetryAfter, err)
	w.pass(patience)
	_, err = run[any](w, w.patient().SendReminders, in)
	w.must(err)
	require.Len(t, w.mailed(), 2)
	require.Equal(t, []string{store.MailEffect(store.MailReminder, ids[0])}, w.unknownEffects())
}
