package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Ask is a request to somebody who answered: one at most for an answer.
type Ask struct {
	ID         string
	Batch      string
	ResponseID string
	Program    string
	Version    string
	ContactKey string
	AccountKey string
	Kind       survey.AskKind
	State      survey.AskState
	Rule       survey.Rule
	CreatedAt  time.Time
	DueAt      time.Time
	SentAt     time.Time
	ClickedAt  time.Time
}

// AskRecipient is an ask with what its mail needs and what its rules see.
type AskRecipient struct {
	Ask     Ask
	Contact survey.Contact
	Account survey.Account
	Facts   survey.AskFacts
}

// Asks keeps requests to those who answered and what came of them.
type Asks interface {
	// WaitingAsks returns the asks of a batch that are not decided or not yet sent.
	WaitingAsks(ctx context.Context, batch string) ([]AskRecipient, error)
	// AdmitAsks decides the waiting asks of a batch of answers in one transaction:
	// those that decide refuses are suppressed with its rule; the others count as
	// asked from now on and are returned, in order of id. Repeated, it decides again
	// about those whose mail was not begun, and returns what is admitted and not sent.
	// decide may add to the facts, which are kept.
	AdmitAsks(ctx context.Context, batch string, now time.Time, decide func(*AskRecipient) survey.Rule) ([]AskRecipient, error)
	// MarkAsked sets the state of asks: sent, unknown or suppressed.
	MarkAsked(ctx context.Context, ids []string, state survey.AskState, at time.Time) error
	// Ask returns one ask with its contact.
	Ask(ctx context.Context, id string) (AskRecipient, error)
	// AskSeen notes that a link was opened, which proves nothing: mail scanners
	// open every link.
	AskSeen(ctx context.Context, id string, at time.Time) error
	// PageAsk returns what decides about the ask on the last page of a survey:
	// ErrNotFound without an answer that counts.
	PageAsk(ctx context.Context, invitationID string) (PageAsk, error)
	// PageAskClicked notes that a person went on from there. It is the response's ask,
	// whose mail is not sent then; its id is returned, NewID where there was none.
	PageAskClicked(ctx context.Context, click PageAskClick) (id string, err error)
	// AskClicked notes that a person went on from the page of an ask.
	AskClicked(ctx context.Context, id string, at time.Time) error
	// AskOutcomes returns what became of the asks of a program, of all for "", oldest first.
	AskOutcomes(ctx context.Context, program string) ([]AskOutcome, error)
	// ResponseOfAsk returns the response that an ask followed.
	ResponseOfAsk(ctx context.Context, id string) (survey.Response, error)
}

// AskOutcome is what became of an ask.
type AskOutcome struct {
	ID         string
	Program    string
	Kind       survey.AskKind
	State      survey.AskState
	Rule       survey.Rule
	ContactKey string
	AccountKey string
	CreatedAt  time.Time
	// Opened is set where somebody opened the mail or its link, or a machine did.
	Opened  bool
	Clicked bool
	// Why is how its kind came about, zero of asks from before there were turns.
	Why survey.AskChoice
	// Facts are what the rules last saw, nil before they decided.
	Facts *survey.AskFacts
	// Referred are the friends who left their details, Converted the deals won with them,
	// Revenue what those are worth, by currency; "" is one that is not known.
	Referred, Converted int
	Revenue             map[string]survey.Hundredths
}

// PageAsk is what decides about the ask on the last page of a survey.
type PageAsk struct {
	Facts   survey.AskFacts
	History survey.AskHistory
}

// PageAskClick is that somebody went on from the last page of a survey.
type PageAskClick struct {
	InvitationID string
	// NewID is of the ask, where the answer has none yet.
	NewID  string
	Choice survey.AskChoice
	At     time.Time
}
