// Package dispatch hands what waits in the inbox to Temporal: whatever waits for
// the same program at that moment is one batch, one item in quiet times, up to
// store.MaxBatchOf in a storm.
package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// Dispatcher is the inbox's way out. Several may run, in one process or many.
type Dispatcher struct {
	inbox  store.Inbox
	clock  survey.Clock
	log    *slog.Logger
	tracer trace.Tracer
	lines  map[store.Topic]*line
}

// handOver begins or wakes the workflow of a batch, idempotently.
type handOver func(context.Context, store.Batch) error

// line is the dispatcher's work on one topic.
type line struct {
	topic store.Topic
	// gather is how long items of a lane gather after one was handed over: the
	// first goes at once, those that come on its heels share a batch.
	gather   time.Duration
	handOver handOver
	// workflow names the workflow that a batch goes to.
	workflow func(store.Batch) string
	wake     chan struct{}
	// taken is when a batch of each lane was last claimed.
	taken map[string]time.Time
	// stuck are claimed batches that could not be handed over.
	stuck []store.Batch
	down  bool
}

const (
	// pollEvery is how soon an item is seen that another process put into the inbox
	// or that comes due; where items gather for long, a quarter of that time.
	pollEvery = 250 * time.Millisecond
	// lease is after how long a claimed batch is taken over from a process that
	// died.
	lease = time.Minute
	// retryEvery is how often Temporal is tried while it is down.
	retryEvery = time.Second
	// atOnce bounds the calls to Temporal under way for a topic, and callTimeout each
	// of them.
	atOnce      = 8
	callTimeout = 10 * time.Second
	// longGather is how long items gather for whose effect nobody waits: batches that are
	// large cost little.
	longGather = 5 * time.Second
	// maxStuck is how many batches may be claimed and not handed over before no more
	// are claimed.
	maxStuck = 64
)

// New makes a dispatcher that hands over to Temporal through a starter. The trace of a
// batch begins with it.
func New(inbox store.Inbox, starter *Starter, clock survey.Clock, log *slog.Logger, tracer trace.Tracer) *Dispatcher {
	d := &Dispatcher{inbox: inbox, clock: clock, log: log, tracer: tracer, lines: map[store.Topic]*line{}}
	d.add(store.TopicEvent, time.Second, starter.events, func(b store.Batch) string { return workflows.InviteID(b.Lane, b.ID) })
	d.add(store.TopicCampaign, 0, starter.campaign, func(b store.Batch) string {
		program, _, _, _ := survey.ParseCampaignID(b.Lane)
		return workflows.InviteID(program, b.ID)
	})
	// Somebody waits to hear of an unhappy one.
	d.add(store.TopicAnswer, 500*time.Millisecond, starter.answers, func(b store.Batch) string { return workflows.ResponseID(b.ID) })
	d.add(store.TopicThanks, longGather, starter.thanks, func(b store.Batch) string { return workflows.ThanksID(b.ID) })
	d.add(store.TopicRecheck, longGather, starter.events, func(b store.Batch) string { return workflows.InviteID(b.Lane, b.ID) })
	d.add(store.TopicLead, time.Second, func(ctx context.Context, b store.Batch) error {
		return starter.Leads(ctx, activities.LeadsRef{CRM: b.Lane, Batch: b.ID})
	}, func(b store.Batch) string { return workflows.LeadID(b.ID) })
	d.add(store.TopicWon, time.Second, starter.won, func(b store.Batch) string { return workflows.WonID(b.ID) })
	d.add(store.TopicBehaviour, longGather, starter.behaviour, func(b store.Batch) string { return workflows.BehaviourID(b.ID) })
	d.add(store.TopicClick, 0, func(ctx context.Context, b store.Batch) error { return starter.Case(ctx, b.Lane) },
		func(b store.Batch) string { return workflows.CaseID(b.Lane) })
	return d
}

func (d *Dispatcher) add(topic store.Topic, gather time.Duration, do handOver, workflow func(store.Batch) string) {
	d.lines[topic] = &line{
		topic: topic, gather: gather, handOver: d.traced(topic, do, workflow), workflow: workflow,
		wake: make(chan struct{}, 1), taken: map[string]time.Time{},
	}
}

// Notify says that something was put into the inbox by this process. It never
// blocks.
func (d *Dispatcher) Notify(topic store.Topic) {
	if l := d.lines[topic]; l != nil {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// Run hands over until the context ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range d.lines {
		group.Go(func() error {
			d.run(ctx, l)
			return nil
		})
	}
	return group.Wait()
}

