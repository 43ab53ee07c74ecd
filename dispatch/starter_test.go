package dispatch

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace/noop"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/store/storetest"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// connect connects to a real server that knows cxloop's search attribute.
func connect(t *testing.T) client.Client {
	t.Helper()
	server := localtest.TemporalForTests(t)
	c, err := client.Dial(client.Options{
		HostPort: server.Address, Namespace: server.Namespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	_, err = c.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace: server.Namespace, SearchAttributes: workflows.SearchAttributes,
	})
	require.NoError(t, err)
	return c
}

// history are the events of a workflow, which nobody works on.
func history(t *testing.T, c client.Client, id string) []*historypb.HistoryEvent {
	t.Helper()
	var events []*historypb.HistoryEvent
	for it := c.GetWorkflowHistory(t.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		require.NoError(t, err)
		events = append(events, e)
	}
	return events
}

func TestStarterOnTemporal(t *testing.T) {
	t.Parallel()
	c := connect(t)
	program := survey.Program{ID: "nps"}
	s := NewStarter(c, []survey.Program{program})
	id := rand.Text() // the server is shared
	batch := store.Batch{ID: id, Lane: "nps", Items: 1}
	for name, tc := range map[string]struct {
		start    func(context.Context) error
		id, kind string
		input    any
		program  string
		priority int32
		signals  int
	}{
		"events": {
			func(ctx context.Context) error { return s.events(ctx, batch) }, "invite/nps/" + id, "InviteWorkflow",
			activities.BatchRef{Program: "nps", Version: program.Version(), Batch: id}, "nps", 4, 0,
		},
		"answers": {
			func(ctx context.Context) error { return s.answers(ctx, batch) }, workflows.ResponseID(id), "ResponseWorkflow",
			activities.AnswersRef{Batch: id}, "nps", 2, 0,
		},
		"asks": {
			func(ctx context.Context) error { return s.Ask(ctx, id) }, workflows.AskID(id), "AskWorkflow",
			activities.AnswersRef{Batch: id}, "", 4, 0,
		},
		"case": {
			func(ctx context.Context) error { return s.Case(ctx, id) }, "case/" + id, "CaseWorkflow", activities.CaseRef{Case: id}, "", 1, 3,
		},
		"sync": {
			func(ctx context.Context) error { return s.Sync(ctx, id) }, workflows.SyncID(id), "SyncWorkflow",
			activities.CRMRef{CRM: id}, "", 4, 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 3 { // each may be repeated
				require.NoError(t, tc.start(t.Context()))
			}
			events := history(t, c, tc.id)
			began := events[0].GetWorkflowExecutionStartedEventAttributes()
			require.Equal(t, tc.kind, began.WorkflowType.Name)
			require.Equal(t, workflows.QueueMain, began.TaskQueue.Name)
			require.Equal(t, tc.priority, began.Priority.GetPriorityKey())
			want, err := converter.GetDefaultDataConverter().ToPayloads(tc.input)
			require.NoError(t, err)
			require.Equal(t, string(want.Payloads[0].Data), string(began.Input.Payloads[0].Data))
			require.Equal(t, tc.program != "", len(began.GetSearchAttributes().GetIndexedFields()) > 0)
			if tc.program != "" {
				require.Equal(t, `"`+tc.program+`"`, string(began.SearchAttributes.IndexedFields[workflows.ProgramAttribute.GetName()].Data))
			}
			signals := 0
			for _, e := range events {
				if e.GetWorkflowExecutionSignaledEventAttributes() != nil {
					signals++
				}
			}
			require.Equal(t, tc.signals, signals)
		})
	}
}

// A batch whose workflow was lost is given to another run of it; one that is dealt
// with is left alone. Not parallel: its worker would take the other tests' workflows.
func TestBatchIsStartedAgainWhereItsWorkflowWasLost(t *testing.T) {
	c := connect(t)
	s := NewStarter(c, []survey.Program{{ID: "nps"}})
	batch := store.Batch{ID: rand.Text(), Lane: "nps", Items: 1}
	id := workflows.InviteID("nps", batch.ID)
	start := func() (run string) {
		t.Helper()
		require.NoError(t, s.events(t.Context(), batch))
		found, err := c.DescribeWorkflowExecution(t.Context(), id, "")
		require.NoError(t, err)
		return found.WorkflowExecutionInfo.Execution.RunId
	}
	first := start()
	require.Equal(t, first, start(), "it runs")
	require.NoError(t, c.TerminateWorkflow(t.Context(), id, "", "by an operator"))
	second := start()
	require.NotEqual(t, first, second, "it was terminated")

	w := worker.New(c, workflows.QueueMain, worker.Options{})
	var mended atomic.Bool
	w.RegisterWorkflowWithOptions(func(workflow.Context, activities.BatchRef) error {
		if !mended.Load() {
			return temporal.NewNonRetryableApplicationError("broken", "test", nil)
		}
		return nil
	}, workflow.RegisterOptions{Name: "InviteWorkflow"})
	require.NoError(t, w.Start())
	defer w.Stop()
	require.ErrorContains(t, c.GetWorkflow(t.Context(), id, second).Get(t.Context(), nil), "broken")
	mended.Store(true)
	third := start()
	require.NotEqual(t, second, third, "it failed")
	require.NoError(t, c.GetWorkflow(t.Context(), id, third).Get(t.Context(), nil))
	require.Equal(t, third, start(), "it has ended well")
}

func TestEventsOfAProgramThatIsNotConfigured(t *testing.T) {
	t.Parallel()
	err := NewStarter(nil, nil).events(t.Context(), store.Batch{ID: "b", Lane: "gone", Items: 7})
	require.ErrorIs(t, err, errNotConfigured)
	require.ErrorContains(t, err, `7 events for "gone"`)
}

func TestTemporalOutOfReach(t *testing.T) {
	t.Parallel()
	c, err := client.NewLazyClient(client.Options{
		HostPort: "127.0.0.1:1", Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	s := NewStarter(c, nil)
	require.ErrorContains(t, s.answers(ctx, store.Batch{ID: "b", Lane: "nps"}), "start "+workflows.ResponseID("b"))
	require.ErrorContains(t, s.Case(ctx, "c"), "wake case/c")
}

func TestInboxGoesToTemporal(t *testing.T) {
	t.Parallel()
	c := connect(t)
	database := storetest.SQLite(t)
	var items []store.Item
	for range 5 {
		items = append(items, store.Item{Topic: store.TopicClick, Lane: rand.Text(), Source: "slack", Key: "k", Payload: []byte(`{}`)})
	}
	_, err := database.AddItems(t.Context(), items)
	require.NoError(t, err)
	d := New(database, NewStarter(c, nil), survey.Clock{}, slog.New(slog.DiscardHandler), noop.Tracer{})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	require.EventuallyWithT(t, func(check *assert.CollectT) {
		for _, item := range items {
			_, err := c.DescribeWorkflowExecution(t.Context(), "case/"+item.Lane, "")
			assert.NoError(check, err)
		}
	}, 20*time.Second, 50*time.Millisecond)
	stop()
	require.NoError(t, <-done)
}
