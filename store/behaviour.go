package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Behaviour keeps what customers bought, what they subscribe to and what they wanted help
// with, as other systems tell it.
type Behaviour interface {
	// SaveBehaviour keeps what was told, merged with what was told before, in one
	// transaction (survey.Behaviour.Merge). A contact or an account that is not known yet is
	// kept with its id alone; what belongs to a contact whose account is known belongs to
	// that account too. Doing it twice changes nothing. Items are at most MaxBehaviour.
	SaveBehaviour(ctx context.Context, told []survey.Behaviour) (BehaviourSaved, error)
	// TakeBehaviour is SaveBehaviour of what a batch of inbox items tells, whose items it
	// takes out of the inbox.
	TakeBehaviour(ctx context.Context, batch string, told []survey.Behaviour, now time.Time) (BehaviourSaved, error)
	// SaveBehaviourPage is SaveBehaviour of a page of a CRM's records, with how far that
	// is, so that no page is lost or read twice.
	SaveBehaviourPage(ctx context.Context, told []survey.Behaviour, cursor BehaviourCursor) (BehaviourSaved, error)
	// BehaviourCursors returns how far CRMs are read, by CRM and type.
	BehaviourCursors(ctx context.Context) ([]BehaviourCursor, error)
	// BehaviourSources says what is known, by CRM, source and kind, in that order.
	BehaviourSources(ctx context.Context) ([]BehaviourSource, error)
	// Snapshot returns what is known of a page of customers before a moment, in order of
	// their keys: of all of them, also of those of whom nothing is known, so that a page
	// that is shorter than its limit is the last.
	Snapshot(ctx context.Context, page SnapshotPage) ([]CustomerHistory, error)
}

// MaxBehaviour is the most that SaveBehaviour takes.
const MaxBehaviour = 1000

// BehaviourSaved counts what became of what was told.
type BehaviourSaved struct {
	// New were not known, Changed were, and something else was told of them now; of Same
	// nothing else was.
	New, Changed, Same int
}

// BehaviourCursor is how far the records of a type are read in a CRM. Its times are real.
type BehaviourCursor struct {
	CRM        string
	ObjectType string
	// Since is when the records were changed that the present pass reads, or the next one;
	// zero for whatever there is. BeganAt is when the present pass began, zero where none is
	// under way; EndedAt is when one last read all.
	Since, BeganAt, EndedAt time.Time
	// After is the CRM's cursor, Done and Total are records of the pass, the last one where
	// none is under way.
	After       string
	Done, Total int
}

// BehaviourSource is what one source told of one kind of behaviour.
type BehaviourSource struct {
	// Source is a keyed hash where it is not called as systems are (survey.NamesSystem).
	CRM, Source string
	Kind        survey.BehaviourKind
	// N is how many, of Contacts and Accounts different ones.
	N, Contacts, Accounts int
	// First and Last are when they began, zero where no one of them tells.
	First, Last time.Time
	// Open did not end, as far as was told.
	Open int
	// Currencies counts those whose amount is known, by currency.
	Currencies map[string]int
	// NoStart are those that nobody can count yet: something happened to them, and what
	// they are was not told. NoAmount tell no amount, NoContact and NoAccount not whose
	// they are.
	NoStart, NoAmount, NoContact, NoAccount int
}

// SnapshotPage chooses customers.
type SnapshotPage struct {
	// Of is who is a customer: survey.ObjectContact or survey.ObjectAccount.
	Of string
	// Until is the moment before which everything happened that is told.
	Until time.Time
	// After is the key of the last customer of the page before, "" for the first page.
	After string
	Limit int
	// Keys are the customers, where only those are wanted; then there is one page, and
	// neither After nor Limit counts.
	Keys []string
}

// CustomerHistory is what one customer did and said before a moment, each list oldest
// first. An account's has what all of its contacts did.
type CustomerHistory struct {
	// Key is the reference of the contact or the account.
	Key string
	// CRM is the configured id of the CRM that it is a record of.
	CRM string
	// AccountKey is the account of a contact, "" where it has none.
	AccountKey    string
	Purchases     []survey.Purchase
	Subscriptions []survey.Subscription
	Tickets       []survey.Ticket
	Invitations   []PastInvitation
	Answers       []PastAnswer
	Cases         []PastCase
}

// PastInvitation is an invitation that reached its contact, as far as anybody can tell.
// Audits and what is anonymous are left out.
type PastInvitation struct {
	Program    string
	Kind       survey.Kind
	ContactKey string
	AskedAt    time.Time
	// AnsweredAt is zero where no answer that counts came before the snapshot.
	AnsweredAt time.Time
}

// PastAnswer is the present revision of an answer that counts. Audits and what is
// anonymous are left out.
type PastAnswer struct {
	ID         string // of the response
	Program    string
	Version    string // of the program
	Kind       survey.Kind
	Metric     survey.Metric
	ContactKey string
	Score      int
	Band       survey.Band
	// Sentiment is that of the comment, as of survey.Reading; nil where none was read.
	Sentiment *float64
	At        time.Time
}

// PastCase is a case as it stood at the snapshot. A contact has those that its answers
// are in.
type PastCase struct {
	ID       string
	Program  string
	OpenedAt time.Time
	// AcknowledgedAt and ContactedAt are zero where that had not happened.
	AcknowledgedAt, ContactedAt time.Time
	// EndedAt is zero, and State CaseOpen, of one that had not ended; State is how it ended
	// of others.
	EndedAt time.Time
	State   survey.CaseState
}
