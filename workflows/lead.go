package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
)

// LeadID is the id of the workflow of a batch of friends who left their details.
func LeadID(batch string) string { return "lead/" + batch }

// WonID is the id of the workflow of a batch of won deals.
func WonID(batch string) string { return "won/" + batch }

// LeadWorkflow has the CRM take a batch of friends who left their details, and thanks their
// promoters, each when their window is open. Neither waits for the other.
func LeadWorkflow(ctx workflow.Context, in activities.LeadsRef) error {
	var referrals *activities.Referrals
	var leads *activities.Leads
	var begun store.LeadsBegun
	if err := workflow.ExecuteLocalActivity(inStore(ctx), referrals.BeginLeads, in).Get(ctx, &begun); err != nil {
		return err
	}
	if err := wakeSyncs(ctx, in.Batch, begun.CRMs); err != nil {
		return err
	}
	taken := workflow.ExecuteActivity(longAtVendor(ctx, QueueCRM(in.CRM)), leads.CreateLeads, in)
	err := thank(ctx, in)
	return errors.Join(err, taken.Get(ctx, nil))
}

// thank mails the promoters of a batch.
func thank(ctx workflow.Context, in activities.LeadsRef) error {
	var referrals *activities.Referrals
	var mail *activities.Mail
	for {
		var admitted int
		if err := workflow.ExecuteLocalActivity(inStore(ctx), referrals.AdmitLeadThanks, in).Get(ctx, &admitted); err != nil || admitted == 0 {
			return err
		}
		var thanked activities.LeadThanked
		if err := workflow.ExecuteActivity(atVendor(ctx, QueueMail), mail.SendLeadThanks, in).Get(ctx, &thanked); err != nil || thanked.Again.IsZero() {
			return err
		}
		if err := sleepUntil(ctx, thanked.Again); err != nil {
			return err
		}
	}
}

// WonWorkflow credits a batch of won deals to the promoters whose friends they are with.
func WonWorkflow(ctx workflow.Context, in activities.LeadsRef) error {
	var leads *activities.Leads
	var credited store.Credited
	if err := workflow.ExecuteActivity(atVendor(ctx, QueueCRM(in.CRM)), leads.CreditDeals, in).Get(ctx, &credited); err != nil {
		return err
	}
	return wakeSyncs(ctx, in.Batch, credited.CRMs)
}

// wakeSyncs starts or wakes the workflows that write to CRMs whose signals changed.
func wakeSyncs(ctx workflow.Context, batch string, crms []string) error {
	if len(crms) == 0 {
		return nil
	}
	var starts *activities.Starts
	followUps := activities.FollowUpsInput{Batch: batch, Recorded: store.Recorded{CRMs: crms}}
	return workflow.ExecuteLocalActivity(inStore(ctx), starts.FollowUps, followUps).Get(ctx, nil)
}
