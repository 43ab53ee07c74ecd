package localserver

import (
	"context"
	"errors"
	"time"

	activitypb "go.temporal.io/api/activity/v1"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// Hasten spares measurements the waits that follow when workers are killed. It gives up
// the attempts of activities that take longer than any that is still under way, for
// which Temporal waits minutes, and begins at once those that wait after a failure.
type Hasten struct {
	Client    client.Client
	Namespace string
	// Longest is how long an attempt takes at most while its worker lives.
	Longest time.Duration
	// GaveUp, if set, hears of each attempt that has no more than Longest left.
	GaveUp func()
}

// hastened is how many running workflows are looked at.
const hastened = 200

// Activities hastens those of all running workflows. An error is of a part that could
// not be: something may have come to its end meanwhile.
func (h Hasten) Activities(ctx context.Context) (failed error) {
	page, err := h.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: h.Namespace, PageSize: hastened, Query: `ExecutionStatus = "Running"`,
	})
	if err != nil {
		return err
	}
	for _, w := range page.GetExecutions() {
		failed = errors.Join(failed, h.activitiesOf(ctx, w.GetExecution()))
	}
	return failed
}

func (h Hasten) activitiesOf(ctx context.Context, of *commonpb.WorkflowExecution) error {
	described, err := h.Client.DescribeWorkflowExecution(ctx, of.GetWorkflowId(), of.GetRunId())
	if err != nil {
		return err
	}
	for _, activity := range described.GetPendingActivities() {
		var failed error
		switch activity.GetState() {
		case enumspb.PENDING_ACTIVITY_STATE_STARTED:
			if h.GaveUp != nil {
				h.GaveUp()
			}
			failed = h.giveUp(ctx, of, activity.GetActivityId())
		case enumspb.PENDING_ACTIVITY_STATE_SCHEDULED:
			failed = h.tryNow(ctx, of, activity.GetActivityId())
		}
		if _, over := errors.AsType[*serviceerror.NotFound](failed); !over {
			err = errors.Join(err, failed)
		}
	}
	return err
}

func (h Hasten) giveUp(ctx context.Context, of *commonpb.WorkflowExecution, activity string) error {
	_, err := h.Client.WorkflowService().UpdateActivityOptions(ctx, &workflowservice.UpdateActivityOptionsRequest{
		Namespace: h.Namespace, Execution: of, Identity: "hasten",
		Activity:        &workflowservice.UpdateActivityOptionsRequest_Id{Id: activity},
		ActivityOptions: &activitypb.ActivityOptions{StartToCloseTimeout: durationpb.New(h.Longest)},
		UpdateMask:      &fieldmaskpb.FieldMask{Paths: []string{"start_to_close_timeout"}},
	})
	return err
}

func (h Hasten) tryNow(ctx context.Context, of *commonpb.WorkflowExecution, activity string) error {
	_, err := h.Client.WorkflowService().ResetActivity(ctx, &workflowservice.ResetActivityRequest{
		Namespace: h.Namespace, Execution: of, Identity: "hasten",
		Activity: &workflowservice.ResetActivityRequest_Id{Id: activity},
	})
	return err
}
