package integrations

import (
	"context"
	"time"
)

// Observer is told of each call to a vendor: the HTTP status of its answer, 0 where
// there was none, and how long the answer took to begin.
type Observer func(status int, took time.Duration)

type observerKey struct{}

// WithObserver returns a context whose calls an observer is told of.
func WithObserver(ctx context.Context, observe Observer) context.Context {
	return context.WithValue(ctx, observerKey{}, observe)
}

// Tell tells a context's observer of a call that began at a moment.
func Tell(ctx context.Context, status int, began time.Time) {
	if observe, ok := ctx.Value(observerKey{}).(Observer); ok {
		observe(status, time.Since(began))
	}
}
