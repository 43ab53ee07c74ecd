package crm

import "context"

// Owner is a user of a CRM who has accounts.
type Owner struct {
	ID string
	// Email is their mail address, "" where the CRM has none.
	Email string
	// Active says that they can use the CRM.
	Active bool
}

// Owners is a CRM that can be asked about its users.
type Owners interface {
	// Owner returns an owner by their id: one who is not active where there is none, or
	// none any more.
	Owner(ctx context.Context, id string) (Owner, error)
}
