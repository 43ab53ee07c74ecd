package activities

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func fault(kind sandbox.FaultKind) sandbox.Faults {
	return sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{kind}, RetryAfter: 3 * time.Second, Hang: time.Millisecond}
}

func TestInvitationIsMailedOnceUnderEveryFault(t *testing.T) {
	t.Parallel()
	for kind, want := range map[sandbox.FaultKind]struct {
		// failure is the error's type, "" where there is none.
		failure string
		delay   time.Duration
		state   survey.InvitationState
		mails   int
		// again is how many mails there are after a repetition.
		again int
	}{
		"":                               {"", 0, survey.InvitationSent, 1, 1},
		sandbox.FaultCut:                 {"", 0, survey.InvitationUnknown, 1, 1},
		sandbox.FaultCutBefore:           {"", 0, survey.InvitationUnknown, 0, 0},
		sandbox.FaultServerError:         {"", 0, survey.InvitationUnknown, 0, 0},
		sandbox.FaultHang:                {"", 0, survey.InvitationUnknown, 0, 0},
		sandbox.FaultRateLimit:           {FailureRetryAfter, 0, survey.InvitationAdmitted, 0, 1},
		sandbox.FaultRateLimitRetryAfter: {FailureRetryAfter, 3 * time.Second, survey.InvitationAdmitted, 0, 1},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			batch, ids := w.admit(person(0, "en"))
			mail := w.mail()
			if kind != "" {
				w.box.SetFaults(sandbox.SendGrid, fault(kind))
			}
			sent, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch, Due: w.clock.Now()})
			if want.failure == "" {
				require.NoError(t, err)
				require.Equal(t, Sent{SentBy: w.clock.Now(), RemindAt: w.clock.Now().Add(3 * day)}, sent)
			} else {
				failed := fails(t, want.failure, err)
				require.False(t, failed.NonRetryable())
				require.Equal(t, want.delay, failed.NextRetryDelay())
			}
			require.Equal(t, []survey.InvitationState{want.state}, w.states(ids))
			require.Len(t, w.mailed(), want.mails)
			unknown := want.state == survey.InvitationUnknown
			if unknown {
				require.Equal(t, []string{"mail/invite/" + ids[0]}, w.unknownEffects())
			} else {
				require.Empty(t, w.unknownEffects())
			}
			_, err = run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch, Due: w.clock.Now()})
			require.NoError(t, err)
			require.Len(t, w.mailed(), want.again)
			if !unknown {
				require.Equal(t, []survey.InvitationState{survey.InvitationSent}, w.states(ids))
			}
		})
	}
}

func TestRevokedKeyWaitsForTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(person(0, "en"))
	revoked := w.mailWith(w.sender(w.url+"/sendgrid", "revoked"))
	_, err := run[Sent](w, revoked.SendInvitations, SendInput{BatchRef: batch})
	failed := fails(t, FailureRetryAfter, err)
	require.Equal(t, 5*time.Minute, failed.NextRetryDelay())
	require.ErrorContains(t, failed, "check sendgrid.api_key")
	require.NotContains(t, failed.Error(), "revoked")
	require.Equal(t, []survey.InvitationState{survey.InvitationAdmitted}, w.states(ids))
	_, err = run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, []string{"c0@customers.example"}, w.mailed())
}

// strictVendor is a mail vendor that refuses a call for any address that contains
// "bad", and answers the nth call with what before says.
type strictVendor struct {
	mu     sync.Mutex
	calls  int
	mailed []string
	before func(call int, to []string, w http.ResponseWriter) (answered bool)
}

func (v *strictVendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var body struct {
		Personalizations []struct {
			To []struct{ Email string }
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	var to []string
	for _, p := range body.Personalizations {
		to = append(to, p.To[0].Email)
	}
	v.calls++
	switch {
	case v.before != nil && v.before(v.calls, to, w):
	case slices.ContainsFunc(to, func(a string) bool { return strings.Contains(a, "bad") }):
		http.Error(w, `{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.to"}]}`, http.StatusBadRequest)
	default:
		v.mailed = append(v.mailed, to...)
		w.WriteHeader(http.StatusAccepted)
	}
}

func TestOneBadRecipientSpoilsNobodysMail(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{
		"refused by the vendor":   "bad@customers.example",
		"refused by the client":   "bad @customers",
		"two lines in an address": "bad@customers.example\r\nBcc: x@x.example",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			contacts := people(10)
			contacts[6].Email = email
			batch, ids := w.admit(contacts...)
			vendor := &strictVendor{}
			mail := w.mailWith(w.sender(scripted(t, vendor.ServeHTTP), secret))
			for range 2 {
				_, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
				w.must(err)
				slices.Sort(vendor.mailed)
				require.Equal(t, []string{
					"c0@customers.example", "c1@customers.example", "c2@customers.example", "c3@customers.example", "c4@customers.example",
					"c5@customers.example", "c7@customers.example", "c8@customers.example", "c9@customers.example",
				}, vendor.mailed)
			}
			require.LessOrEqual(t, vendor.calls, 9, "halves are tried, not each")
			for i, state := range w.states(ids) {
				if want := survey.InvitationSent; i == 6 {
					require.Equal(t, survey.InvitationCancelled, state)
				} else {
					require.Equal(t, want, state)
				}
			}
			require.Empty(t, w.unknownEffects())
		})
	}
}

