package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestBatchBeginsATrace(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	d := New(nil, nil, survey.Clock{}, slog.New(slog.DiscardHandler), tracer)
	var failure error
	var inside trace.SpanContext
	do := d.traced(store.TopicAnswer, func(ctx context.Context, _ store.Batch) error {
		inside = trace.SpanContextFromContext(ctx)
		return failure
	}, func(b store.Batch) string { return "respond/" + b.ID })
	batch := store.Batch{ID: "b1", Items: 3}
	require.NoError(t, do(t.Context(), batch))
	failure = errors.New("anna is not there")
	require.ErrorIs(t, do(t.Context(), batch), failure)

	ended := recorder.Ended()
	require.Len(t, ended, 2)
	require.Equal(t, ended[1].SpanContext(), inside)
	for i, code := range []codes.Code{codes.Unset, codes.Error} {
		require.Equal(t, "dispatch answer", ended[i].Name())
		require.Equal(t, code, ended[i].Status().Code)
		require.NotContains(t, fmt.Sprint(ended[i].Status(), ended[i].Events()), "anna")
		require.Equal(t, []attribute.KeyValue{
			attribute.String("cxloop.batch", "b1"), attribute.Int("cxloop.items", 3), attribute.String("temporalWorkflowID", "respond/b1"),
		}, ended[i].Attributes())
	}
}
