package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// MailEvent is what a vendor tells of a mail, or of an SMS in the place of one.
type MailEvent struct {
	// Kind and ID are those of the mail's effect.
	Kind, ID string
	// What is "" where it tells no more than that the mail was sent.
	What survey.MailEvent
	// Address is whom it went to, "" where that is not told. It is kept as a keyed
	// hash alone.
	Address string
	// Phone is the number that an SMS went to, in the form of E.164, "" of a mail. It is
	// kept as a keyed hash alone.
	Phone string
	// Ref is the vendor's id of the mail, or "".
	Ref string
	At  time.Time
}

// MailEventsRequest is a delivery of events.
type MailEventsRequest struct {
	Events []MailEvent
	Now    time.Time
	Guard  survey.Guard
}

// MailEventsTaken is what a delivery of events changed.
type MailEventsTaken struct {
	// Proved is how many mails were in doubt until now.
	Proved int
	// New counts the events that were not known.
	New map[ProgramEvent]int
	// Paused are the programs that stopped themselves because of them.
	Paused []Pause
}

// ProgramEvent is a kind of event of a program's mails.
type ProgramEvent struct {
	Program string
	What    survey.MailEvent
}

// PausedByOperator is why a program is paused that an operator paused.
const PausedByOperator survey.MailEvent = "operator"

// Pause is a program that mails nobody until an operator resumes it.
type Pause struct {
	Program string
	// Why is the event that came too often, Events times in Mails, or PausedByOperator.
	Why           survey.MailEvent
	Mails, Events int
	At            time.Time
}

// PausedItself tells an operator of a program that was paused by the guard.
const PausedItself = "a program stopped mailing: too many of its mails are not wanted; look why, then resume it"

// Delivery keeps what became of mails, and stops programs whose mails are not wanted.
type Delivery interface {
	// TakeMailEvents takes events in one idempotent transaction, whatever their order:
	//   - any proves that its mail was sent, see Effects.ProveEffects;
	//   - delivered and bounced set the invitation's state, and bounced wins;
	//   - a bounced address is dead: nobody who has it is mailed any more;
	//   - a complaint and an unsubscription unsubscribe all who have the address;
	//   - a program is paused for which the guard trips.
	// Events of mails that are not known change nothing.
	TakeMailEvents(ctx context.Context, req MailEventsRequest) (MailEventsTaken, error)
	// Pauses lists the paused programs, sorted.
	Pauses(ctx context.Context) ([]Pause, error)
	// Resume has a paused program mail again. The guard counts the mails from then on.
	// ErrNotFound is returned for one that is not paused.
	Resume(ctx context.Context, program string, at time.Time) error
}
