package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestSpansNameRoutesAndNobody(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	s := newSite(t, func(o *Options) {
		o.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
		o.Receivers["buggy"] = panicking{}
	})
	const foreign = "4bf92f3577b34da6a3ce929d0e0e4736"
	header := http.Header{"Traceparent": {"00-" + foreign + "-00f067aa0ba902b7-01"}, "User-Agent": {"anna"}}
	s.do(http.MethodGet, "/s/a-secret-token?score=7", header, nil)
	s.do("ANNA", "/anna", header, nil)
	s.do(http.MethodPost, "/hooks/buggy", nil, nil)

	spans := recorder.Ended()
	var names []string
	for _, span := range spans {
		names = append(names, span.Name())
		text := fmt.Sprint(span.Name(), span.Attributes(), span.Status(), span.Events())
		s.want(!strings.Contains(strings.ToLower(text), "anna") && !strings.Contains(text, "secret") && !strings.Contains(text, "score"), "a span tells too much: %s", text)
		s.want(span.SpanContext().TraceID().String() != foreign && !span.Parent().IsValid(), "a stranger chose the trace of %s", span.Name())
		s.want((span.Status().Code == codes.Error) == (span.Name() == "POST /hooks/{crm}"), "%s: %v", span.Name(), span.Status())
	}
	s.want(slices.Equal(names, []string{"GET /s/{token}", "none", "POST /hooks/{crm}"}), "spans: %q", names)
}
