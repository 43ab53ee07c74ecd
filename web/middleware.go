package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/cxloop/cxloop/integrations/crm"
)

// observe logs and traces requests, and survives panics. A request is named by its
// route alone: paths hold customers' tokens, and queries their scores.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := newRequestID()
		w.Header().Set("X-Request-Id", id)
		// Strangers do not say to which trace a request belongs.
		ctx, span := s.opt.Tracer.Start(r.Context(), "request", trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		r = r.WithContext(context.WithValue(ctx, requestIDKey{}, id))
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.log(r.Context()).Error("panic in a request", "route", r.Pattern, "panic", p, "stack", string(debug.Stack()))
				if rec.status == 0 {
					http.Error(rec, "internal error", http.StatusInternalServerError)
				}
			}
			took := time.Since(start)
			describe(span, r, id, rec.status)
			s.opt.Observe(r.Pattern, rec.status, took)
			s.log(r.Context()).Log(r.Context(), levelOf(rec.status), "request",
				"method", r.Method, "route", r.Pattern, "status", rec.status, "took", took)
		}()
		next.ServeHTTP(rec, r)
	})
}

type requestIDKey struct{}

// newRequestID makes an id of 60 random bits: enough to tell the requests apart
// that a log holds.
func newRequestID() string { return strings.ToLower(rand.Text()[:12]) }

// log names the request in each line.
func (s *Server) log(ctx context.Context) *slog.Logger {
	return s.opt.Log.With("request_id", ctx.Value(requestIDKey{}))
}

func levelOf(status int) slog.Level {
	switch {
	case status >= 500:
		return slog.LevelError
	case status >= 400:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// recorder keeps the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// api answers a machine: what the handler returns as JSON, a *crm.Rejection
// with its status and reason, and anything else as 503, so that the sender
// comes again.
func (s *Server) api(handle func(*http.Request) (answer any, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := handle(r)
		if rejection, ok := errors.AsType[*crm.Rejection](err); ok {
			s.log(r.Context()).Warn("request refused", "route", r.Pattern, "reason", rejection.Reason)
			writeJSON(w, rejection.Status, map[string]string{"error": rejection.Reason})
			return
		}
		if err != nil {
			s.log(r.Context()).Error("request not taken", "route", r.Pattern, "error", err)
			w.Header().Set("Retry-After", "5")
			writeJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "not taken, please send it again: the database does not answer"})
			return
		}
		switch answer := answer.(type) {
		case nil:
			w.WriteHeader(http.StatusOK)
		case twiml:
			answer.write(w)
		default:
			writeJSON(w, http.StatusOK, answer)
		}
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller went away: nothing is left to do
}

// readBody reads a body up to a number of bytes. The error is a *crm.Rejection.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, crm.Reject(http.StatusRequestEntityTooLarge, "body is larger than %d bytes", limit)
	}
	if err != nil {
		return nil, crm.Reject(http.StatusBadRequest, "body is incomplete")
	}
	return body, nil
}
