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
	if ended, err := w.read(ctx); err != nil || ended {
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

// read has the CRM read, which takes as long as the CRM does: a campaign that is cancelled
// meanwhile ends all the same, also where nobody reads that CRM any more.
func (w *campaign) read(ctx workflow.Context) (ended bool, err error) {
	var audience *activities.Audience
	changed := workflow.GetSignalChannel(ctx, CampaignChangedSignal)
	for {
		reading, stop := workflow.WithCancel(longAtVendor(ctx, QueueCRM(w.ref.CRM)))
		var read activities.AudienceRead
		var woken bool
		workflow.NewSelector(ctx).
			AddFuture(workflow.ExecuteActivity(reading, audience.ReadAudience, w.ref), func(f workflow.Future) { err = f.Get(ctx, &read) }).
			AddReceive(changed, func(workflow.ReceiveChannel, bool) { woken = drain(changed) > 0 }).
			Select(ctx)
		stop()
		if woken {
			step, err := w.look(ctx)
			if err != nil || step.Ended {
				return step.Ended, err
			}
			continue
		}
		if err != nil || read.All {
			return false, err
		}
		if err := w.anew(ctx); err != nil {
			return false, err
		}
	}
}

func (w *campaign) look(ctx workflow.Context) (step activities.CampaignStep, err error) {
	var campaigns *activities.Campaigns
	err = workflow.ExecuteLocalActivity(inStore(ctx), campaigns.FollowCampaign, w.ref).Get(ctx, &step)
	return step, err
}

func (w *campaign) follow(ctx workflow.Context) error {
	changed := workflow.GetSignalChannel(ctx, CampaignChangedSignal)
	for {
		drain(changed)
		step, err := w.look(ctx)
		if err != nil || step.Ended {
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
