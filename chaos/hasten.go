package chaos

import (
	"context"
	"errors"
	"strconv"
	"time"

	activitypb "go.temporal.io/api/activity/v1"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

const (
	// longCall is longer than a vendor takes to answer when nothing is wrong any more.
	longCall    = 10 * time.Second
	hastenEvery = 5 * time.Second
)

// hasten spares a run the waits that only time ends, now that nothing is killed and
// nothing fails any more. An error is of a part that could not be: something may have
// come to its end meanwhile.
func (r *run) hasten(ctx context.Context) error {
	// A batch that a killed process had claimed is free after a minute.
	if _, err := r.db.ExecContext(ctx, `UPDATE claims SET claimed_at = 0`); err != nil {
		return err
	}
	return errors.Join(r.age(ctx), r.hastenAttempts(ctx))
}

// How long cxloop leaves a mail in doubt alone: its workflow asks for a quarter of an
// hour, and housekeeping settles after an hour what nobody asks about.
const (
	askedFor     = 15 * time.Minute
	settledAfter = time.Hour
)

// age makes mails in doubt as old as they have to be. It is the same as waiting: what
// cxloop does then depends on nothing but their age and the events that came, and no
// event is still to come, because those of all mails that went out have been taken.
func (r *run) age(ctx context.Context) error {
	if unproved, err := r.unproved(ctx); err != nil || unproved > 0 {
		return err
	}
	asking, err := r.workflows(ctx, `ExecutionStatus = "Running" AND WorkflowType IN ("InviteWorkflow", "AskWorkflow")`)
	if err != nil {
		return err
	}
	by := askedFor
	if asking == 0 {
		by = settledAfter
	}
	// Not one whose call may be under way.
	older := `UPDATE effects SET tried_at = tried_at - $1 WHERE state = 'pending' AND vendor = 'sendgrid'
		AND tried_at BETWEEN $2 AND $3 RETURNING key, tried_at + $1`
	now := time.Now()
	return r.rows(ctx, older, func(key, tried string) {
		if ms, err := strconv.ParseInt(tried, 10, 64); err == nil && r.aged[key].IsZero() {
			r.aged[key] = time.UnixMilli(ms)
		}
	}, by.Milliseconds(), now.Add(-by).UnixMilli(), now.Add(-longCall).UnixMilli())
}

// hastenAttempts gives up the attempts that killed processes held, for which Temporal
// waits two minutes, and begins at once those that wait after a failure.
func (r *run) hastenAttempts(ctx context.Context) (failed error) {
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

func (r *run) hastenCalls(ctx context.Context, of *commonpb.WorkflowExecution) error {
	described, err := r.client.DescribeWorkflowExecution(ctx, of.GetWorkflowId(), of.GetRunId())
	if err != nil {
		return err
	}
	for _, activity := range described.GetPendingActivities() {
		var failed error
		switch activity.GetState() {
		case enumspb.PENDING_ACTIVITY_STATE_STARTED:
			r.struck = append(r.struck, time.Now()) // it may be of a worker that is alive
			failed = r.giveUp(ctx, of, activity.GetActivityId())
		case enumspb.PENDING_ACTIVITY_STATE_SCHEDULED:
			failed = r.tryNow(ctx, of, activity.GetActivityId())
		}
		if _, over := errors.AsType[*serviceerror.NotFound](failed); !over {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// giveUp ends an attempt that takes longer than any that is still under way.
func (r *run) giveUp(ctx context.Context, of *commonpb.WorkflowExecution, activity string) error {
	_, err := r.client.WorkflowService().UpdateActivityOptions(ctx, &workflowservice.UpdateActivityOptionsRequest{
		Namespace: r.options.Namespace, Execution: of, Identity: "chaos",
		Activity:        &workflowservice.UpdateActivityOptionsRequest_Id{Id: activity},
		ActivityOptions: &activitypb.ActivityOptions{StartToCloseTimeout: durationpb.New(longCall)},
		UpdateMask:      &fieldmaskpb.FieldMask{Paths: []string{"start_to_close_timeout"}},
	})
	return err
}

func (r *run) tryNow(ctx context.Context, of *commonpb.WorkflowExecution, activity string) error {
	_, err := r.client.WorkflowService().ResetActivity(ctx, &workflowservice.ResetActivityRequest{
		Namespace: r.options.Namespace, Execution: of, Identity: "chaos",
		Activity: &workflowservice.ResetActivityRequest_Id{Id: activity},
	})
	return err
}
