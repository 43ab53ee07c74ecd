package activities

import (
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// windowGrace is how long after its window a mail still goes out that was to go out
// inside it: nobody minds, and a short failure of a vendor costs no day.
const windowGrace = 30 * time.Minute

// dueAt is when the mail of an admitted candidate goes out. What is overdue waits for
// the contact's window, if the program has one.
func dueAt(program survey.Program, c store.Candidate, contact survey.Contact, now time.Time) time.Time {
	due := c.EventAt.Add(program.Delay.Std())
	if program.Window == nil {
		return due
	}
	return program.MailAt(later(due, now), contact.Timezone)
}

// inWindow keeps the recipients who may be mailed now, see openNow.
func (a asking) inWindow(program survey.Program, recipients []store.Recipient) (open []store.Recipient, again time.Time) {
	return openNow(a.clock, recipients, func(r store.Recipient, at time.Time) time.Time {
		return program.As(r.Invitation.Variant).MailAt(at, r.Contact.Timezone)
	})
}

// openNow keeps those who may be mailed now, and returns when, on the real clock, the
// first of the others may be; zero where there are none. next is when the window of one
// is open at or after a moment. Those are kept in place.
func openNow[T any](clock survey.Clock, all []T, next func(T, time.Time) time.Time) (open []T, again time.Time) {
	now := clock.Now()
	open = all[:0]
	var first time.Time
	for _, one := range all {
		at := next(one, now.Add(-windowGrace))
		switch {
		case !at.After(now):
			open = append(open, one)
		case first.IsZero() || at.Before(first):
			first = at
		}
	}
	if first.IsZero() {
		return open, time.Time{}
	}
	return open, clock.Real(first)
}

// earlier is the first of two moments; the zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
