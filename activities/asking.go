package activities

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// SendInput is a batch and the moment, in scaled time, at which what is sent now
// was due.
type SendInput struct {
	BatchRef
	Due time.Time
}

// Sent says what comes after a batch's mails.
type Sent struct {
	// SentBy is when, in scaled time, the last of them was sent.
	SentBy time.Time
	// RemindAt is when those who have not answered are reminded, on the real clock;
	// zero where the program reminds nobody.
	RemindAt time.Time
	// RemindAgainAt is the same for the second reminder.
	RemindAgainAt time.Time
	// Again is when those are to be mailed whose window is closed now or for whom the
	// day has no room, on the real clock; zero where there are none.
	Again time.Time
}

// RemindInput is a batch and the moment, in scaled time, by which those were
// mailed who are reminded now.
type RemindInput struct {
	BatchRef
	SentBy time.Time
	// Second is set for the second reminder.
	Second bool `json:",omitempty"`
}

// number is that of the reminder.
func (in RemindInput) number() int {
	if in.Second {
		return 2
	}
	return 1
}

// Reminded says what comes after a batch's reminders.
type Reminded struct {
	// Again is when those are to be reminded whose window is closed now or for whom the
	// day has no room, on the real clock; zero where there are none.
	Again time.Time
}

// asking is how batches are asked and reminded, whatever the channel.
type asking struct {
	store    store.Store
	programs *Programs
	clock    survey.Clock
	rules    survey.ContactRules
	// reaches reports whether the channel leads to somebody.
	reaches func(store.Recipient) bool
	deliver func(ctx context.Context, kind mailKind, program survey.Program, to []store.Recipient, out outcome) error
	// again is when, on the real clock, those are sent something whom a window or the day
	// held back; zero where nobody is.
	again func(window time.Time, held heldBack) time.Time
}

// invite asks the admitted of a batch who are due.
func (a asking) invite(ctx context.Context, in SendInput) (Sent, error) {
	program, err := a.programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return Sent{}, err
	}
	if err := unpaused(ctx, a.store, in.Program); err != nil {
		return Sent{}, err
	}
	recipients, err := a.store.Unsent(ctx, in.Batch, later(in.Due, a.clock.Now()))
	if err != nil {
		return Sent{}, err
	}
	recipients, again := a.inWindow(program, recipients)
	recipients, gone := a.reachable(recipients)
	if err := a.store.MarkCancelled(ctx, gone, a.clock.Now()); err != nil {
		return Sent{}, err
	}
	var held heldBack
	err = a.deliver(ctx, invitationMail, program, recipients, outcome{
		held: &held,
		sent: func(ctx context.Context, ids []string) error {
			now := a.clock.Now()
			return a.store.MarkSent(ctx, ids, now, program.ExpiresAt(now))
		},
		unknown: func(ctx context.Context, ids []string) error {
			now := a.clock.Now()
			return a.store.MarkUnknown(ctx, ids, now, program.ExpiresAt(now))
		},
		refused: func(ctx context.Context, ids []string) error {
			return a.store.MarkCancelled(ctx, ids, a.clock.Now())
		},
	})
	if err != nil {
		return Sent{}, err
	}
	sent := Sent{SentBy: a.clock.Now(), Again: a.again(again, held)}
	if ofRechecks(recipients) { // who does not answer this is left in peace
		return sent, nil
	}
	if allHeld := len(recipients) == held.letters && !sent.Again.IsZero(); !allHeld {
		sent.RemindAt = a.remindAt(program, recipients, sent.SentBy, program.Reminder)
		sent.RemindAgainAt = a.remindAt(program, recipients, sent.SentBy, program.SecondReminder)
	}
	return sent, nil
}

// reachable parts recipients from the invitations of those whom the channel does not lead
// to any more. It keeps them in place: a wave's batch is of megabytes.
func (a asking) reachable(recipients []store.Recipient) (here []store.Recipient, gone []string) {
	here = recipients[:0]
	for _, r := range recipients {
		if a.reaches(r) {
			here = append(here, r)
		} else {
			gone = append(gone, r.Invitation.ID)
		}
	}
	return here, gone
}

// remind sends a reminder to those of a batch who have not answered and may still be asked.
func (a asking) remind(ctx context.Context, in RemindInput) (Reminded, error) {
	program, err := a.programs.Get(ctx, in.Program, in.Version)
	if err != nil {
		return Reminded{}, err
	}
	if err := unpaused(ctx, a.store, in.Program); err != nil {
		return Reminded{}, err
	}
	recipients, err := unanswered(ctx, a.store, a.rules.For(program), in, a.clock.Now())
	if err != nil {
		return Reminded{}, err
	}
	if recipients, err = a.stillMeant(ctx, in.BatchRef, recipients); err != nil {
		return Reminded{}, err
	}
	recipients, again := a.inWindow(program, recipients)
	reminded := func(ctx context.Context, ids []string) error {
		return a.store.MarkReminded(ctx, ids, in.number(), a.clock.Now())
	}
	kind := reminderMail
	if in.Second {
		kind = lastReminder
	}
	var held heldBack
	err = a.deliver(ctx, kind, program, recipients, outcome{
		sent: reminded, unknown: reminded, refused: reminded, held: &held,
	})
	return Reminded{Again: a.again(again, held)}, err
}