// What Temporal acts on is the outermost error: where one half is limited and the
// other is not, the delay must not be lost.
func TestRateLimitWhileABadRecipientIsSought(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	contacts := people(4)
	contacts[0].Email = "bad@customers.example"
	batch, _ := w.admit(contacts...)
	limited := false
	vendor := &strictVendor{before: func(_ int, to []string, rw http.ResponseWriter) bool {
		if limited || len(to) != 2 || strings.Contains(to[0]+to[1], "bad") {
			return false
		}
		limited = true
		rw.Header().Set("Retry-After", "7")
		rw.WriteHeader(http.StatusTooManyRequests)
		return true
	}}
	mail := w.mailWith(w.sender(scripted(t, vendor.ServeHTTP), secret))
	_, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
	require.Equal(t, 7*time.Second, fails(t, FailureRetryAfter, err).NextRetryDelay())
	require.True(t, limited)
	_, err = run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	slices.Sort(vendor.mailed)
	require.Equal(t, []string{"c1@customers.example", "c2@customers.example", "c3@customers.example"}, vendor.mailed)
	require.Empty(t, w.unknownEffects())
}

// brokenStore fails each of two writes once, as if the worker died there.
type brokenStore struct {
	store.Store
	markSent, endEffects bool
}

var errDied = errors.New("the worker died")

func (b *brokenStore) MarkSent(ctx context.Context, ids []string, at, expires time.Time) error {
	if b.markSent {
		b.markSent = false
		return errDied
	}
	return b.Store.MarkSent(ctx, ids, at, expires)
}

func (b *brokenStore) EndEffects(ctx context.Context, keys []string, ref string, at time.Time) error {
	if b.endEffects {
		b.endEffects = false
		return errDied
	}
	return b.Store.EndEffects(ctx, keys, ref, at)
}

func TestCrashAfterTheMail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dies brokenStore
		want survey.InvitationState
	}{
		"the effect is done, the invitation not marked": {brokenStore{markSent: true}, survey.InvitationSent},
		"the effect is pending":                         {brokenStore{endEffects: true}, survey.InvitationUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			batch, ids := w.admit(people(3)...)
			mail := w.mail()
			broken := c.dies
			broken.Store = w.store
			mail.Store = &broken
			_, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
			require.ErrorContains(t, err, errDied.Error())
			require.Len(t, w.mailed(), 3)
			require.Equal(t, slices.Repeat([]survey.InvitationState{survey.InvitationAdmitted}, 3), w.states(ids))
			_, err = run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
			w.must(err)
			require.Len(t, w.mailed(), 3, "nobody is mailed twice")
			require.Equal(t, slices.Repeat([]survey.InvitationState{c.want}, 3), w.states(ids))
		})
	}
}

func TestOneCallALanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, _ := w.admit(person(0, "en"), person(1, "fr-CA"), person(2, "de"), person(3, "fr"), person(4, "en_GB"))
	_, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	greetings := map[string]string{} // by call
	for _, m := range w.box.Snapshot().Mails {
		greeting, _, _ := strings.Cut(m.Text(), " ")
		if before, ok := greetings[m.SendID]; ok {
			require.Equal(t, before, greeting)
		}
		greetings[m.SendID] = greeting
	}
	require.Len(t, greetings, 2)
	require.Len(t, w.mailed(), 5)
}

// A timer on the real clock may be a moment early by the scaled one: what it was set
// for goes out.
func TestMailOfATimerThatIsEarly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(person(0, "en"))
	due := w.clock.Now()
	w.pass(-time.Millisecond)
	_, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch, Due: due})
	w.must(err)
	require.Equal(t, []survey.InvitationState{survey.InvitationSent}, w.states(ids))
}

func TestUnsubscribedIsNotMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch, ids := w.admit(people(2)...)
	w.must(w.store.Unsubscribe(t.Context(), person(0, "").Key, w.clock.Now()))
	_, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, []string{"c1@customers.example"}, w.mailed())
	require.Equal(t, []survey.InvitationState{survey.InvitationCancelled, survey.InvitationSent}, w.states(ids))
}

func TestProgramWithoutReminder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program.Reminder = 0
	w.must(w.store.SaveProgram(t.Context(), w.program))
	batch, _ := w.admit(person(0, "en"))
	sent, err := run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch})
	w.must(err)
	require.Zero(t, sent.RemindAt)
}

func TestReminderIsMailedOnceToWhoDidNotAnswer(t *testing.T) {
	t.Parallel()
	for kind, mails := range map[sandbox.FaultKind]int{"": 2, sandbox.FaultCut: 2, sandbox.FaultCutBefore: 0, sandbox.FaultRateLimit: 2} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			batch, ids := w.admit(people(4)...)
			mail := w.mail()
			sent, err := run[Sent](w, mail.SendInvitations, SendInput{BatchRef: batch})
			w.must(err)
			w.pass(3 * day)
			w.answer(ids[0], survey.Answer{Score: 9})
			w.must(w.store.Unsubscribe(t.Context(), person(1, "").Key, w.clock.Now()))
			in := RemindInput{BatchRef: batch, SentBy: sent.SentBy}
			n, err := w.invitations().CountUnanswered(t.Context(), in)
			w.must(err)
			require.Equal(t, 2, n)
			if kind != "" {
				w.box.SetFaults(sandbox.SendGrid, fault(kind))
			}
			for range 3 {
				if _, err = run[any](w, mail.SendReminders, in); err != nil {
					fails(t, FailureRetryAfter, err)
				}
			}
			reminders := w.mailed()[4:]
			require.Len(t, reminders, mails)
			require.Subset(t, []string{"c2@customers.example", "c3@customers.example"}, reminders)
			n, err = w.invitations().CountUnanswered(t.Context(), in)
			w.must(err)
			require.Zero(t, n)
			require.Equal(t, []survey.InvitationState{survey.InvitationSent, survey.InvitationSent}, w.states(ids[2:]))
		})
	}
}
