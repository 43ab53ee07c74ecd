package crm

import (
	"context"

	"github.com/cxloop/cxloop/survey"
)

// MaxAudience is the most contacts of an AudiencePage.
const MaxAudience = 200

// MaxWhere is the most properties of an AudienceQuery: HubSpot's search takes six
// filters in a group, of which the cursor is one.
const MaxWhere = 5

// Lister is a CRM that can be asked for its contacts. Its errors are
// *integrations.Error.
type Lister interface {
	// Audience reads a page of the contacts that a query means, in the order of their
	// ids, with their accounts. It is safe to repeat, and a contact that is there all
	// the time is on one page only, whatever comes and goes meanwhile.
	Audience(ctx context.Context, query AudienceQuery) (AudiencePage, error)
}

// AudienceQuery says which contacts are meant.
type AudienceQuery struct {
	// Where are properties of the contact and the text that each must have; empty for
	// all contacts.
	Where map[string]string
	// After is the cursor: AudiencePage.Next of the page before, "" for the first.
	After string
}

// AudiencePage is at most MaxAudience contacts.
type AudiencePage struct {
	Contacts []survey.Contact
	Accounts []survey.Account
	// Next is the cursor of the page after this, "" where this is the last.
	Next string
}
