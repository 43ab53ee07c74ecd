package web

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/cxloop/cxloop/store"
)

// describe tells a span about its request. As in the log, the route alone says what
// was asked for, and nothing says who asked.
func describe(span trace.Span, r *http.Request, id string, status int) {
	if !span.IsRecording() {
		return
	}
	span.SetName(cmp.Or(r.Pattern, "none"))
	span.SetAttributes(attribute.String("cxloop.request_id", id), attribute.Int("http.response.status_code", status))
	if method, route, ok := strings.Cut(r.Pattern, " "); ok {
		span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route))
	}
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}

// keep puts what a request brought into the inbox and returns when it is durable.
func (s *Server) keep(ctx context.Context, items []store.Item) error {
	ctx, span := s.opt.Tracer.Start(ctx, "inbox", trace.WithAttributes(attribute.Int("cxloop.items", len(items))))
	defer span.End()
	err := s.inbox.add(ctx, items)
	if err != nil {
		span.SetStatus(codes.Error, "") // the log has the text
	}
	return err
}
