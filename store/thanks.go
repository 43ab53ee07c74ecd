package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// ThanksRecipient is a mail of thanks to a customer whose case was resolved.
type ThanksRecipient struct {
	ID      string
	Case    string
	Program string
	Version string // of the program
	// Cause is that of the case, by its id, or "".
	Cause string
	// InvitationID is the one whose answer led to the case.
	InvitationID string
	Contact      survey.Contact
	Account      survey.Account // zero where there is none
	Facts        survey.ThanksFacts
}

// ThanksRequest is a batch of resolved cases.
type ThanksRequest struct {
	Batch string
	Now   time.Time
	// Decide says which rule keeps a customer from being thanked, or "". It must not call
	// the store.
	Decide func(ThanksRecipient) survey.Rule
	NewID  func() string
}

// Thanks keeps the mails to customers whose cases were resolved.
type Thanks interface {
	// AdmitThanks decides the mails of a batch in one transaction: one for each customer
	// of a case that is resolved still, once a round of it. It returns those to be sent,
	// in order of id. Repeated, it decides again about those whose mail was not begun.
	AdmitThanks(ctx context.Context, req ThanksRequest) ([]ThanksRecipient, error)
	// MarkThanked sets the state of mails: sent, unknown or suppressed. That they were
	// sent is in the history of their cases.
	MarkThanked(ctx context.Context, ids []string, state survey.AskState, at time.Time) error
	// FinishThanks notes that a batch is dealt with.
	FinishThanks(ctx context.Context, batch string, at time.Time) error
}
