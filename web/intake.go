package web

import (
	"context"
	"sync"

	"github.com/cxloop/cxloop/store"
)

// intake puts what concurrent requests bring into the inbox by grouped commits:
// the first request commits at once, and whatever comes in meanwhile shares the
// next transaction. A quiet server answers as fast as the database can, and a
// storm costs few transactions.
type intake struct {
	commit func(context.Context, []store.Item) (int, error)

	mu      sync.Mutex
	waiting []*contribution
	running bool
}

// contribution is the items of one request.
type contribution struct {
	items []store.Item
	done  chan struct{}
	err   error // once done is closed
}

// add returns when the items are durable, or why they are not (or not known to
// be).
func (in *intake) add(ctx context.Context, items []store.Item) error {
	if len(items) == 0 {
		return nil
	}
	c := &contribution{items: items, done: make(chan struct{})}
	in.mu.Lock()
	in.waiting = append(in.waiting, c)
	if !in.running {
		in.running = true
		go in.run()
	}
	in.mu.Unlock()
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run commits groups until nobody waits.
func (in *intake) run() {
	for {
		in.mu.Lock()
		group := in.waiting
		in.waiting = nil
		in.running = len(group) > 0
		in.mu.Unlock()
		if len(group) == 0 {
			return
		}
		in.commitGroup(group)
	}
}

// commitGroup commits a group in one transaction. Where that fails each request
// is tried alone, so that none fails for what another one brought.
func (in *intake) commitGroup(group []*contribution) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	var all []store.Item
	for _, c := range group {
		all = append(all, c.items...)
	}
	_, err := in.commit(ctx, all)
	for _, c := range group {
		c.err = err
		if err != nil && len(group) > 1 {
			_, c.err = in.commit(ctx, c.items)
		}
		close(c.done)
	}
}
