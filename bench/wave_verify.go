package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// effectOf is the effect that a mail is of.
func effectOf(m *sandbox.Mail) string {
	return store.MailEffect(m.CustomArgs["cxloop_kind"], m.CustomArgs["cxloop_id"])
}

// mailed returns how many mails of the wave the vendor took, in how many calls.
func (w *wave) mailed() (mails, calls int) {
	sends := map[string]bool{}
	w.sandbox.Read(func(st *sandbox.State) {
		mails = len(st.Mails)
		for _, m := range st.Mails {
			sends[m.SendID] = true
		}
	})
	return mails, len(sends)
}

// verify holds a wave to what it is for: each contact of the audience has one
// invitation, each invitation that was not suppressed one mail, at most one reminder,
// and nobody else has any. A mail of which the vendor told nothing after the worker was
// killed in the middle of its call may be left to an operator instead, if it never went
// out.
func (w *wave) verify(ctx context.Context) error {
	invitations, err := w.db.invitations(ctx)
	if err != nil {
		return err
	}
	mails, addresses := map[string]int{}, map[string]int{}
	w.sandbox.Read(func(st *sandbox.State) {
		for _, m := range st.Mails {
			mails[effectOf(m)]++
			if m.CustomArgs["cxloop_kind"] == inviteMail {
				addresses[m.To.Email]++
			}
		}
	})
	t := tally{rules: map[string]int{}}
	t.contacts(invitations, w.contacts)
	t.mails(invitations, mails)
	for address, n := range addresses {
		t.must(n == 1, "%s was invited %d times", address, n)
	}
	t.must(t.unknown == 0 || w.kills.n > 0, "of %d mails nobody knows whether they were sent, and nothing was killed", t.unknown)
	w.say("wave: %d contacts: %d invitations mailed, %d unknown, suppressed: %s", w.contacts, t.sent, t.unknown, t.suppressed())
	return t.err
}

// tally counts what became of a wave.
type tally struct {
	sent, unknown int
	rules         map[string]int // suppressed invitations by their rule
	broken        int
	err           error
}

// shownBreaches is how many breaches are told.
const shownBreaches = 10

func (t *tally) must(holds bool, format string, args ...any) {
	if holds {
		return
	}
	if t.broken++; t.broken <= shownBreaches {
		t.err = errors.Join(t.err, fmt.Errorf(format, args...))
	}
}

// contacts counts the invitations of each contact.
func (t *tally) contacts(invitations []waveInvitation, want int) {
	of := map[string]int{}
	for _, i := range invitations {
		of[i.contact]++
	}
	for contact, n := range of {
		t.must(n == 1, "contact %s has %d invitations", contact, n)
	}
	t.must(len(of) == want, "%d of %d contacts have an invitation", len(of), want)
}

// mails counts the mails of each invitation.
func (t *tally) mails(invitations []waveInvitation, mails map[string]int) {
	for _, i := range invitations {
		invite, reminder := store.MailEffect(store.MailInvite, i.id), store.MailEffect(store.MailReminder, i.id)
		got := mails[invite]
		t.must(mails[reminder] <= got, "invitation %s: %d mails, %d reminders", i.id, got, mails[reminder])
		switch {
		case i.state == survey.InvitationSuppressed:
			t.rules[i.rule]++
			t.must(got == 0 && i.rule != "", "invitation %s is suppressed by %q and has %d mails", i.id, i.rule, got)
		case i.state == survey.InvitationUnknown:
			t.unknown++
			t.must(got == 0, "invitation %s is unknown and has %d mails", i.id, got)
		default:
			t.sent++
			t.must(got == 1, "invitation %s is %s and has %d mails", i.id, i.state, got)
		}
		delete(mails, invite)
		delete(mails, reminder)
	}
	for effect := range mails {
		t.must(false, "a mail is of no invitation: %s", effect)
	}
}

func (t *tally) suppressed() string {
	if len(t.rules) == 0 {
		return "nobody"
	}
	var out []string
	for _, rule := range slices.Sorted(maps.Keys(t.rules)) {
		out = append(out, fmt.Sprintf("%d %s", t.rules[rule], rule))
	}
	return strings.Join(out, ", ")
}
