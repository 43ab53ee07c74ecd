package crm

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// BehaviourReader is a CRM whose records tell what customers bought and what they wanted
// help with. Its errors are *integrations.Error.
type BehaviourReader interface {
	// ReadsBehaviour reports whether records of a type are read for that, as configured:
	// survey.ObjectDeal or survey.ObjectTicket.
	ReadsBehaviour(objectType string) bool
	// Behaviour reads what records of a type tell, by their ids, at most 500. Of those that
	// do not exist, or are nothing of the kind any more, it tells that they ended, as of a
	// moment.
	Behaviour(ctx context.Context, objectType string, ids []string, asOf time.Time) ([]survey.Behaviour, error)
	// BehaviourPage reads a page of what was changed. It is safe to repeat.
	BehaviourPage(ctx context.Context, query BehaviourQuery) (BehaviourPage, error)
}

// BehaviourQuery says what is read.
type BehaviourQuery struct {
	// ObjectType is of records that ReadsBehaviour.
	ObjectType string
	// Since is the moment from which on they were changed, zero for whatever there is.
	Since time.Time
	// After is the cursor: BehaviourPage.Next of the page before, "" for the first.
	After string
}

// BehaviourPage is at most MaxAudience records.
type BehaviourPage struct {
	// Told is what each of them tells, by the CRM's own ids.
	Told []survey.Behaviour
	// Next is the cursor of the page after this, "" where this is the last.
	Next string
	// Total is how many records the query has from this page on.
	Total int
}
