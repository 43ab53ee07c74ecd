package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
)

// ResponseID is the id of the workflow of a batch of answers.
func ResponseID(batch string) string { return "respond/" + batch }

// ResponseWorkflow scores and records a batch of answers that are already kept, and
// hands on what they lead to: cases, referral asks, signals.
func ResponseWorkflow(ctx workflow.Context, in activities.AnswersRef) error {
	var responses *activities.Responses
	var starts *activities.Starts
	var recorded store.Recorded
	if err := workflow.ExecuteLocalActivity(inStore(ctx), responses.RecordResponses, in).Get(ctx, &recorded); err != nil {
		return err
	}
	followUps := activities.FollowUpsInput{Batch: in.Batch, Recorded: recorded}
	return workflow.ExecuteLocalActivity(inStore(ctx), starts.FollowUps, followUps).Get(ctx, nil)
}
