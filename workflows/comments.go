package workflows

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// CommentsID is the id of the schedule of what reads comments, and of its workflow.
const CommentsID = "comments"

// CommentsWorkflow trains what reads comments where it is time to, and has those read again
// that were read in another way.
func CommentsWorkflow(ctx workflow.Context) error {
	var comments *activities.Comments
	computing := onModels(ctx)
	trying := workflow.WithScheduleToCloseTimeout(computing, fitPatience)
	if err := workflow.ExecuteActivity(trying, comments.TrainText).Get(ctx, nil); err != nil {
		if temporal.IsCanceledError(err) {
			return err
		}
		workflow.GetLogger(ctx).Error("what reads comments could not be trained; that of before is used", "error", err)
	}
	return workflow.ExecuteActivity(computing, comments.ReadComments).Get(ctx, nil)
}

// CommentsSchedule runs it as its spec says. A run that was missed is not made up for: the
// next one does its work.
func CommentsSchedule(spec client.ScheduleSpec) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:            CommentsID,
		Spec:          spec,
		Action:        &client.ScheduleWorkflowAction{ID: CommentsID, Workflow: CommentsWorkflow, TaskQueue: QueueMain, Priority: PriorityCampaign},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: time.Minute,
	}
}
