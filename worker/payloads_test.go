package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	tlog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/localserver"
	"github.com/cxloop/cxloop/workflows"
)

func payloadKey(id string) config.NamedKey {
	secret := bytes.Repeat([]byte(id[:1]), 32)
	return config.NamedKey{ID: id, Key: config.NewSecret(base64.StdEncoding.EncodeToString(secret))}
}

// markedQueue, markedWorkflow and markedActivity take, do and return what has to be
// encrypted.
const markedQueue = "marked"

func markedActivity(text string) (string, error) {
	return "", temporal.NewNonRetryableApplicationError("marked failure of "+text, "Kind", nil, "marked detail")
}

func markedLocalActivity(text string) (string, error) { return text + " and a marked result", nil }

func markedWorkflow(ctx workflow.Context, text string) (string, error) {
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	var result string
	if err := workflow.ExecuteLocalActivity(local, markedLocalActivity, text).Get(ctx, &result); err != nil {
		return "", err
	}
	remote := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	failed := workflow.ExecuteActivity(remote, markedActivity, text).Get(ctx, nil)
	var signal string
	workflow.GetSignalChannel(ctx, "signal").Receive(ctx, &signal)
	return result + ", " + failed.Error() + ", " + signal, nil
}

// markedStart has what a stopped worker left behind taken up soon.
func markedStart(id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: markedQueue, WorkflowTaskTimeout: time.Second}
}

// encrypted is a Temporal server whose users have payload keys.
type encrypted struct {
	*testing.T
	server *localserver.Temporal
	plain  client.Client // sees what the server keeps
}

func newEncrypted(t *testing.T) *encrypted {
	t.Helper()
	needTemporal(t)
	server, err := localserver.StartTemporal(t.Context(), localserver.TemporalOptions{Headless: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(context.WithoutCancel(t.Context()))) })
	e := &encrypted{T: t, server: server}
	e.plain = e.client()
	return e
}

func (e *encrypted) client(keys ...config.NamedKey) client.Client {
	e.Helper()
	c, err := temporalClient(&config.Config{
		Temporal: config.Temporal{Address: e.server.Address, Namespace: e.server.Namespace, Local: true},
		Security: config.Security{PayloadKeys: keys},
	}, slog.New(slog.DiscardHandler))
	require.NoError(e, err)
	e.Cleanup(c.Close)
	return c
}

// work runs the marked workflow until stop.
func (e *encrypted) work(c client.Client) (stop func()) {
	e.Helper()
	w := worker.New(c, markedQueue, worker.Options{})
	w.RegisterWorkflow(markedWorkflow)
	w.RegisterActivity(markedActivity)
	w.RegisterActivity(markedLocalActivity)
	require.NoError(e, w.Start())
	return w.Stop
}

// history is what the server keeps of a workflow.
func (e *encrypted) history(id string) *historypb.History {
	e.Helper()
	out := &historypb.History{}
	events := e.plain.GetWorkflowHistory(e.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(e, err)
		out.Events = append(out.Events, event)
	}
	return out
}

func (e *encrypted) awaitEvent(id string, kind enumspb.EventType) (found *historypb.HistoryEvent) {
	e.Helper()
	require.True(e, eventually(func() bool {
		for _, event := range e.history(id).Events {
			if event.EventType == kind {
				found = event
			}
		}
		return found != nil
	}), "no %s", kind)
	return found
}

// TestKeyRotation takes a workflow from one key over a worker that lacks it to both.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	e := newEncrypted(t)
	before, next := payloadKey("before"), payloadKey("next")

	old := e.client(before)
	stop := e.work(old)
	const id = "rotated"
	_, err := old.ExecuteWorkflow(t.Context(), markedStart(id), markedWorkflow, "marked input")
	require.NoError(t, err)
	e.awaitEvent(id, enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED)
	stop()

	hasty := e.client(next)
	stop = e.work(hasty)
	require.NoError(t, hasty.SignalWorkflow(t.Context(), id, "", "signal", "a marked signal"))
	waits := e.awaitEvent(id, enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED).GetWorkflowTaskFailedEventAttributes().GetFailure()
	stop()
	payloads, err := payloadCodec([]config.NamedKey{next})
	require.NoError(t, err)
	require.ErrorContains(t, payloads.Converters().Failure.FailureToError(waits), `payload key "before": no payload key of that id is configured`)
	described, err := e.plain.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	require.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, described.GetWorkflowExecutionInfo().GetStatus(), "a key that is missing fails no workflow")

	rotated := e.client(next, before)
	defer e.work(rotated)()
	var result string
	require.NoError(t, rotated.GetWorkflow(t.Context(), id, "").Get(t.Context(), &result))
	require.Contains(t, result, "marked input and a marked result, ")
	require.Contains(t, result, "marked failure of marked input")
	require.Contains(t, result, ", a marked signal")

	history := e.history(id)
	raw, err := proto.Marshal(history)
	require.NoError(t, err)
	text, err := protojson.Marshal(history)
	require.NoError(t, err)
	for _, kept := range []string{string(raw), string(text)} {
		for _, mark := range []string{"marked input", "marked result", "marked failure", "marked detail", "marked signal"} {
			require.NotContains(t, kept, mark)
			require.NotContains(t, kept, base64.StdEncoding.EncodeToString([]byte(`"`+mark+`"`)))
		}
	}
	require.Contains(t, string(text), "Encoded failure")
	for _, key := range []string{"before", "next"} {
		require.Contains(t, string(text), base64.StdEncoding.EncodeToString([]byte(key)), "nothing was encrypted with %s", key)
	}
}

