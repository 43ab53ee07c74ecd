package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// ThanksID is the id of the workflow of a batch of cases that were resolved.
func ThanksID(batch string) string { return "thanks/" + batch }

// ThanksWorkflow mails the customers of a batch of resolved cases, each when their window
// is open.
func ThanksWorkflow(ctx workflow.Context, in activities.ThanksRef) error {
	var mail *activities.Mail
	for {
		var thanked activities.Thanked
		err := workflow.ExecuteActivity(atVendor(ctx, QueueMail), mail.SendThanks, in).Get(ctx, &thanked)
		if err != nil || thanked.Again.IsZero() {
			return err
		}
		if err := sleepUntil(ctx, thanked.Again); err != nil {
			return err
		}
	}
}
