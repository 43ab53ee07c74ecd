package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// AskID is the id of the workflow of the asks of a batch of answers.
func AskID(batch string) string { return "ask/" + batch }

// AskWorkflow mails what a batch of answers led to asks for (a referral, a review, a
// testimonial), each when it is due and its window open, by the rules and by what the CRM
// tells of the contacts as they stand then.
func AskWorkflow(ctx workflow.Context, in activities.AnswersRef) error {
	var asks *activities.Asks
	var mail *activities.Mail
	var contacts *activities.Contacts
	var planned activities.PlannedAsks
	if err := workflow.ExecuteLocalActivity(inStore(ctx), asks.PlanAsks, in).Get(ctx, &planned); err != nil {
		return err
	}
	if planned.Asks == 0 {
		return nil
	}
	if err := sleepUntil(ctx, planned.At); err != nil {
		return err
	}
	for {
		for _, crm := range planned.CRMs {
			in := activities.ResolveInput{Batch: in.Batch, CRM: crm}
			if err := workflow.ExecuteActivity(longAtVendor(ctx, QueueCRM(crm)), contacts.ReadAsked, in).Get(ctx, nil); err != nil {
				return err
			}
		}
		var admitted int
		if err := workflow.ExecuteLocalActivity(inStore(ctx), asks.AdmitAsks, in).Get(ctx, &admitted); err != nil {
			return err
		}
		if admitted == 0 {
			return nil
		}
		var asked activities.Asked
		if err := workflow.ExecuteActivity(atVendor(ctx, QueueMail), mail.SendAsks, in).Get(ctx, &asked); err != nil || asked.Again.IsZero() {
			return err
		}
		if err := sleepUntil(ctx, asked.Again); err != nil {
			return err
		}
	}
}
