package activities

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// gathered makes one call of several for the same key: the first goes at once, those that
// come on its heels share the next. Whoever asks returns when a call has ended that began
// afterwards. The zero value is ready.
type gathered struct {
	mu sync.Mutex
	// coming is the call of each key that has not begun yet, and begun when the last did.
	coming map[string]*sharedCall
	begun  map[string]time.Time
}

type sharedCall struct {
	ended chan struct{}
	err   error
}

// do calls for a key, at least pause after the last call for it began. The call goes on for
// the others when one of those who asked gives up.
func (g *gathered) do(ctx context.Context, key string, pause, timeout time.Duration, call func(context.Context) error) error {
	g.mu.Lock()
	shared := g.coming[key]
	if shared == nil {
		shared = &sharedCall{ended: make(chan struct{})}
		if g.coming == nil {
			g.coming, g.begun = map[string]*sharedCall{}, map[string]time.Time{}
		}
		g.coming[key] = shared
		time.AfterFunc(time.Until(g.begun[key].Add(pause)), func() {
			g.mu.Lock()
			delete(g.coming, key)
			g.begun[key] = time.Now()
			g.mu.Unlock()
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
			defer cancel()
			defer close(shared.ended)
			defer func() {
				if p := recover(); p != nil { // no activity is there to recover
					shared.err = fmt.Errorf("panic: %v", p)
				}
			}()
			shared.err = call(ctx)
		})
	}
	g.mu.Unlock()
	select {
	case <-shared.ended:
		return shared.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
