// Package activities is what workflows do to the world: one struct for each
// collaborator, whose methods are the activities. Those that only touch the
// database run as local activities; those that call a vendor run on the vendor's
// own task queue.
package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The types of the application errors that activities return.
const (
	FailureRetryAfter = "retry_after"
	FailurePermanent  = "permanent"
	FailureAmbiguous  = "ambiguous"
)

// operatorWait is how long a call rests that only an operator can make work
// again (a revoked key, a channel without the app): often enough to go on soon
// after, seldom enough to bother nobody.
const operatorWait = 5 * time.Minute

// failure turns a vendor's error into what Temporal acts on. It is the outermost
// error, because Temporal reads nothing below that.
func failure(err error) error {
	e, ok := errors.AsType[*integrations.Error](err)
	if !ok {
		return err
	}
	options := temporal.ApplicationErrorOptions{Cause: e.Err}
	kind := FailureAmbiguous
	switch {
	case e.Kind == integrations.RetryAfter:
		kind = FailureRetryAfter
		options.NextRetryDelay = e.After
		options.Category = temporal.ApplicationErrorCategoryBenign
	case e.Kind == integrations.Permanent && e.Hint != "":
		kind = FailureRetryAfter
		options.NextRetryDelay = operatorWait
	case e.Kind == integrations.Permanent:
		kind = FailurePermanent
		options.NonRetryable = true
	default:
		options.NonRetryable = true
	}
	return temporal.NewApplicationErrorWithOptions(e.Error(), kind, options)
}

// repeatable is failure for a call that may be made twice: what is ambiguous is
// tried again.
func repeatable(err error) error {
	if e, ok := errors.AsType[*integrations.Error](err); ok && e.Kind == integrations.Ambiguous {
		again := *e
		again.Kind = integrations.RetryAfter
		return failure(&again)
	}
	return failure(err)
}

// refused reports whether a vendor refuses a call for good, for a reason that no
// operator can mend.
func refused(err error) bool {
	e, ok := errors.AsType[*integrations.Error](err)
	return ok && e.Kind == integrations.Permanent && e.Hint == ""
}

// readable is failure for a call that only reads, without which nothing goes on:
// what is refused for good is left to an operator.
func readable(err error) error {
	if e, ok := errors.AsType[*integrations.Error](err); ok && e.Kind == integrations.Permanent && e.Hint == "" {
		held := *e
		held.Hint = "nothing goes on without it: see the vendor's own log"
		return failure(&held)
	}
	return repeatable(err)
}

// vendorCall is longer than any vendor client waits for an answer.
const vendorCall = 30 * time.Second

// timeForACall stops an activity between two calls, to be tried again, while there
// is not time for another: a call that is cut off is one of which nobody knows
// whether it did its work.
func timeForACall(ctx context.Context) error {
	again := func(why string) error {
		return temporal.NewApplicationErrorWithOptions(why, FailureRetryAfter, temporal.ApplicationErrorOptions{
			Category: temporal.ApplicationErrorCategoryBenign,
		})
	}
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		return again("the worker stops")
	default:
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < vendorCall {
		return again("the rest is done in another try")
	}
	return nil
}

// heartbeatEvery is how often an activity says that it lives while one call, which
// may take long, is under way.
const heartbeatEvery = 10 * time.Second

// heartbeats says so until stop is called.
func heartbeats(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ticker := time.NewTicker(heartbeatEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return cancel
}

// Programs finds the version of a program that something runs under: the
// configured ones from memory, older ones from the store.
type Programs struct {
	store store.Settings

	mu    sync.RWMutex
	known map[string]survey.Program
	// configured are the present ones, by id; they do not change.
	configured map[string]survey.Program
	// conditions are compiled when they are first asked for.
	conditions map[string]*condition.Program
}

// NewPrograms takes the configured programs and keeps them in the store.
func NewPrograms(ctx context.Context, settings store.Settings, configured []survey.Program) (*Programs, error) {
	p := &Programs{store: settings, known: map[string]survey.Program{}, configured: map[string]survey.Program{}, conditions: map[string]*condition.Program{}}
	for _, program := range configured {
		if err := settings.SaveProgram(ctx, program); err != nil {
			return nil, fmt.Errorf("keep program %s: %w", program.ID, err)
		}
		p.known[program.ID+"@"+program.Version()] = program
		p.configured[program.ID] = program
	}
	return p, nil
}

// Configured returns a program as it is configured now.
func (p *Programs) Configured(id string) (program survey.Program, ok bool) {
	program, ok = p.configured[id]
	return program, ok
}

// Get returns a version of a program.
func (p *Programs) Get(ctx context.Context, id, version string) (survey.Program, error) {
	key := id + "@" + version
	p.mu.RLock()
	program, ok := p.known[key]
	p.mu.RUnlock()
	if ok {
		return program, nil
	}
	program, err := p.store.Program(ctx, id, version)
	if err != nil {
		return survey.Program{}, fmt.Errorf("program %s, version %s: %w", id, version, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[key] = program
	return program, nil
}

// Conditions returns the expressions of a version of a program.
func (p *Programs) Conditions(ctx context.Context, id, version string) (*condition.Program, error) {
	key := id + "@" + version
	p.mu.RLock()
	compiled, ok := p.conditions[key]
	p.mu.RUnlock()
	if ok {
		return compiled, nil
	}
	program, err := p.Get(ctx, id, version)
	if err != nil {
		return nil, err
	}
	if compiled, err = condition.ForProgram(program); err != nil {
		return nil, fmt.Errorf("version %s of %w", version, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conditions[key] = compiled
	return compiled, nil
}

// logUnknown tells an operator of effects that nobody can decide but them.
func logUnknown(log *slog.Logger, keys []string) {
	for _, key := range keys {
		log.Error("effect is unknown: the call may or may not have done its work; it is not repeated", "effect", key)
	}
}
