package crm

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Filer is a CRM in which people see cases: each as a task or a ticket, with notes on
// the timeline of whom it is about. Its errors are *integrations.Error: one of MakeRecord
// or MakeNote that is Ambiguous may have made what it was to make.
type Filer interface {
	// MakeRecord makes the task or ticket of a case and returns its id. It is not safe
	// to repeat.
	MakeRecord(ctx context.Context, r CaseRecord) (id string, err error)
	// FindRecord looks for it among the records of whom the case is about that were made
	// since a moment of real time, and returns its id, "" for none. It reads associations,
	// which show a write at once, unlike searches.
	FindRecord(ctx context.Context, r CaseRecord, since time.Time) (id string, err error)
	// ChangeRecord changes what a change names. It is safe to repeat. The code of its
	// error is CodeGone where there is no such record any more.
	ChangeRecord(ctx context.Context, kind survey.RecordKind, id string, change RecordChange) error
	// ReadRecords says of records whether they are closed, by their ids; those that are
	// gone are missing. It takes any number of ids.
	ReadRecords(ctx context.Context, kind survey.RecordKind, ids []string) (closed map[string]bool, err error)
	// MakeNote puts a note on the timelines and returns its id. It is not safe to repeat.
	MakeNote(ctx context.Context, n Note) (id string, err error)
	// FindNote is FindRecord for a note.
	FindNote(ctx context.Context, n Note, since time.Time) (id string, err error)
}

// CodeGone is the code of an error about a record that is not there, or of whom it was
// to be about.
const CodeGone = "gone"

// CaseTeller is a CRM that is told of cases by messages.
type CaseTeller interface {
	// TellCase tells how a case stands. It is safe to repeat: the message of the same
	// revision has the same id.
	TellCase(ctx context.Context, news CaseNews) error
}

// CaseWatcher knows from an event of its CRM that somebody closed a case there.
type CaseWatcher interface {
	// Closing says which, ok is false for any other event.
	Closing(survey.Event) (c Closing, ok bool)
}

// Closing names a case that was closed in the CRM: by its own id, or by that of its
// record.
type Closing struct {
	Case   string
	Kind   survey.RecordKind
	Record string
}

// About is whom a record or a note is about: the CRM's own ids, "" for none.
type About struct {
	ContactID, AccountID string
}

// CaseRecord is the task or ticket of a case.
type CaseRecord struct {
	About
	Kind survey.RecordKind
	// Mark is in the text, and in that of no other record of its kind: FindRecord knows
	// the record by it.
	Mark     string
	Subject  string
	Lines    []string // of the text, plain
	Priority survey.CasePriority
	OwnerID  string // the CRM's own id of whose it is, or ""
	// Due is when it has to be done, in real time.
	Due time.Time
}

// RecordChange is what changes of a record. What is empty stays as it is.
type RecordChange struct {
	State    survey.RecordState
	Priority survey.CasePriority
	OwnerID  string
}

// Note is an entry on the timeline of a contact and of their account.
type Note struct {
	About
	Mark  string // as of CaseRecord
	Lines []string
	At    time.Time // real time
}

// CaseNews is how a case stands: ids and states, nobody's name and no words of theirs.
type CaseNews struct {
	// Type is one of the News constants.
	Type     string
	Case     string
	Revision int
	State    survey.CaseState
	Priority survey.CasePriority
	Cause    string // id of the cause or reason that it ended with, or ""
	Program  string
	About
	OpenedAt, EndedAt time.Time // real time; EndedAt is zero while it is open
}

// What a CaseTeller is told.
const (
	NewsOpened  = "case.opened"
	NewsChanged = "case.changed"
	NewsEnded   = "case.ended"
)
