package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// noLog keeps the Temporal client's words out of the figures.
type noLog struct{}

func (noLog) Debug(string, ...any) {}
func (noLog) Info(string, ...any)  {}
func (noLog) Warn(string, ...any)  {}
func (noLog) Error(string, ...any) {}

const (
	// closePatience is how long after the last loop its workflows may still wait, for
	// a reminder that nobody needs any more.
	closePatience = 2 * time.Minute
	lookAgain     = 500 * time.Millisecond
	// pageSize is what the server lists within its time-out from an SQLite file.
	pageSize = 200
)

func since(t time.Time) string {
	return fmt.Sprintf("StartTime >= %q", t.UTC().Format(time.RFC3339Nano))
}

// awaitClosed returns when no workflow begun since a moment runs any more.
func (r *run) awaitClosed(ctx context.Context, from time.Time, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	running := &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: r.server.Namespace, Query: since(from) + ` AND ExecutionStatus = "Running"`,
	}
	for {
		open, err := r.client.CountWorkflow(ctx, running)
		if err == nil && open.GetCount() == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d workflows are still open: %w", open.GetCount(), errors.Join(ctx.Err(), err))
		case <-time.After(lookAgain):
		}
	}
}

// caseWorkflow is the type of the workflows of cases.
const caseWorkflow = "CaseWorkflow"

// transitionsSince adds up the state transitions of the workflows begun since a
// moment, all of which have to be closed, and those of cases by themselves.
func (r *run) transitionsSince(ctx context.Context, from time.Time) (all, ofCases int64, err error) {
	err = r.eachSince(ctx, from, func(w *workflow.WorkflowExecutionInfo) error {
		if w.GetCloseTime() == nil {
			return fmt.Errorf("workflow %s is still open", w.GetExecution().GetWorkflowId())
		}
		all += w.GetStateTransitionCount()
		if w.GetType().GetName() == caseWorkflow {
			ofCases += w.GetStateTransitionCount()
		}
		return nil
	})
	return all, ofCases, err
}

// firstSince returns when the first workflow was begun since a moment; the zero time
// if none was.
func (r *run) firstSince(ctx context.Context, from time.Time) (first time.Time, err error) {
	err = r.eachSince(ctx, from, func(w *workflow.WorkflowExecutionInfo) error {
		if at := w.GetStartTime().AsTime(); first.IsZero() || at.Before(first) {
			first = at
		}
		return nil
	})
	return first, err
}

func (r *run) eachSince(ctx context.Context, from time.Time, each func(*workflow.WorkflowExecutionInfo) error) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: r.server.Namespace, PageSize: pageSize, Query: since(from)}
	for {
		page, err := r.client.ListWorkflow(ctx, request)
		if err != nil {
			return fmt.Errorf("list workflows: %w", err)
		}
		for _, w := range page.GetExecutions() {
			if err := each(w); err != nil {
				return err
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return nil
		}
	}
}
