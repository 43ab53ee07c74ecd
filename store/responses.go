package store

import (
	"context"
	"errors"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Responses keeps answers and what they led to.
type Responses interface {
	// SaveAnswer records what a customer gave, in one idempotent transaction: a new
	// response or a new revision of it (none where nothing changed), the
	// invitation responded, and the inbox item of the response due when due says.
	// It refuses with ErrNotSent an invitation that was suppressed or cancelled and
	// with ErrExpired one that has expired unanswered. One that is admitted is
	// answered before its mail could be noted as sent: the answer proves the mail.
	// What looks like a machine's is held: the response returned is in no record.
	SaveAnswer(ctx context.Context, req SaveAnswerRequest) (survey.Response, error)
	// ResponseOf returns the response to an invitation.
	ResponseOf(ctx context.Context, invitationID string) (survey.Response, error)
	// Record deals with the responses of a batch of answers in one transaction:
	// decide is asked for each; then the response is recorded (and final or
	// alerted where it says so), its item done or due again, its case opened or
	// told, its ask made, its signals and its account's set. Repeated for the
	// same batch it returns what it returned the first time.
	Record(ctx context.Context, req RecordRequest) (Recorded, error)
}

// The reasons for which SaveAnswer takes no answer.
var (
	ErrNotSent = errors.New("the survey was not sent")
	ErrExpired = errors.New("the survey has expired")
)

// SaveAnswerRequest is one step of a survey page.
type SaveAnswerRequest struct {
	InvitationID string
	Answer       survey.Answer
	Band         survey.Band
	Now          time.Time
	// Visit is what the form came with; without a Source it is taken as a person's.
	Visit VisitNote
	// Read reads a comment that was written in answer to a survey in a language; nil leaves
	// it to Record.
	Read func(comment, locale string) survey.Reading
	// Late is how long after its expiry an invitation takes an answer still.
	Late survey.Span
	// DueAt is when ResponseWorkflow has to look at the response.
	DueAt func(survey.Response) time.Time
	NewID func() string
}

// RecordRequest is one batch of answers.
type RecordRequest struct {
	Batch string
	Now   time.Time
	// Fits says whether an expression of its program that opens a case holds for a
	// response of somebody; nil where no program of the batch has one.
	Fits func(survey.Response, survey.Contact, survey.Account) bool
	// Read reads a comment that nothing has read yet, as of SaveAnswerRequest.
	Read func(comment, locale string) survey.Reading
	// Decide says what a response leads to that fits or does not. Neither may call the
	// store.
	Decide func(r survey.Response, fits bool) (Decision, error)
	// Signals are the values to set on the contact for a response, and on its
	// account for the account's counts. Either may be empty.
	ContactSignals func(survey.Response) map[string]string
	AccountSignals func(AccountCounts) map[string]string
	// ChooseAsk says which ask follows a response whose Decision has one, and when its mail
	// is due; ok is false for none. It must not call the store.
	ChooseAsk func(survey.Response, survey.AskHistory) (choice survey.AskChoice, due time.Time, ok bool)
	NewID     func() string
}

// Decision is what survey's rules make of a response.
type Decision struct {
	Final bool
	Next  survey.NextStep
	// DueAt is when to look again at a response that is not final.
	DueAt time.Time
	// CaseCloseAt is when a case opened or told now is closed by policy.
	CaseCloseAt time.Time
	// ReopenWithin is how long after its resolution a case is re-opened by the response.
	ReopenWithin survey.Span
}

// AccountCounts are an account's responses to NPS programs, each contact's latest
// alone.
type AccountCounts struct {
	N, Promoters, Detractors int
}

// Recorded is what a batch of answers led to.
type Recorded struct {
	// Cases are the ids of the cases opened or changed, sorted.
	Cases []string
	// Asks is how many asks the batch made that wait to be sent.
	Asks int
	// CRMs are the CRMs whose signals changed, sorted.
	CRMs []string
}
