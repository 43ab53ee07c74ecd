package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// CaseRecord is what a CRM was told of a case.
type CaseRecord struct {
	Case string
	CRM  string
	Kind survey.RecordKind
	// ID is the CRM's own of the task or ticket, "" before one is made.
	ID string
	// State, Priority and OwnerID are what the CRM was told last.
	State    survey.RecordState
	Priority survey.CasePriority
	OwnerID  string
	// Round is that of the case when the CRM was told that it is open.
	Round int
	// Told is the revision of the case that the CRM knows, 0 while it is being told, and
	// Noted the last event of its history that is on the timeline.
	Told  int
	Noted int64
	// TriedAt is when the CRM was last begun to be told.
	TriedAt time.Time
}

// Filing is what decides whether a CRM has to be told of a case.
type Filing struct {
	// Begun: the CRM was told before.
	Begun  bool
	Record CaseRecord
	// Unnoted: something happened that is not on the timeline.
	Unnoted bool
}

// CaseRecords keeps what CRMs were told of cases.
type CaseRecords interface {
	// Filing returns what is known of telling a case to its CRM, where the timeline has
	// the given kinds of events.
	Filing(ctx context.Context, caseID string, noted []string) (Filing, error)
	// CaseRecord returns what was told: ErrNotFound where nothing was.
	CaseRecord(ctx context.Context, caseID string) (CaseRecord, error)
	// SaveCaseRecord keeps it.
	SaveCaseRecord(ctx context.Context, r CaseRecord) error
	// OpenRecords returns up to limit records of a CRM that are open there, as far as is
	// known, of cases that have not ended and whose ids come after a given one, in order
	// of these.
	OpenRecords(ctx context.Context, crm, after string, limit int) ([]CaseRecord, error)
	// WatchedCRMs are those that have such records, sorted.
	WatchedCRMs(ctx context.Context) ([]string, error)
	// RecordsOf returns what is known of records by the CRM's own ids, and of cases by
	// theirs, of one CRM.
	RecordsOf(ctx context.Context, crm string, records, cases []string) ([]CaseRecord, error)
}

// Closing is the inbox's item that ends a case because its record was closed in the CRM.
// The same closing has the same item.
func (r CaseRecord) Closing(at time.Time) (Item, error) {
	click := survey.Click{
		ID: fmt.Sprintf("%s/%s/%d", r.CRM, r.ID, r.Round), CaseID: r.Case, Action: survey.ActionClosedInCRM, At: at, Target: r.CRM, Round: r.Round,
	}
	payload, err := json.Marshal(click)
	if err != nil {
		return Item{}, fmt.Errorf("write closing: %w", err)
	}
	return Item{Topic: TopicClick, Lane: r.Case, Source: "crm", Key: click.ID, Payload: payload, DueAt: at}, nil
}
