package integrations

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// startSpan begins the span of a call, within the trace of the request's context. It
// names the host and no path: paths hold ids.
func startSpan(r *http.Request) trace.Span {
	tracer := trace.SpanFromContext(r.Context()).TracerProvider().Tracer("github.com/cxloop/cxloop/integrations")
	_, span := tracer.Start(r.Context(), r.Method, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", r.Method), attribute.String("server.address", r.URL.Hostname())))
	return span
}

// endSpan ends it as the answer begins; the status is 0 where there was none.
func endSpan(span trace.Span, status int) {
	if status > 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", status))
	}
	if status == 0 || status >= http.StatusBadRequest {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
