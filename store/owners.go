package store

import (
	"context"

	"github.com/cxloop/cxloop/survey"
)

// Owners keeps who the owners of accounts are in Slack. Their mail addresses are not kept.
type Owners interface {
	// Owner returns an owner of a CRM as they were last looked up; one without At where
	// they never were.
	Owner(ctx context.Context, crm, id string) (survey.Owner, error)
	// SaveOwner keeps what a look-up found.
	SaveOwner(ctx context.Context, crm string, owner survey.Owner) error
}
