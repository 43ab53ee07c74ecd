package dispatch

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/cxloop/cxloop/store"
)

// traced begins a trace at each batch that is handed over: its items came by many
// requests, each with a trace of its own.
func (d *Dispatcher) traced(topic store.Topic, do handOver, workflow func(store.Batch) string) handOver {
	return func(ctx context.Context, b store.Batch) error {
		ctx, span := d.tracer.Start(ctx, "dispatch "+string(topic), trace.WithSpanKind(trace.SpanKindConsumer))
		defer span.End()
		span.SetAttributes(
			attribute.String("cxloop.batch", b.ID), attribute.Int("cxloop.items", b.Items),
			attribute.String("temporalWorkflowID", workflow(b)))
		err := do(ctx, b)
		if err != nil {
			span.SetStatus(codes.Error, "") // the log has the text
		}
		return err
	}
}
