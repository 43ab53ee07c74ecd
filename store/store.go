// Package store is the database: what came in, who was asked and why not, what
// was answered, and what has been done about it. Each method is one use of the
// product and one transaction. SQLite and PostgreSQL stand behind the same
// interface and pass the same tests (storetest).
//
// Times are scaled time (survey.Clock) unless a name says real, kept as
// milliseconds since 1970 in UTC.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// ErrNotFound is returned, wrapped, where a single record is asked for and is not
// there.
var ErrNotFound = errors.New("not found")

// ErrNotRepeated is returned, wrapped, for an effect that is not repeated because what
// it is about has moved on.
var ErrNotRepeated = errors.New("not repeated: what it is about has moved on")

// Store is everything that cxloop keeps. It knows contacts and accounts by references,
// keyed hashes that tell nothing of the CRM's own ids: all that it returns names them
// so, and its methods take references as well as keys.
type Store interface {
	Inbox
	Invitations
	Responses
	Anonymous
	Cases
	Owners
	CaseRecords
	PastScores
	Thanks
	Storms
	Asks
	Testimonials
	Referrals
	Signals
	Effects
	Delivery
	Variants
	Visits
	Campaigns
	Feedback
	Behaviour
	FollowUps
	Themes
	Models
	Comments
	Quotes
	Numbers
	Scores
	Settings

	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
	Close() error
}

// Invitation is one program asking one contact once.
type Invitation struct {
	ID         string
	Program    string
	Version    string // of the program
	Batch      string
	ItemID     int64  // the inbox item it came from
	ContactKey string // "" where whoever opened a public link is asked
	AccountKey string
	Channel    survey.Channel
	State      survey.InvitationState
	Rule       survey.Rule // of a suppressed invitation, and of one cancelled by a rule
	Facts      []byte      // JSON of what the rule saw
	Locale     string
	Variant    string // of the program, "" where it has none or the contact was not admitted
	Recheck    string // the case whose customer is asked again, or ""
	DueAt      time.Time
	CreatedAt  time.Time
	SentAt     time.Time
	ExpiresAt  time.Time
	RemindedAt time.Time
	EndedAt    time.Time
}

// Candidate is a contact that an event leads to, before admission. ContactKey is
// "" where the event leads to nobody.
type Candidate struct {
	ItemID     int64
	ContactKey string
	// AccountKey is the account to audit, "" of others than audits.
	AccountKey string
	EventAt    time.Time
	// Verdicts are what the program's expressions said of the contact.
	Verdicts survey.Verdicts
	// Event is what the event says of dimensions, as Dimensions.OfEvent has it.
	Event map[string]string
	// Recheck is the case whose customer is asked again, and Round the round of it that
	// was resolved.
	Recheck string
	Round   int
}

// Recipient is an invitation with what its mail needs.
type Recipient struct {
	Invitation Invitation
	Contact    survey.Contact
	Account    survey.Account // zero where there is none
	// Bounced says that the contact's address is dead, DeadNumber that its number is.
	Bounced, DeadNumber bool
}

// Invitations decides who is asked and keeps every "no".
type Invitations interface {
	// SaveContacts inserts or refreshes contacts and accounts. Whether a contact
	// unsubscribed is not touched.
	SaveContacts(ctx context.Context, contacts []survey.Contact, accounts []survey.Account) error
	// Contacts returns the contacts of keys that are known, by the keys given.
	Contacts(ctx context.Context, keys []string) (map[string]survey.Contact, error)
	// Accounts returns the accounts of keys that are known, by the keys given.
	Accounts(ctx context.Context, keys []string) (map[string]survey.Account, error)
	// Admit decides the candidates of a batch in one transaction: the rows of the
	// contacts and of all others with their addresses are locked in sorted order, then
	// those of the accounts and caps that count (BEGIN IMMEDIATE on SQLite), facts
	// read, decide asked once a candidate in order, an admitted contact counted as
	// asked from now on, the reservations that it outranks suppressed, and the batch's
	// items marked done. Repeated for the same batch it returns the decisions made
	// before and makes none.
	Admit(ctx context.Context, req AdmitRequest) ([]Invitation, error)
	// AddAsked keeps an invitation that no rule decides about: of a visitor to a public
	// link, or of somebody whom another tool asked. It is open for an answer. The first
	// one of an id is kept and returned.
	AddAsked(ctx context.Context, req AskedRequest) (Invitation, error)
	// Unsent returns the admitted invitations of a batch that are due at now, in order
	// of id. Those whose contact unsubscribed since are left out; the address of a
	// contact may be gone or dead.
	Unsent(ctx context.Context, batch string, now time.Time) ([]Recipient, error)
	// Unanswered returns the sent invitations of a batch that a reminder may go to: not
	// answered, not expired, not reminded so often, not unsubscribed, and not bounced. Who
	// is asked again after a case was resolved is not reminded of that.
	Unanswered(ctx context.Context, req UnansweredRequest) ([]Recipient, error)
	// MarkSent notes mails that went out: state sent, with its expiry.
	MarkSent(ctx context.Context, ids []string, at, expires time.Time) error
	// MarkUnknown notes mails of which nobody can tell whether they went out at a
	// moment, with the expiry that they have if they did.
	MarkUnknown(ctx context.Context, ids []string, at, expires time.Time) error
	// MarkReminded notes reminders that went out (or may have), by their number. Each
	// number counts once, and none below one that is noted.
	MarkReminded(ctx context.Context, ids []string, number int, at time.Time) error
	// MarkCancelled ends invitations whose mail a vendor refuses for good, or whose
	// contact has no address any more or a dead one: their rule says so.
	MarkCancelled(ctx context.Context, ids []string, at time.Time) error
	// Invitation returns one invitation with its contact and account.
	Invitation(ctx context.Context, id string) (Recipient, error)
	// Expire marks some of what was sent (or may have been), was not answered and has
	// expired at now. It returns how many, 0 where none is left.
	Expire(ctx context.Context, now time.Time) (int, error)
	// Unsubscribe stops all mails to a contact, and to others with its address. Doing
	// it twice is no error.
	Unsubscribe(ctx context.Context, contactKey string, at time.Time) error
}

