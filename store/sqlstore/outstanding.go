package sqlstore

import (
	"context"
	"fmt"

	"github.com/cxloop/cxloop/store"
)

// Outstanding returns what waits and what has to be decided.
func (s *Store) Outstanding(ctx context.Context) (store.Outstanding, error) {
	out := store.Outstanding{Inbox: map[store.Topic]store.Queue{}, UnknownEffects: map[string]int{}}
	type row struct {
		name  string
		queue store.Queue
	}
	queues, err := collect(ctx, s.read(), func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.name, &r.queue.Items, moment{&r.queue.OldestDue})
		return r, err
	}, `SELECT topic, COUNT(*), MIN(due_at) FROM inbox WHERE done_at IS NULL GROUP BY topic`)
	if err != nil {
		return out, fmt.Errorf("look what waits: %w", err)
	}
	for _, q := range queues {
		out.Inbox[store.Topic(q.name)] = q.queue
	}
	effects, err := collect(ctx, s.read(), func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.name, &r.queue.Items)
		return r, err
	}, `SELECT vendor, COUNT(*) FROM effects WHERE state = 'unknown' GROUP BY vendor`)
	if err != nil {
		return out, fmt.Errorf("look for unknown effects: %w", err)
	}
	for _, e := range effects {
		out.UnknownEffects[e.name] = e.queue.Items
	}
	out.Paused, err = collect(ctx, s.read(), scanOne[string], `SELECT program FROM pauses WHERE resumed_at IS NULL ORDER BY program`)
	if err != nil {
		return out, fmt.Errorf("look for paused programs: %w", err)
	}
	return out, nil
}
