// Package crm is the port that every CRM is behind.
package crm

import (
	"context"

	"github.com/cxloop/cxloop/survey"
)

// CRM is one configured CRM. Its errors are *integrations.Error.
type CRM interface {
	// Resolve finds the contacts that records are about, and their accounts, in as
	// few calls as the vendor's batches allow. A record that leads to no contact
	// has no entry in People. The objects are at most 500.
	Resolve(ctx context.Context, objects []survey.Object) (Resolution, error)
	// Push writes values to at most BatchSize records of one type. It is safe to
	// repeat. Rows that the CRM refused are in the result, in any order; an error
	// means that no row's outcome is known.
	Push(ctx context.Context, objectType string, updates []Update) ([]Refusal, error)
	// BatchSize is the most updates that one Push takes.
	BatchSize() int
}

// Resolution is what Resolve found.
type Resolution struct {
	// People are the keys of the contacts of each record, by record.
	People   map[survey.Object][]string
	Contacts []survey.Contact
	Accounts []survey.Account
}

// Update is new values for one record. Values are text, as the CRM takes them.
type Update struct {
	ID     string
	Values map[string]string
}

// Refusal is a row that the CRM did not take, for good.
type Refusal struct {
	ID     string
	Code   string
	Reason string
}