// UnansweredRequest says who of a batch is to be reminded.
type UnansweredRequest struct {
	Batch string
	// SentBy is by when the mails were sent.
	SentBy, Now time.Time
	// Reminder is the number of the reminder, 1 or 2.
	Reminder int
	// NotDuringCase leaves out those with an open case: of the account, or of the contact
	// from before it had one.
	NotDuringCase bool
}

// AdmitRequest is one batch before admission.
type AdmitRequest struct {
	Batch   string
	Program string
	Version string
	// Campaign is the one that the batch is of, or "". Of a cancelled one nobody is
	// admitted.
	Campaign   string
	Candidates []Candidate
	Now        time.Time
	// Kind, Channel, Touchpoint and Priority are the program's, kept for the rules of
	// others. A touchpoint of "" is the program's own, a channel of "" mail.
	Kind       survey.Kind
	Channel    survey.Channel
	Touchpoint string
	Priority   int
	// OpenUntil is set where the survey is shown by a link and no mail is sent: who is
	// admitted is asked at Now, and may answer until then.
	OpenUntil time.Time
	// NoAccount leaves the contact's account out of the invitation: it counts for no cap,
	// case or signal of it.
	NoAccount bool
	// Audit is set where each candidate's account is to be audited: the invitation has that
	// account, whatever the contact's own is, and counts for no gap and no account's cap.
	Audit bool
	// Reads is what of an applicant Decide looks at.
	Reads survey.AdmissionReads
	// Decide is survey's rule. It must not call the store.
	Decide func(survey.Applicant) survey.Ruling
	// DueAt is when an admitted candidate's mail goes out.
	DueAt func(Candidate, survey.Contact) time.Time
	// Locale is the language that the contact is asked in.
	Locale func(survey.Contact) string
	// Variant is the id of the program's variant that the contact is asked by, or "";
	// nil for a program without.
	Variant func(survey.Contact) string
	// Dimensions are those whose values are kept as they are now.
	Dimensions survey.Dimensions
	// NewID makes an invitation id: unguessable, of letters and digits.
	NewID func() string
}

// AskedRequest is an invitation that no rule decides about.
type AskedRequest struct {
	// ID of the invitation: unguessable, of letters and digits.
	ID      string
	Program survey.Program
	// ContactKey is "" for somebody of whom nothing is known. Such an invitation counts
	// for no gap and no cap.
	ContactKey string
	Channel    survey.Channel
	Locale     string
	Dimensions survey.Dimensions
	// At is when they were asked.
	At        time.Time
	ExpiresAt time.Time
}

// CaseDetail is a case with what its message shows.
type CaseDetail struct {
	Case    survey.Case
	Contact survey.Contact // of the latest response
	Account survey.Account
	// Owner is the account's, whose id is the case's own: without more where it is not
	// known who that is in Slack.
	Owner survey.Owner
	// Storm is the id of the storm that the case belongs to, and Thread the ts of the
	// digest whose thread its message is in; each "" for none.
	Storm, Thread string
	Responses     []survey.Response // newest first
	// History is what happened to the case, oldest first.
	History []CaseEvent
}

// Advance is what applying a case's clicks came to.
type Advance struct {
	// Done are the ids of the clicks that are dealt with; the others stay pending.
	Done    []string
	History []CaseEvent
	// Aftercare is what the customers are due of a case that was resolved now.
	Aftercare Aftercare
}

