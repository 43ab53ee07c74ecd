package chaos

import (
	"context"
	"fmt"
	"log/slog"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"github.com/cxloop/cxloop/codec"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/workflows"
)

const (
	// pageSize is what the server lists within its time-out from an SQLite file.
	pageSize = 200
	// maxReplayed bounds how many histories are replayed; of more, every so many.
	maxReplayed = 5000
)

// countWorkflows finds workflows that failed, and replays what they did.
func (r *run) countWorkflows(ctx context.Context, c *count, _ *sandbox.State) error {
	var failed, diverged []string
	var all []*commonpb.WorkflowExecution
	list := &workflowservice.ListWorkflowExecutionsRequest{Namespace: r.options.Namespace, PageSize: pageSize}
	for {
		page, err := r.client.ListWorkflow(ctx, list)
		if err != nil {
			return fmt.Errorf("list workflows: %w", err)
		}
		for _, w := range page.GetExecutions() {
			switch w.GetStatus() {
			case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED,
				enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
			default:
				failed = append(failed, w.GetExecution().GetWorkflowId()+": "+w.GetStatus().String())
			}
			all = append(all, w.GetExecution())
		}
		if list.NextPageToken = page.GetNextPageToken(); len(list.NextPageToken) == 0 {
			break
		}
	}
	replayer, err := r.newReplayer()
	if err != nil {
		return err
	}
	r.say("replaying %d histories", min(len(all), maxReplayed))
	step, replayed := len(all)/maxReplayed+1, 0
	for i := 0; i < len(all); i += step {
		replayed++
		if err := r.replay(ctx, replayer, all[i]); err != nil {
			diverged = append(diverged, all[i].GetWorkflowId()+": "+err.Error())
		}
	}
	c.add("workflows: %d, histories replayed: %d", len(all), replayed)
	c.must("workflows failed", failed)
	c.must("histories that do not replay", diverged)
	return nil
}

// newReplayer reads what the workers encrypted.
func (r *run) newReplayer() (worker.WorkflowReplayer, error) {
	payloads, err := codec.New([]codec.Key{r.payloadKey})
	if err != nil {
		return nil, err
	}
	converters := payloads.Converters()
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		DataConverter: converters.Data, FailureConverter: converters.Failure,
	})
	if err == nil {
		workflows.Register(replayer)
	}
	return replayer, err
}

func (r *run) replay(ctx context.Context, replayer worker.WorkflowReplayer, of *commonpb.WorkflowExecution) error {
	var history historypb.History
	events := r.client.GetWorkflowHistory(ctx, of.GetWorkflowId(), of.GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return err
		}
		history.Events = append(history.Events, event)
	}
	return replayer.ReplayWorkflowHistory(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), &history)
}
