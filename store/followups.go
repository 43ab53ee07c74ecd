package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// FollowUp is an answer that opened a case, and when somebody first spoke with the customer.
type FollowUp struct {
	CaseID string
	// AccountKey is "" of a contact without one. ContactKey is who answered.
	AccountKey, ContactKey string
	// ResponseID, Program and Version are of the answer.
	ResponseID, Program, Version string
	Score                        int
	Band                         survey.Band
	AnsweredAt, OpenedAt         time.Time
	// SpokenAt is when somebody first said that they contacted the customer, or had resolved
	// the case; zero where nobody did.
	SpokenAt time.Time
}

// FollowUps tells how answers were followed up, for those who ask whether it helped.
type FollowUps interface {
	// FollowUps returns the cases that were opened from a moment until before another by an
	// answer that counts, in the order in which they were. Audits, and cases that somebody
	// rejected as none, are left out.
	FollowUps(ctx context.Context, from, until time.Time) ([]FollowUp, error)
	// Draws returns the customers about whom chance decided whether they get a case, in the
	// order in which it did. Those are left out whose answer was withdrawn.
	Draws(ctx context.Context) ([]Drawn, error)
	// MessagesSent counts the mails and SMS that went out, or may have, from a moment until
	// before another.
	MessagesSent(ctx context.Context, from, until time.Time) (mails, sms int, err error)
}

// Drawn is a customer about whom chance decided, at OpenedAt, with the score that there was
// then. There is no CaseID and no SpokenAt.
type Drawn struct {
	FollowUp
	Held bool
	// Share is the part of customers that was to be held out.
	Share float64
}
