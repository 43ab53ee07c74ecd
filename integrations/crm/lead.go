package crm

import (
	"context"

	"github.com/cxloop/cxloop/survey"
)

// LeadTaker is a CRM that takes leads. Its errors are *integrations.Error.
type LeadTaker interface {
	// CreateLead makes a contact of a lead, with where it comes from. It is safe to repeat:
	// what an earlier call made, whose answer was lost, is found by the lead's id and
	// returned as if it were made now. Of somebody whom the CRM has already nothing is
	// changed.
	CreateLead(ctx context.Context, lead Lead) (LeadRecord, error)
}

// Lead is somebody who left their details by a promoter's link.
type Lead struct {
	// ID is cxloop's own: unguessable, and the same each time.
	ID     string
	Friend survey.Friend
	// Program is the one whose promoter recommended, ReferredBy the CRM's id of the
	// promoter's contact.
	Program    string
	ReferredBy string
}

// LeadRecord is what the CRM made of a lead.
type LeadRecord struct {
	// ID is the CRM's own of the contact, "" where it tells none.
	ID string
	// Existing says that the contact was there before.
	Existing bool
}

// DealReader is a CRM whose events name deals by their records alone. Its errors are
// *integrations.Error.
type DealReader interface {
	// Deals reads deals by their ids, with all their contacts and the properties named.
	// Those that do not exist are left out.
	Deals(ctx context.Context, ids, properties []string) ([]Deal, error)
}

// Deal is one record of a deal.
type Deal struct {
	ID string
	// Contacts are the keys of its contacts.
	Contacts []string
	// Properties are those asked for that have a value.
	Properties map[string]string
}