func (d *Dispatcher) run(ctx context.Context, l *line) {
	ticker := time.NewTicker(max(pollEvery, l.gather/4))
	defer ticker.Stop()
	for {
		more := d.turn(ctx, l)
		if more {
			continue
		}
		pause, wake := ticker.C, l.wake
		if l.down { // what comes in meanwhile makes nothing work again
			pause, wake = time.After(retryEvery), nil
		}
		select {
		case <-ctx.Done():
			return
		case <-pause:
		case <-wake:
		}
	}
}

// turn claims what is due and hands it over. It reports whether there may be more.
func (d *Dispatcher) turn(ctx context.Context, l *line) (more bool) {
	batches := l.stuck
	if len(batches) < maxStuck {
		claimed, err := d.inbox.ClaimBatches(ctx, l.topic, d.clock.Now(), lease, l.gathering(time.Now()))
		if err != nil {
			l.fails(ctx, d.log, err)
			return false
		}
		batches = append(batches, l.notStuck(claimed)...)
	}
	if len(batches) == 0 {
		l.works(d.log)
		return false
	}
	handed, err := l.hand(ctx, d.log, batches)
	if len(handed) > 0 {
		// Where this is not kept, the batch is claimed again and Temporal says that
		// it has it.
		if keepErr := d.inbox.HandedOver(ctx, handed); keepErr != nil {
			l.fails(ctx, d.log, keepErr)
			return false
		}
	}
	if err != nil {
		l.fails(ctx, d.log, err)
		return false
	}
	l.works(d.log)
	return leftOver(batches)
}

// notStuck leaves out batches that are stuck here and that the store offers again
// because their lease is over.
func (l *line) notStuck(claimed []store.Batch) []store.Batch {
	return slices.DeleteFunc(claimed, func(b store.Batch) bool {
		return slices.ContainsFunc(l.stuck, func(stuck store.Batch) bool { return stuck.ID == b.ID })
	})
}

// gathering forgets lanes whose time is over and returns those that still gather.
func (l *line) gathering(now time.Time) []string {
	var lanes []string
	for lane, at := range l.taken {
		if now.Sub(at) < l.gather {
			lanes = append(lanes, lane)
		} else {
			delete(l.taken, lane)
		}
	}
	return lanes
}

// hand hands batches over, a few at once, and keeps those that Temporal did not
// take. Those of a program that is not configured come again after the lease.
func (l *line) hand(ctx context.Context, log *slog.Logger, batches []store.Batch) (handed []string, err error) {
	failed := make([]error, len(batches))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, batch := range batches {
		group.Go(func() error {
			ctx, cancel := context.WithTimeout(ctx, callTimeout)
			defer cancel()
			failed[i] = l.handOver(ctx, batch)
			return nil
		})
	}
	_ = group.Wait()
	l.stuck = nil
	now := time.Now()
	for i, batch := range batches {
		switch {
		case errors.Is(failed[i], errNotConfigured):
			log.Warn("claimed items stay in the inbox", "topic", l.topic, "error", failed[i])
			continue
		case failed[i] != nil:
			l.stuck, err = append(l.stuck, batch), failed[i]
			continue
		}
		handed = append(handed, batch.ID)
		log.Info("handed over", "topic", l.topic, "batch", batch.ID, "items", batch.Items, "workflow_id", l.workflow(batch))
		// A full batch has more behind it, which need not gather.
		if l.gather > 0 && batch.Items < store.MaxBatchOf(batch.Topic) {
			l.taken[batch.Lane] = now
		}
	}
	return handed, err
}

// leftOver reports whether a lane may hold more that is due.
func leftOver(batches []store.Batch) bool {
	for _, batch := range batches {
		if batch.Items >= store.MaxBatchOf(batch.Topic) {
			return true
		}
	}
	return false
}

// fails says once that nothing can be handed over; what waits stays in the inbox.
func (l *line) fails(ctx context.Context, log *slog.Logger, err error) {
	if l.down || ctx.Err() != nil {
		return
	}
	l.down = true
	log.Warn("the inbox cannot be handed over; it is kept and tried again", "topic", l.topic, "error", err)
}

// works says once that it goes on.
func (l *line) works(log *slog.Logger) {
	if l.down {
		l.down = false
		log.Info("the inbox is handed over again", "topic", l.topic)
	}
}
