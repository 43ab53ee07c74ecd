package workflows

import (
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// CampaignChangedSignal wakes the workflow of a campaign that was cancelled.
const CampaignChangedSignal = "campaign_changed"

// CampaignScheduleID is the id of the schedule of a program's campaigns.
func CampaignScheduleID(program string) string { return campaignPrefix + program }

const campaignPrefix = "campaign/"

// CampaignWorkflowID is the id of the workflow of one campaign. A schedule's runs are the
// moments at which they began.
func CampaignWorkflowID(program, run string) string { return campaignPrefix + program + "-" + run }

// CampaignWorkflow asks the audience of a relational program: it reads the CRM, whose
// contacts wait in the inbox for their day, and ends when the last batch is handed on.
func CampaignWorkflow(ctx workflow.Context, in activities.CampaignInput) error {
	w := campaign{program: in.Program}
	if err := w.begin(ctx, in); err != nil || w.ref.Campaign == "" {
		return err
	}
	if err := w.read(ctx); err != nil {
		return err
	}
	return w.follow(ctx)
}

type campaign struct {
	program string
	ref     activities.CampaignRef
}

func (w *campaign) begin(ctx workflow.Context, in activities.CampaignInput) error {
	var campaigns *activities.Campaigns
	run := strings.TrimPrefix(workflow.GetInfo(ctx).WorkflowExecution.ID, CampaignWorkflowID(in.Program, ""))
	return workflow.ExecuteLocalActivity(inStore(ctx), campaigns.BeginCampaign, activities.BeginInput{CampaignInput: in, Run: run}).Get(ctx, &w.ref)
}

func (w *campaign) read(ctx workflow.Context) error {
	var audience *activities.Audience
	for {
		var read activities.AudienceRead
		err := workflow.ExecuteActivity(longAtVendor(ctx, QueueCRM(w.ref.CRM)), audience.ReadAudience, w.ref).Get(ctx, &read)
		if err != nil || read.All {
			return err
		}
		if err := w.anew(ctx); err != nil {
			return err
		}
	}
}

func (w *campaign) follow(ctx workflow.Context) error {
	var campaigns *activities.Campaigns
	changed := workflow.GetSignalChannel(ctx, CampaignChangedSignal)
	for {
		drain(changed)
		var step activities.CampaignStep
		if err := workflow.ExecuteLocalActivity(inStore(ctx), campaigns.FollowCampaign, w.ref).Get(ctx, &step); err != nil || step.Ended {
			return err
		}
		if wait := step.At.Sub(workflow.Now(ctx)); wait > 0 {
			changed.ReceiveWithTimeout(ctx, wait, nil)
		}
		if err := w.anew(ctx); err != nil {
			return err
		}
	}
}

// anew goes on with an empty history where this one is long.
func (w *campaign) anew(ctx workflow.Context) error {
	if !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		return nil
	}
	return workflow.NewContinueAsNewError(ctx, CampaignWorkflow, activities.CampaignInput{Program: w.program, Campaign: w.ref.Campaign})
}

// CampaignSchedule begins a program's campaigns as its spec says. One that was missed for
// less than a day is made up for; while one is under way no other begins.
func CampaignSchedule(program string, spec client.ScheduleSpec) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:   CampaignScheduleID(program),
		Spec: spec,
		Action: &client.ScheduleWorkflowAction{
			ID: CampaignScheduleID(program), Workflow: CampaignWorkflow, Args: []any{activities.CampaignInput{Program: program}},
			TaskQueue: QueueMain, Priority: PriorityCampaign,
			TypedSearchAttributes: temporal.NewSearchAttributes(ProgramAttribute.ValueSet(program)),
		},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: 24 * time.Hour,
	}
}
