package activities

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/smtp"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// overSMTP sends to a mail server.
func (w *world) overSMTP() *Mail {
	w.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.box.ServeSMTP(ctx, listener) }()
	client, err := smtp.New(smtp.Options{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, TLS: smtp.None})
	w.must(err)
	w.Cleanup(func() {
		client.Close()
		cancel()
		w.must(<-done)
	})
	m := w.mailWith(client)
	m.Vendor, m.Guard = "smtp", survey.Guard{Bounces: 1, Complaints: 1, Least: 1000}
	return m
}

func (w *world) admitTo(addresses ...string) (BatchRef, []string) {
	w.Helper()
	contacts := people(len(addresses))
	for i := range contacts {
		contacts[i].Email = addresses[i]
	}
	return w.admit(contacts...)
}

func TestMailsOverSMTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admitTo("a@kunde.example", "bounce@kunde.example", "drop@kunde.example", "b@kunde.example")
	_, err := run[Sent](w, w.overSMTP().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.ElementsMatch(t, []string{"a@kunde.example", "b@kunde.example"}, w.mailed())
	require.Equal(t, []survey.InvitationState{
		survey.InvitationSent, survey.InvitationBounced, survey.InvitationCancelled, survey.InvitationSent,
	}, w.states(ids))
	require.Empty(t, w.unknownEffects())
	mails := w.box.Snapshot().Mails
	i := slices.IndexFunc(mails, func(m *sandbox.Mail) bool { return m.To.Email == "a@kunde.example" })
	require.Equal(t, "<invite."+ids[0]+"@nordwind.example>", mails[i].Headers["Message-Id"])
	require.Equal(t, "auto-generated", mails[i].Headers["Auto-Submitted"])
	require.NotContains(t, mails[i].HTML()+mails[i].Text(), "-cxloop.")
}

// A mail that its recipient's side puts off keeps no other waiting, and is given up after
// a day.
func TestDeferredMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mail := w.overSMTP()
	batch, ids := w.admitTo("block@kunde.example", "a@kunde.example")
	_, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
	failed := fails(t, FailureRetryAfter, err)
	require.False(t, failed.NonRetryable())
	require.Equal(t, 5*time.Minute, failed.NextRetryDelay())
	require.NotContains(t, failed.Error(), "kunde")
	require.Equal(t, []string{"a@kunde.example"}, w.mailed())
	require.Equal(t, []survey.InvitationState{survey.InvitationAdmitted, survey.InvitationSent}, w.states(ids))

	w.pass(time.Since(w.clock.Now()) + deferredAtMost + time.Hour) // an attempt of the tests is scheduled by the wall clock
	_, err = run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, []survey.InvitationState{survey.InvitationCancelled, survey.InvitationSent}, w.states(ids))
	require.Empty(t, w.unknownEffects())
}

// What broke off after the end of a message is not repeated, whatever the server did.
func TestMailLostAfterItsEnd(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.FaultKind{sandbox.FaultCut, sandbox.FaultCutBefore} {
		w := newWorld(t)
		mail := w.overSMTP()
		batch, ids := w.admitTo("a@kunde.example", "b@kunde.example")
		w.box.SetFaults(sandbox.SMTP, fault(kind))
		for range 2 {
			_, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
			w.must(err)
			require.ElementsMatch(t, []survey.InvitationState{survey.InvitationUnknown, survey.InvitationSent}, w.states(ids))
			require.Len(t, w.unknownEffects(), 1)
		}
		if kind == sandbox.FaultCut {
			require.Len(t, w.mailed(), 2)
		} else {
			require.Len(t, w.mailed(), 1)
		}
	}
}

// Too many mailboxes that do not exist stop a program in the middle of its mails.
func TestDeadAddressesPauseAProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mail := w.overSMTP()
	mail.Guard = survey.Guard{Bounces: 0.05, Complaints: 1, Least: 3, Within: survey.Span(3 * day)}
	batch, _ := w.admitTo("bounce+1@kunde.example", "bounce+2@kunde.example", "bounce+3@kunde.example", "bounce+4@kunde.example",
		"bounce+5@kunde.example", "bounce+6@kunde.example", "bounce+7@kunde.example")
	_, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
	require.ErrorContains(t, fails(t, FailureRetryAfter, err), "program nps is paused")
	pauses, err := w.store.Pauses(t.Context())
	w.must(err)
	require.Len(t, pauses, 1)
	left, err := w.store.Unsent(t.Context(), batch.Batch, w.clock.Now())
	w.must(err)
	require.NotEmpty(t, left, "the rest waits")
}