// Aftercare says when the customers of a resolved case are thanked, and asked again; zero
// times are of what they are not.
type Aftercare struct{ ThanksAt, RecheckAt time.Time }

// CaseEvent is one step of a case's history.
type CaseEvent struct {
	// ID grows with time; 0 before it is kept.
	ID int64
	At time.Time
	// What is one of the case's actions, or: opened, response, withdrawn, refused, woke,
	// reopened, closed, thanked, asked_again, recovered, unrecovered, no_answer.
	What string
	User string // Slack user id, or ""
	// Target is the Slack user that it is about, and Choice what was chosen, or "". Where a
	// response is the reason Choice is its id, of a snooze when it ends, of no_answer the
	// rule by which nobody was asked.
	Target, Choice string
	// Note is free text, which may name people.
	Note string
}

// CaseFilter chooses cases.
type CaseFilter struct {
	// States are those of the cases; without any, all that have not ended.
	States []survey.CaseState
	// Program is the one that they were opened by, or "".
	Program string
	Limit   int
}

// Cases keeps the follow-up of unhappy responses.
type Cases interface {
	// ListCases returns the cases that a filter chooses, oldest first.
	ListCases(ctx context.Context, filter CaseFilter) ([]survey.Case, error)
	// Case returns a case with what its message shows.
	Case(ctx context.Context, id string) (CaseDetail, error)
	// OpenCases returns the ids of the open cases of accounts, by the keys given.
	OpenCases(ctx context.Context, accountKeys []string) (map[string]string, error)
	// PendingClicks returns the clicks on a case that are not done, oldest first.
	PendingClicks(ctx context.Context, caseID string) ([]survey.Click, error)
	// Customers returns the contacts whose answers count in cases, by case and sorted:
	// those who may be asked again. Auditors are none.
	Customers(ctx context.Context, cases []string) (map[string][]string, error)
	// EndRechecks notes of some resolved cases whose customers were asked again that none
	// of them can answer any more, and returns of how many, 0 where none is left.
	EndRechecks(ctx context.Context, now time.Time) (int, error)
	// AdvanceCase locks a case, applies its pending clicks by apply, marks those
	// done that apply says, writes history, and sets the open-case signals when the
	// case ends. apply must not call the store. The clicks on a case that is not there
	// are done with: ErrNotFound.
	AdvanceCase(ctx context.Context, id string, now time.Time, apply func(*survey.Case, []survey.Click) Advance) (survey.Case, error)
	// CaseShown notes that the Slack message shows a revision, and so that the effect
	// of its post is done.
	CaseShown(ctx context.Context, id, channel, messageTS string, revision int) error
	// StoryTold notes that the case's thread in Slack knows its history up to an event.
	StoryTold(ctx context.Context, id string, event int64) error
	// SlackUsers returns what is known of users: true for one who may act, false
	// for one who may not; no entry for one not looked up since a moment.
	SlackUsers(ctx context.Context, ids []string, since time.Time) (map[string]bool, error)
	// SaveSlackUsers notes what users.info said.
	SaveSlackUsers(ctx context.Context, users map[string]bool, at time.Time) error
}

// SignalRow is the changed values of one CRM record.
type SignalRow struct {
	ObjectType string
	Record     string // what the store knows it by
	ObjectID   string // the CRM's own id
	Values     map[string]string
}

// Signals keeps what is to be written to CRM records, and what was.
type Signals interface {
	// DirtySignals returns up to limit records of one type of a CRM whose values
	// differ from what was last pushed, each with the changed values alone; empty
	// when all is pushed.
	DirtySignals(ctx context.Context, crm string, limit int) ([]SignalRow, error)
	// SignalsPushed notes values as pushed. A value that changed meanwhile stays
	// dirty.
	SignalsPushed(ctx context.Context, crm string, rows []SignalRow, at time.Time) error
	// SignalsRefused notes that the CRM does not take a record's values: they are
	// not offered again until they change.
	SignalsRefused(ctx context.Context, crm string, rows []SignalRow, reason string, at time.Time) error
	// CountUnanswered sets how many of the invitations of the last
	// survey.UnansweredSpan have expired without an answer, on some of the contacts of whom
	// that may have changed. It returns for how many, 0 where none is left, and the CRMs
	// whose signals changed, sorted.
	CountUnanswered(ctx context.Context, now time.Time) (counted int, crms []string, err error)
}

// Settings keeps the clock and the programs that ran.
type Settings interface {
	// ClockState returns the kept clock, nil in a new database.
	ClockState(ctx context.Context) (*survey.ClockState, error)
	SaveClockState(ctx context.Context, state survey.ClockState) error
	// SaveProgram keeps a version of a program for as long as something runs under
	// it. Doing it twice is no error.
	SaveProgram(ctx context.Context, p survey.Program) error
	// Program returns a kept version.
	Program(ctx context.Context, id, version string) (survey.Program, error)
}
