package workflows

import (
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/cxloop/cxloop/activities"
)

// HousekeepingID is the id of the housekeeping's schedule and workflow.
const HousekeepingID = "housekeeping"

// HousekeepingWorkflow marks what expired, forgets what is no longer needed, and
// begins again what a lost workflow has left behind.
func HousekeepingWorkflow(ctx workflow.Context) error {
	var house *activities.Housekeeping
	if err := workflow.ExecuteLocalActivity(inStore(ctx), house.KeepHouse).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.ExecuteLocalActivity(inStore(ctx), house.WakeStalled).Get(ctx, nil)
}

// HousekeepingSchedule runs it every so often, on the real clock. A run that was
// missed for less than an hour is made up for.
func HousekeepingSchedule(every time.Duration) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:            HousekeepingID,
		Spec:          client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: every}}, Jitter: every / 10},
		Action:        &client.ScheduleWorkflowAction{ID: HousekeepingID, Workflow: HousekeepingWorkflow, TaskQueue: QueueMain},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: time.Hour,
	}
}
