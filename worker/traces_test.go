package main

import (
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	tlog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/proto"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/telemetry"
	"github.com/cxloop/cxloop/workflows"
	"github.com/cxloop/cxloop/workflows/histories"
)

// collector is an OpenTelemetry collector that keeps what it is sent.
type collector struct {
	server *httptest.Server

	mu  sync.Mutex
	raw [][]byte
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("the collector got %s: %v", r.URL.Path, err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.raw = append(c.raw, body)
	}))
	t.Cleanup(c.server.Close)
	return c
}

// URL is for server.otlp_endpoint.
func (c *collector) URL() string { return c.server.URL }

// Raw returns the bodies of all requests: ExportTraceServiceRequests in protobuf. The
// last spans come when cxloop has stopped.
func (c *collector) Raw() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.raw)
}

// spans are what it was sent, by span id.
func (c *collector) spans(t *testing.T) spans {
	t.Helper()
	all := spans{}
	for _, body := range c.Raw() {
		var request collectorpb.ExportTraceServiceRequest
		require.NoError(t, proto.Unmarshal(body, &request))
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					all[hex.EncodeToString(span.GetSpanId())] = span
				}
			}
		}
	}
	return all
}

type spans map[string]*tracepb.Span

// path is how a span is reached from the root of its trace.
func (all spans) path(span *tracepb.Span) string {
	parent, ok := all[hex.EncodeToString(span.GetParentSpanId())]
	if !ok {
		return span.GetName()
	}
	return all.path(parent) + " > " + span.GetName()
}

