package chaos

import (
	"context"
	"errors"
	"time"

	activitypb "go.temporal.io/api/activity/v1"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// longCall is longer than a vendor takes to answer when nothing is wrong any more.
const longCall = 10 * time.Second

// hasten gives up what killed processes held, for which cxloop waits a minute or two:
// the hand-over of batches, and calls to vendors. An error is of a part that could not
// be: something may have come to its end meanwhile.
func (r *run) hasten(ctx context.Context) (failed error) {
	if _, err := r.db.ExecContext(ctx, `UPDATE claims SET claimed_at = 0`); err != nil {
		return err
	}
	page, err := r.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: r.options.Namespace, PageSize: pageSize, Query: `ExecutionStatus = "Running"`,
	})
	if err != nil {
		return err
	}
	for _, w := range page.GetExecutions() {
		failed = errors.Join(failed, r.hastenCalls(ctx, w.GetExecution()))
	}
	return failed
}

// hastenCalls ends the calls under way of a workflow as if they had taken too long.
func (r *run) hastenCalls(ctx context.Context, of *commonpb.WorkflowExecution) error {
	described, err := r.client.DescribeWorkflowExecution(ctx, of.GetWorkflowId(), of.GetRunId())
	if err != nil {
		return err
	}
	for _, activity := range described.GetPendingActivities() {
		if activity.GetState() != enumspb.PENDING_ACTIVITY_STATE_STARTED {
			continue
		}
		_, failed := r.client.WorkflowService().UpdateActivityOptions(ctx, &workflowservice.UpdateActivityOptionsRequest{
			Namespace: r.options.Namespace, Execution: of, Identity: "chaos",
			Activity:        &workflowservice.UpdateActivityOptionsRequest_Id{Id: activity.GetActivityId()},
			ActivityOptions: &activitypb.ActivityOptions{StartToCloseTimeout: durationpb.New(longCall)},
			UpdateMask:      &fieldmaskpb.FieldMask{Paths: []string{"start_to_close_timeout"}},
		})
		r.struck = append(r.struck, time.Now()) // it may be of a worker that is alive
		err = errors.Join(err, failed)
	}
	return err
}
