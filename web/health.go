package web

import (
	"context"
	"log/slog"
	"net/http"
)

// Health answers those who watch this process.
type Health struct {
	// Ready reports why work cannot be dealt with, or nil.
	Ready func(context.Context) error
	// Metrics serves the process's metrics.
	Metrics http.Handler
	Log     *slog.Logger
}

// Handler returns the routes of a listener that the outside does not reach.
func (h *Health) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", h.healthz)
	mux.HandleFunc("GET /readyz", h.readyz)
	mux.Handle("GET /metrics", h.Metrics)
	return mux
}

func (h *Health) healthz(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusOK, "ok\n")
}

// readyz keeps the reason in the log: anybody may be able to call it.
func (h *Health) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := h.Ready(ctx); err != nil {
		h.Log.Warn("not ready", "error", err)
		plain(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	plain(w, http.StatusOK, "ready\n")
}

// localMetrics serves the metrics to programs on this machine alone, and not to
// what a proxy on it passes on.
func (h *Health) localMetrics(w http.ResponseWriter, r *http.Request) {
	if !local(r) {
		http.NotFound(w, r)
		return
	}
	h.Metrics.ServeHTTP(w, r)
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the caller went away: nothing is left to do
}
