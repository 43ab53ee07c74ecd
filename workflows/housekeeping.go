package workflows

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/cxloop/cxloop/activities"
)

// HousekeepingID is the id of the housekeeping's schedule and workflow.
const HousekeepingID = "housekeeping"

// HousekeepingWorkflow marks what expired, forgets what is no longer needed, begins again
// what a lost workflow has left behind, and asks CRMs which cases were closed there. It fails
// where something of that did, after all else is done.
func HousekeepingWorkflow(ctx workflow.Context) error {
	var house *activities.Housekeeping
	var tidied activities.Tidied
	kept := workflow.ExecuteLocalActivity(inStore(ctx), house.KeepHouse).Get(ctx, &tidied)
	if temporal.IsCanceledError(kept) {
		return kept
	}
	var woken activities.Woken
	if err := workflow.ExecuteLocalActivity(inStore(ctx), house.WakeStalled).Get(ctx, &woken); err != nil {
		return errors.Join(kept, err)
	}
	readRecords(ctx, woken.Watched)
	if len(tidied.Failed) > 0 {
		return fmt.Errorf("parts of the housekeeping failed, as cxloop's log says: %s", strings.Join(tidied.Failed, ", "))
	}
	return kept
}

// readPatience is how long a CRM is asked which cases were closed there. It is asked again
// an hour later.
const readPatience = 30 * time.Minute

// readRecords asks CRMs, all at once.
func readRecords(ctx workflow.Context, crms []string) {
	var records *activities.CaseRecords
	asked := make([]workflow.Future, len(crms))
	for i, crm := range crms {
		atCRM := workflow.WithScheduleToCloseTimeout(atVendor(ctx, QueueCRM(crm)), readPatience)
		asked[i] = workflow.ExecuteActivity(atCRM, records.ReadRecords, activities.CRMRef{CRM: crm})
	}
	for i, f := range asked {
		if err := f.Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Error("a CRM does not say which cases were closed there", "crm", crms[i], "error", err)
		}
	}
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
