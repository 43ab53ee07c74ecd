package crm

import (
	"context"
	"time"
)

// Owner is a user of a CRM who has accounts.
type Owner struct {
	ID string
	// Email is their mail address, "" where the CRM has none.
	Email string
	// Active says that they can use the CRM.
	Active bool
	// Zone is the IANA name of their time zone, "" where the CRM does not say.
	Zone string
	// Absences are when they are out of office, in no order.
	Absences []Absence
}

// Absence is a time in which somebody is out of office.
type Absence struct{ From, Until time.Time }

// AwayAt reports whether an owner is away at a moment, and when that changes, zero where
// nobody knows of a change.
func (o Owner) AwayAt(at time.Time) (away bool, changes time.Time) {
	if !o.Active {
		return true, time.Time{}
	}
	for _, absence := range o.Absences {
		if !at.Before(absence.From) && at.Before(absence.Until) {
			return true, absence.Until
		}
		if at.Before(absence.From) && (changes.IsZero() || absence.From.Before(changes)) {
			changes = absence.From
		}
	}
	return false, changes
}

// Owners is a CRM that can be asked about its users.
type Owners interface {
	// Owner returns an owner by their id: one who is not active where there is none, or
	// none any more.
	Owner(ctx context.Context, id string) (Owner, error)
}
