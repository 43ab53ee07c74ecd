package histories

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/mocks"
)

// history is one of a workflow of type T whose steps have these names: a timer, a
// signal, an activity, or a local activity where the name ends with a star.
func history(steps ...string) *historypb.History {
	events := []*historypb.HistoryEvent{{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{
				WorkflowType: &commonpb.WorkflowType{Name: "T"}, Identity: "4711@laptop@",
			},
		},
	}, {
		EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
		Attributes: &historypb.HistoryEvent_WorkflowTaskScheduledEventAttributes{
			WorkflowTaskScheduledEventAttributes: &historypb.WorkflowTaskScheduledEventAttributes{
				TaskQueue: &taskqueuepb.TaskQueue{Name: "laptop:1", Kind: enumspb.TASK_QUEUE_KIND_STICKY, NormalName: "main"},
			},
		},
	}}
	for _, step := range steps {
		events = append(events, event(step))
	}
	for i, e := range events {
		e.EventId = int64(i + 1)
	}
	return &historypb.History{Events: events}
}

func event(step string) *historypb.HistoryEvent {
	switch {
	case step == "timer":
		return &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_TIMER_FIRED}
	case step == "signal":
		return &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED}
	case step == "end":
		return &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED}
	case step == "failure":
		return &historypb.HistoryEvent{
			EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED,
			Attributes: &historypb.HistoryEvent_ActivityTaskFailedEventAttributes{
				ActivityTaskFailedEventAttributes: &historypb.ActivityTaskFailedEventAttributes{
					Failure: &failurepb.Failure{Message: "no", StackTrace: "laptop.go:1", Cause: &failurepb.Failure{StackTrace: "laptop.go:2"}},
				},
			},
		}
	case strings.HasSuffix(step, "*"):
		data := &commonpb.Payload{Data: []byte(`{"ActivityType":"` + strings.TrimSuffix(step, "*") + `"}`)}
		return &historypb.HistoryEvent{
			EventType: enumspb.EVENT_TYPE_MARKER_RECORDED,
			Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{
				MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{
					MarkerName: "LocalActivity",
					Details:    map[string]*commonpb.Payloads{"data": {Payloads: []*commonpb.Payload{data}}},
				},
			},
		}
	}
	return &historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
		Attributes: &historypb.HistoryEvent_ActivityTaskScheduledEventAttributes{
			ActivityTaskScheduledEventAttributes: &historypb.ActivityTaskScheduledEventAttributes{
				ActivityType: &commonpb.ActivityType{Name: step},
			},
		},
	}
}

func TestShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		steps []string
		want  string
	}{
		{nil, "T"},
		{[]string{"Load*", "Send", "end"}, "T Load Send WorkflowExecutionCompleted"},
		{[]string{"Push", "Push", "Push", "end"}, "T Push WorkflowExecutionCompleted"},
		{[]string{"signal", "timer", "signal", "Push"}, "T TimerFired Push"},
		{[]string{"Send", "failure"}, "T Send ActivityTaskFailed"},
	} {
		require.Equal(t, c.want, Shape(history(c.steps...)))
	}
}

// server is a Temporal client that lists these histories, one a page.
func server(all ...*historypb.History) *mocks.Client {
	c := &mocks.Client{}
	for i, one := range all {
		run := string(rune('a' + i))
		page := &workflowservice.ListWorkflowExecutionsResponse{Executions: []*workflowpb.WorkflowExecutionInfo{
			{Execution: &commonpb.WorkflowExecution{WorkflowId: "w", RunId: run}},
		}}
		if i+1 < len(all) {
			page.NextPageToken = []byte{byte(i + 1)}
		}
		c.On("ListWorkflow", mock.Anything, mock.MatchedBy(func(r *workflowservice.ListWorkflowExecutionsRequest) bool {
			return r.GetNamespace() == "ns" && (i == 0 && len(r.GetNextPageToken()) == 0 || i > 0 && string(r.GetNextPageToken()) == string([]byte{byte(i)}))
		})).Return(page, nil)
		c.On("GetWorkflowHistory", mock.Anything, "w", run, false, mock.Anything).Return(iterator(one.Events))
	}
	return c
}

func iterator(events []*historypb.HistoryEvent) *mocks.HistoryEventIterator {
	it := &mocks.HistoryEventIterator{}
	for _, e := range events {
		it.On("HasNext").Return(true).Once()
		it.On("Next").Return(e, nil).Once()
	}
	it.On("HasNext").Return(false)
	return it
}

func TestRecord(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "testdata")
	long := make([]string, maxEvents)
	for i := range long {
		long[i] = "timer"
	}
	written, err := Record(t.Context(), server(
		history("Load*", "Send", "end"),
		history("Load*", "Send"),                     // under way: the beginning of the first
		history("Load*", "signal", "Send", "end"),    // the same path
		history("Load*", "Send", "failure", "Again"), // another
		history(long...),
	), "ns", folder)
	require.NoError(t, err)
	require.Equal(t, []string{"T-1.json", "T-2.json"}, written)

	kept, err := Load(folder)
	require.NoError(t, err)
	require.Equal(t, "T Load Send WorkflowExecutionCompleted", Shape(kept["T-1.json"]))
	require.Equal(t, "T Load Send ActivityTaskFailed Again", Shape(kept["T-2.json"]))

	written, err = Record(t.Context(), server(history("Load*", "Send", "end"), history("Load*", "end")), "ns", folder)
	require.NoError(t, err)
	require.Equal(t, []string{"T-3.json"}, written, "what is kept stays, and is not recorded twice")
}

func TestRecordNamesNoMachine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, err := Record(t.Context(), server(history("Send", "failure")), "ns", folder)
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(folder, "T-1.json"))
	require.NoError(t, err)
	require.NotContains(t, string(content), "laptop")
	require.Contains(t, string(content), `"identity": "worker"`)
	require.Contains(t, string(content), `"normalName": "main"`)
}

func TestRecordFails(t *testing.T) {
	t.Parallel()
	down := &mocks.Client{}
	down.On("ListWorkflow", mock.Anything, mock.Anything).Return(nil, errors.New("down"))
	_, err := Record(t.Context(), down, "ns", t.TempDir())
	require.EqualError(t, err, "list workflows: down")

	for content, want := range map[string]string{"{": "T-1.json", "{}": "T-1.json: no events"} {
		folder := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(folder, "T-1.json"), []byte(content), 0o600))
		_, err = Record(t.Context(), server(history("Send")), "ns", folder)
		require.ErrorContains(t, err, want)
	}
}
