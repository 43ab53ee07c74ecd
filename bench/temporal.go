package bench

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/workflowservice/v1"
)

// noLog keeps the Temporal client's words out of the figures.
type noLog struct{}

func (noLog) Debug(string, ...any) {}
func (noLog) Info(string, ...any)  {}
func (noLog) Warn(string, ...any)  {}
func (noLog) Error(string, ...any) {}

// visibilityPatience is how long Temporal's list may lag behind.
const visibilityPatience = 30 * time.Second

// transitionsSince adds up the state transitions of the workflows begun since a
// moment, all of which have to be closed, and at least atLeast of them.
func (r *run) transitionsSince(ctx context.Context, since time.Time, atLeast int) (int64, error) {
	query := fmt.Sprintf("StartTime >= %q", since.UTC().Format(time.RFC3339Nano))
	ctx, cancel := context.WithTimeout(ctx, visibilityPatience)
	defer cancel()
	for {
		transitions, closed, open, err := r.count(ctx, query)
		if err != nil {
			return 0, err
		}
		if open == 0 && closed >= atLeast {
			return transitions, nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%d workflows of at least %d are closed, %d are open", closed, atLeast, open)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (r *run) count(ctx context.Context, query string) (transitions int64, closed, open int, err error) {
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: r.server.Namespace, PageSize: 1000, Query: query}
	for {
		page, err := r.client.ListWorkflow(ctx, request)
		if err != nil {
			return 0, 0, 0, err
		}
		for _, w := range page.GetExecutions() {
			if w.GetCloseTime() == nil {
				open++
				continue
			}
			closed++
			transitions += w.GetStateTransitionCount()
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return transitions, closed, open, nil
		}
	}
}
