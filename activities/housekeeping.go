package activities

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Housekeeping keeps the database in order. Its activity touches the database
// alone.
type Housekeeping struct {
	Store store.Store
	Clock survey.Clock
}

// inboxKept is how long an inbox item is known after it is done. Vendors repeat a
// delivery for a day at most (HubSpot and SendGrid: 24 h).
const inboxKept = 30 * 24 * time.Hour

// Tidied is what KeepHouse did.
type Tidied struct {
	Expired, Purged int
}

// KeepHouse marks invitations that have expired and forgets old inbox items.
func (h *Housekeeping) KeepHouse(ctx context.Context) (Tidied, error) {
	now := h.Clock.Now()
	expired, err := h.Store.Expire(ctx, now)
	if err != nil {
		return Tidied{}, err
	}
	purged, err := h.Store.PurgeInbox(ctx, now.Add(-inboxKept))
	return Tidied{Expired: expired, Purged: purged}, err
}
