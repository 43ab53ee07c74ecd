package activities

import (
	"time"

	"go.temporal.io/sdk/temporal"
)

// inDoubt stops an activity whose call may or may not have done its work, to find out
// after a pause. Nothing is wrong yet, hence benign.
func inDoubt(why string, pause time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(why, FailureRetryAfter, temporal.ApplicationErrorOptions{
		NextRetryDelay: pause, Category: temporal.ApplicationErrorCategoryBenign,
	})
}