func (all spans) paths() []string {
	var out []string
	for _, span := range all {
		out = append(out, all.path(span))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// trace is what the traces hold that begin with a span of a name.
func (all spans) trace(root string) (names []string) {
	traces := map[string]bool{}
	for _, span := range all {
		if span.GetName() == root {
			traces[string(span.GetTraceId())] = true
		}
	}
	for _, span := range all {
		if traces[string(span.GetTraceId())] {
			names = append(names, span.GetName())
		}
	}
	return names
}

// told are the attributes that spans may have.
var told = []string{
	"cxloop.batch", "cxloop.items", "cxloop.request_id", "error.type", "http.request.method", "http.response.status_code",
	"http.route", "server.address", "temporalActivityID", "temporalRunID", "temporalWorkflowID",
}

// requireReticent looks for what spans must not tell.
func (c *collector) requireReticent(t *testing.T, secrets ...string) {
	t.Helper()
	for _, span := range c.spans(t) {
		for _, attribute := range span.GetAttributes() {
			require.Contains(t, told, attribute.GetKey(), span)
		}
		require.Empty(t, span.GetEvents())
		require.Empty(t, span.GetLinks())
		require.Empty(t, span.GetStatus().GetMessage())
		require.Empty(t, span.GetTraceState())
	}
	for _, body := range c.Raw() {
		for _, secret := range secrets {
			require.NotContains(t, strings.ToLower(string(body)), strings.ToLower(secret))
		}
	}
}

// TestTraces follows a customer from the CRM's webhook to a case, with payload keys.
func TestTraces(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	w := newWorld(t, databases[0])
	w.config.Server.OTLPEndpoint = c.URL()
	w.config.Security.PayloadKeys = []config.NamedKey{payloadKey("traced")}
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	stop := w.startApp(t)

	camille := w.customer(t, w.company(t, "Nordwind", "enterprise"), "Camille", "fr")
	w.calls.answer(reply{path: "/mail/send", about: camille.email, times: 1, status: 429, text: `{"errors":[{"message":"Camille"}]}`})
	w.win(t, camille.deal)
	invited := w.mail(t, camille.email, "invite")
	page, unsubscribe := link(t, invited), unsubscribeLink(t, invited)
	require.Equal(t, http.StatusOK, w.get(t, page+"?score=2").status)
	require.Equal(t, http.StatusOK, w.get(t, unsubscribe).status)
	require.Equal(t, http.StatusNotFound, w.get(t, w.url+"/"+camille.email+"?name=Camille").status)
	w.give(t, invited, "2", "Trop lent")
	message := w.message(t, escalationsChannel, "Nordwind", "the case", contains("Trop lent"))
	w.click(t, message, survey.ActionResolve, "U0GRACE")
	w.message(t, escalationsChannel, "Nordwind", "the end", contains("Resolved by <@U0GRACE>"))
	stop()

	const respond = "dispatch answer > StartWorkflow:ResponseWorkflow > RunWorkflow:ResponseWorkflow"
	all := c.spans(t)
	for _, want := range []string{
		"POST /hooks/{crm} > inbox", "GET /s/{token}", "GET /u/{token}", "POST /s/{token}", "none", "POST /hooks/slack > inbox",
		respond + " > StartActivity:RecordResponses > RunActivity:RecordResponses",
		"dispatch click > SignalWithStartWorkflow:CaseWorkflow > HandleSignal:case-changed",
	} {
		require.Contains(t, all.paths(), want)
	}
	// The span of a workflow that is still open is not there yet.
	require.Subset(t, all.trace("dispatch event"), []string{"StartWorkflow:InviteWorkflow", "RunActivity:AdmitInvitations", "RunActivity:SendInvitations"})
	require.Subset(t, all.trace("dispatch answer"), []string{"SignalWithStartWorkflow:CaseWorkflow", "RunActivity:ShowCase", "POST"})
	c.requireReticent(t, camille.name, camille.email, "Nordwind", "Trop lent", "score=", "Go-http-client",
		path.Base(page), path.Base(unsubscribe))
	w.replays(t)
}

// replays has what was traced replayed, with traces and without.
func (w *world) replays(t *testing.T) {
	t.Helper()
	e := &encrypted{T: t, server: w.temporal}
	e.plain = e.client()
	list, err := e.plain.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Query: `WorkflowType IN ("InviteWorkflow", "ResponseWorkflow", "CaseWorkflow")`,
	})
	require.NoError(t, err)
	require.Len(t, list.GetExecutions(), 3)
	payloads, err := payloadCodec(w.config.Security.PayloadKeys)
	require.NoError(t, err)
	converters := payloads.Converters()
	for _, found := range list.GetExecutions() {
		history := e.history(found.GetExecution().GetWorkflowId())
		require.Contains(t, history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetHeader().GetFields(), "_tracer-data")
		for _, interceptors := range [][]interceptor.WorkerInterceptor{nil, tracing(t)} {
			replay(t, history, worker.WorkflowReplayerOptions{
				DataConverter: converters.Data, FailureConverter: converters.Failure, Interceptors: interceptors,
			})
		}
	}
}

// tracing is what makes workers trace.
func tracing(t *testing.T) []interceptor.WorkerInterceptor {
	t.Helper()
	traces, err := telemetry.NewTraces(t.Context(), newCollector(t).URL(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, traces.Close(context.WithoutCancel(t.Context()))) })
	var options client.Options
	require.NoError(t, traces.Temporal(&options))
	require.Len(t, options.Interceptors, 1)
	return []interceptor.WorkerInterceptor{options.Interceptors[0].(interceptor.WorkerInterceptor)}
}

func replay(t *testing.T, history *historypb.History, options worker.WorkflowReplayerOptions) {
	t.Helper()
	replayer, err := worker.NewWorkflowReplayerWithOptions(options)
	require.NoError(t, err)
	workflows.Register(replayer)
	require.NoError(t, replayer.ReplayWorkflowHistory(tlog.NewStructuredLogger(slog.New(slog.DiscardHandler)), history))
}

// What began without traces goes on with them.
func TestTracesSwitchedOn(t *testing.T) {
	t.Parallel()
	recorded, err := histories.Load("../workflows/testdata")
	require.NoError(t, err)
	require.NotEmpty(t, recorded)
	interceptors := tracing(t)
	for file, history := range recorded {
		t.Run(file, func(t *testing.T) {
			replay(t, history, worker.WorkflowReplayerOptions{Interceptors: interceptors})
		})
	}
}
