package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Visits keeps what visitors did with the links of mails, by which answers of machines
// are told from those of people, and what operators decide about those.
type Visits interface {
	// NoteVisit notes a page that was opened or shown. It records no answer; an answer
	// of the same visitor that looks like a machine's by now is held. Of a mail up to
	// survey.MaxVisitors are kept.
	NoteVisit(ctx context.Context, v VisitNote, now time.Time) error
	// UnsubscribeByForm is Unsubscribe for a form of our own page. It reports whether
	// that looks like a machine's: then nobody is unsubscribed, and those that the same
	// visitor unsubscribed before are not any more.
	UnsubscribeByForm(ctx context.Context, req UnsubscribeRequest) (held bool, err error)
	// NoteForm notes a form that leads on from an ask. It reports whether that looks like a
	// machine's.
	NoteForm(ctx context.Context, v VisitNote) (machine bool, err error)
	// HeldAnswers returns up to limit held answers and unsubscribings, the latest first.
	HeldAnswers(ctx context.Context, limit int) ([]HeldAnswer, error)
	// AcceptHeld takes what was held of a mail as a person's, as if it came now; what was
	// rejected, too, unless its reader answered meanwhile. ErrNotFound where there is
	// nothing of either, and what SaveAnswer refuses.
	AcceptHeld(ctx context.Context, req AcceptRequest) error
	// RejectHeld takes what is held of a mail for a machine's for good: ErrNotFound where
	// nothing is.
	RejectHeld(ctx context.Context, d Verdict) error
	// ExcludeAnswer withdraws the answer to a mail that counts: ErrNotFound where none does.
	ExcludeAnswer(ctx context.Context, d Verdict) error
	// Verdicts returns what was decided about the answers of a mail, oldest first.
	Verdicts(ctx context.Context, item string) ([]Verdict, error)
	// PurgeVisits forgets some of what visitors did before a real time, unless an answer of
	// theirs is held, and at last the keys by which their sources were hashed. It returns
	// how many visits, 0 where none is left.
	PurgeVisits(ctx context.Context, before time.Time) (int, error)
}

// VisitNote is one request that a mail's link led to. Times are real.
type VisitNote struct {
	// Item is the mail's: an invitation's id, or survey.UnsubscribeAsk and an ask's. Of the
	// page that a promoter passes on it is survey.VisitFriend and the ask's.
	Item string
	// Source tells visitors apart: address and browser. It is kept as a hash alone, by a
	// key of the day that is destroyed. "" is for a request that is no visit.
	Source string
	// Link names the link that was opened, "" for none, of a mail with Links.
	Link  string
	Links int
	// Page is the page that was shown, or that a form came from.
	Page              string
	Shown             bool
	Network, Prefetch bool
	At                time.Time
}

// UnsubscribeRequest is a form that unsubscribes a contact, of one program's mails
// where Program is given.
type UnsubscribeRequest struct {
	ContactKey string
	Program    string
	Visit      VisitNote
	At         time.Time
}

// HeldAnswer is what a machine did, as it seems.
type HeldAnswer struct {
	Item    string
	Program string
	// At is when the last form came, in scaled time.
	At time.Time
	// Answered tells that there is a score; Unsubscribed that it would have unsubscribed.
	Answered     bool
	Score        int
	Comment      string
	Unsubscribed bool
	// Visit is what its visitor did.
	Visit survey.Visit
}

// The verdicts about answers.
const (
	VerdictHeld      = "held"      // by the signs
	VerdictWithdrawn = "withdrawn" // it counted until then
	VerdictReplaced  = "replaced"  // a person answered
	VerdictAccepted  = "accepted"  // by an operator
	VerdictRejected  = "rejected"  // by an operator
)

// Verdict is what was decided about an answer.
type Verdict struct {
	Item string
	At   time.Time
	What string
	// Who is the operator, "" for cxloop itself. Why are the signs, or the operator's
	// reason.
	Who, Why string
}

// AcceptRequest is an operator's word for a held answer.
type AcceptRequest struct {
	Verdict
	// DueAt is the program's, see SaveAnswerRequest.
	DueAt func(survey.Response) time.Time
	NewID func() string
}

// Over reports whether an invitation takes no first answer any more.
func (r SaveAnswerRequest) Over(i Invitation) bool {
	if r.Late == 0 && i.State == survey.InvitationExpired {
		return true
	}
	return !i.ExpiresAt.IsZero() && !r.Now.Before(i.ExpiresAt.Add(r.Late.Std()))
}
