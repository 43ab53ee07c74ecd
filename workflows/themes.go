package workflows

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// ThemesID is the id of the schedule of the themes and of its workflow.
const ThemesID = "themes"

// ThemesWorkflow tells once what made customers unhappy in the week before.
func ThemesWorkflow(ctx workflow.Context) error {
	var themes *activities.Themes
	var week activities.ThemesWeek
	if err := workflow.ExecuteLocalActivity(inStore(ctx), themes.BeginThemes).Get(ctx, &week); err != nil {
		return err
	}
	return workflow.ExecuteActivity(atVendor(ctx, QueueSlack), themes.PostThemes, week).Get(ctx, nil)
}

// ThemesSchedule runs it as its spec says. A run that was missed for less than a day is
// made up for.
func ThemesSchedule(spec client.ScheduleSpec) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:            ThemesID,
		Spec:          spec,
		Action:        &client.ScheduleWorkflowAction{ID: ThemesID, Workflow: ThemesWorkflow, TaskQueue: QueueMain},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: 24 * time.Hour,
	}
}
