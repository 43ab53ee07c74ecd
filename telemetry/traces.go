package telemetry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// instrumentation names cxloop as the maker of spans.
const instrumentation = "github.com/cxloop/cxloop"

// Traces sends the spans of one process to an OpenTelemetry collector. A collector
// that is slow or down costs spans and nothing else.
type Traces struct {
	provider *sdktrace.TracerProvider // nil where nothing is sent
}

// NewTraces has spans sent by OTLP over HTTP to endpoint, the collector's address
// without /v1/traces; "" makes none. The OTEL_* variables may say the rest: headers,
// certificates, time-outs, sampling (all is taken where they say nothing), batches,
// and the service's name and attributes.
func NewTraces(ctx context.Context, endpoint string, log *slog.Logger) (*Traces, error) {
	if endpoint == "" {
		return &Traces{}, nil
	}
	described, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "cxloop")), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimRight(endpoint, "/")+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	return &Traces{sdktrace.NewTracerProvider(
		sdktrace.WithResource(described), sdktrace.WithBatcher(&quietExporter{SpanExporter: exporter, log: log}),
	)}, nil
}

// Tracer makes cxloop's own spans.
func (t *Traces) Tracer() trace.Tracer {
	if t.provider == nil {
		return noop.NewTracerProvider().Tracer(instrumentation)
	}
	return t.provider.Tracer(instrumentation)
}

// Temporal has a client, and its workers, make spans of workflows and activities, and
// hand the trace on in Temporal's headers.
func (t *Traces) Temporal(options *client.Options) error {
	if t.provider == nil {
		return nil
	}
	tracing, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: t.provider.Tracer("temporal-sdk-go"), SpanStarter: startReticent,
		TextMapPropagator: propagation.TraceContext{}, DisableBaggage: true,
		AllowInvalidParentSpans: true, // no workflow stops for the sake of a trace
	})
	if err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	options.Interceptors = append(options.Interceptors, tracing)
	return nil
}

// Close sends what is left, until the context ends.
func (t *Traces) Close(ctx context.Context) error {
	if t.provider == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	return nil
}

// quietExporter says once that spans are lost, and once that they arrive again.
type quietExporter struct {
	sdktrace.SpanExporter
	log  *slog.Logger
	down atomic.Bool
}

// ExportSpans implements sdktrace.SpanExporter. It keeps its errors: OpenTelemetry
// would print each.
func (e *quietExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	down := err != nil
	switch {
	case e.down.Swap(down) == down:
	case down:
		e.log.Warn("the collector does not take traces; they are lost until it does", "error", err)
	default:
		e.log.Info("the collector takes traces again")
	}
	return nil
}

// reticent is a span that tells an error's type alone: its text may repeat what a
// vendor or a database said.
type reticent struct{ trace.Span }

func startReticent(ctx context.Context, tracer trace.Tracer, name string, options ...trace.SpanStartOption) trace.Span {
	_, span := tracer.Start(ctx, name, options...)
	return reticent{span}
}

// RecordError implements trace.Span. It sets the status, too.
func (s reticent) RecordError(err error, _ ...trace.EventOption) {
	if kind := errorType(err); kind != "" {
		s.SetAttributes(attribute.String("error.type", kind))
		s.Span.SetStatus(codes.Error, "")
	}
}

// SetStatus implements trace.Span. It would be told the error's text.
func (reticent) SetStatus(codes.Code, string) {}

// errorType is what the code that failed calls its error, or the error's type in Go;
// "" where nothing failed.
func errorType(err error) string {
	if err == nil || workflow.IsContinueAsNewError(err) {
		return ""
	}
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	switch {
	case !ok:
		return fmt.Sprintf("%T", err)
	case failure.Category() == temporal.ApplicationErrorCategoryBenign:
		return ""
	}
	return cmp.Or(failure.Type(), "ApplicationError")
}
