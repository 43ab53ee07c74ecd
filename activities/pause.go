package activities

import (
	"context"
	"fmt"
	"slices"

	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/store"
)

// unpaused keeps the mails of a paused program waiting until an operator resumes it.
// The activity is tried again: nothing is written to the workflow's history meanwhile.
func unpaused(ctx context.Context, s store.Store, program string) error {
	pauses, err := s.Pauses(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(pauses, func(p store.Pause) bool { return p.Program == program }) {
		return nil
	}
	return temporal.NewApplicationErrorWithOptions(
		fmt.Sprintf("program %s is paused: cxloop pause resume %s has it mail again", program, program),
		FailureRetryAfter, temporal.ApplicationErrorOptions{
			NextRetryDelay: operatorWait, Category: temporal.ApplicationErrorCategoryBenign,
		})
}