// TestLoopEncrypted takes one unhappy customer through the loop and looks at what
// Temporal keeps of it.
func TestLoopEncrypted(t *testing.T) {
	t.Parallel()
	const ui = "http://127.0.0.1:8233"
	w := newWorld(t, databases[0])
	w.config.Security.PayloadKeys = []config.NamedKey{payloadKey("loop")}
	w.config.Security.CodecOrigins = []string{ui}
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)

	camille := w.customer(t, w.company(t, "Nordwind", "starter"), "Camille", "fr")
	w.win(t, camille.deal)
	w.give(t, w.mail(t, camille.email, "invite"), "2", "Nothing worked.")
	w.message(t, casesChannel, "Nordwind", "a case", func(string) bool { return true })

	e := &encrypted{T: t, server: w.temporal}
	e.plain = e.client()
	payloads, err := payloadCodec(w.config.Security.PayloadKeys)
	require.NoError(t, err)
	const answered = `WorkflowType IN ("InviteWorkflow", "ResponseWorkflow", "CaseWorkflow")`
	w.awaitWorkflows(t, 3, answered)
	list, err := e.plain.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: answered})
	require.NoError(t, err)
	for _, found := range list.GetExecutions() {
		history := e.history(found.GetExecution().GetWorkflowId())
		requireEncrypted(t, history)
		replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
			DataConverter: payloads.Converters().Data, FailureConverter: payloads.Converters().Failure,
		})
		require.NoError(t, err)
		workflows.Register(replayer)
		require.NoError(t, replayer.ReplayWorkflowHistory(tlog.NewStructuredLogger(w.logger()), history))
		body, err := protojson.Marshal(history.Events[0].GetWorkflowExecutionStartedEventAttributes().GetInput())
		require.NoError(t, err)
		got := w.do(t, http.MethodPost, w.url+"/codec/decode", http.Header{"Origin": {ui}}, body)
		require.Equal(t, http.StatusOK, got.status, got.body)
		var decoded commonpb.Payloads
		require.NoError(t, protojson.Unmarshal([]byte(got.body), &decoded))
		require.Len(t, decoded.Payloads, 1)
		require.Equal(t, converter.MetadataEncodingJSON, string(decoded.Payloads[0].Metadata[converter.MetadataEncoding]))
	}
}

// requireEncrypted looks at all payloads of a message. Search attributes are never
// encrypted.
func requireEncrypted(t *testing.T, message proto.Message) {
	t.Helper()
	seen := 0
	err := proxy.VisitPayloads(t.Context(), message, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, p := range payloads {
				require.Equal(t, "binary/encrypted", string(p.Metadata[converter.MetadataEncoding]), "%s", p)
				seen++
			}
			return payloads, nil
		},
	})
	require.NoError(t, err)
	require.NotZero(t, seen)
}

// TestEncryptionSwitchedOn takes a workflow from no key to one.
func TestEncryptionSwitchedOn(t *testing.T) {
	t.Parallel()
	e := newEncrypted(t)
	stop := e.work(e.plain)
	const id = "plain"
	_, err := e.plain.ExecuteWorkflow(t.Context(), markedStart(id), markedWorkflow, "marked input")
	require.NoError(t, err)
	e.awaitEvent(id, enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED)
	stop()

	c := e.client(payloadKey("first"))
	defer e.work(c)()
	require.NoError(t, c.SignalWorkflow(t.Context(), id, "", "signal", "a marked signal"))
	var result string
	require.NoError(t, c.GetWorkflow(t.Context(), id, "").Get(t.Context(), &result))
	require.True(t, strings.HasPrefix(result, "marked input and a marked result, "), result)
}
