package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// logged is a log that several may write to.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// request is what a collector was sent.
type request struct {
	path, key string
	body      string
}

func collector(t *testing.T) (url string, sent <-chan request) {
	t.Helper()
	all := make(chan request, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		all <- request{r.URL.Path, r.Header.Get("X-Key"), body.String()}
	}))
	t.Cleanup(server.Close)
	return server.URL, all
}

func newTraces(t *testing.T, endpoint string, log *logged) *Traces {
	t.Helper()
	traces, err := NewTraces(t.Context(), endpoint, log.logger())
	require.NoError(t, err)
	return traces
}

func span(t *testing.T, traces *Traces) {
	t.Helper()
	_, s := traces.Tracer().Start(t.Context(), "GET /s/{token}")
	s.End()
}

func TestNoEndpointNoTraces(t *testing.T) {
	t.Parallel()
	traces := newTraces(t, "", &logged{})
	_, s := traces.Tracer().Start(t.Context(), "a")
	require.False(t, s.IsRecording())
	var options client.Options
	require.NoError(t, traces.Temporal(&options))
	require.Empty(t, options.Interceptors)
	require.NoError(t, traces.Close(t.Context()))
}

func TestTracesAreSent(t *testing.T) {
	t.Parallel()
	url, sent := collector(t)
	traces := newTraces(t, url+"/otlp/", &logged{})
	span(t, traces)
	require.NoError(t, traces.Close(t.Context()))
	got := <-sent
	require.Equal(t, "/otlp/v1/traces", got.path)
	require.Contains(t, got.body, "GET /s/{token}")
	require.Contains(t, got.body, "cxloop")
}

// The standard variables say what the configuration does not.
func TestTracesFollowTheEnvironment(t *testing.T) {
	url, sent := collector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=k1")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_SERVICE_NAME", "cxloop-staging")
	traces := newTraces(t, url, &logged{})
	span(t, traces)
	require.NoError(t, traces.Close(t.Context()))
	got := <-sent
	require.Equal(t, "k1", got.key)
	require.Contains(t, got.body, "cxloop-staging")

	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	traces = newTraces(t, url, &logged{})
	_, s := traces.Tracer().Start(t.Context(), "a")
	require.False(t, s.IsRecording())
	require.NoError(t, traces.Close(t.Context()))

	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "region")
	_, err := NewTraces(t.Context(), url, (&logged{}).logger())
	require.ErrorContains(t, err, "traces: ")
}

// A collector that never answers holds nobody up, not even at the end.
func TestCollectorHangs(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	log := &logged{}
	traces := newTraces(t, "http://"+listener.Addr().String(), log)
	began := time.Now()
	for range 10_000 { // more than fit in the queue
		span(t, traces)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, traces.Close(ctx), context.DeadlineExceeded)
	require.Less(t, time.Since(began), 5*time.Second)
	require.Empty(t, log.String())
}

// flaky is an exporter that fails while it is told to.
type flaky struct {
	sdktrace.SpanExporter
	err error
}

func (f *flaky) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return f.err }

func TestLostTracesAreSaidOnce(t *testing.T) {
	t.Parallel()
	log, inner := &logged{}, &flaky{err: errors.New("refused")}
	exporter := &quietExporter{SpanExporter: inner, log: log.logger()}
	for range 3 {
		require.NoError(t, exporter.ExportSpans(t.Context(), nil))
	}
	require.Equal(t, 1, strings.Count(log.String(), "\n"), log)
	require.Contains(t, log.String(), `level=WARN msg="the collector does not take traces; they are lost until it does" error=refused`)
	inner.err = nil
	for range 3 {
		require.NoError(t, exporter.ExportSpans(t.Context(), nil))
	}
	require.Equal(t, 2, strings.Count(log.String(), "\n"), log)
	require.Contains(t, log.String(), "the collector takes traces again")
}

func TestSpansTellNoErrorsText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		kind string
	}{
		"a vendor's":     {temporal.NewApplicationError("no such address: anna@example.com", "refused"), "refused"},
		"within":         {fmt.Errorf("anna: %w", temporal.NewApplicationError("anna", "refused")), "refused"},
		"without a type": {temporal.NewApplicationError("anna", ""), "ApplicationError"},
		"any":            {errors.New("anna"), "*errors.errorString"},
		"benign":         {temporal.NewApplicationErrorWithOptions("anna", "later", temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign}), ""},
		"none":           {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder := tracetest.NewSpanRecorder()
			tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
			s := startReticent(t.Context(), tracer, "RunActivity:SendInvitations")
			s.RecordError(c.err)
			if c.err != nil {
				s.SetStatus(codes.Error, c.err.Error())
			}
			s.End()
			ended := recorder.Ended()
			require.Len(t, ended, 1)
			require.Empty(t, ended[0].Events())
			require.NotContains(t, fmt.Sprint(ended[0].Attributes(), ended[0].Status()), "anna")
			if c.kind == "" {
				require.Equal(t, codes.Unset, ended[0].Status().Code)
				require.Empty(t, ended[0].Attributes())
				return
			}
			require.Equal(t, codes.Error, ended[0].Status().Code)
			require.Len(t, ended[0].Attributes(), 1)
			require.Equal(t, c.kind, ended[0].Attributes()[0].Value.AsString())
		})
	}
}
