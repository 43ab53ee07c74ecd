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

	"go.temporal.io/sdk/temporal"

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

// Programs finds the version of a program that something runs under: the
// configured ones from memory, older ones from the store.
type Programs struct {
	store store.Settings

	mu    sync.RWMutex
	known map[string]survey.Program
}

// NewPrograms takes the configured programs and keeps them in the store.
func NewPrograms(ctx context.Context, settings store.Settings, configured []survey.Program) (*Programs, error) {
	p := &Programs{store: settings, known: map[string]survey.Program{}}
	for _, program := range configured {
		if err := settings.SaveProgram(ctx, program); err != nil {
			return nil, fmt.Errorf("keep program %s: %w", program.ID, err)
		}
		p.known[program.ID+"@"+program.Version()] = program
	}
	return p, nil
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

// logUnknown tells an operator of effects that nobody can decide but them.
func logUnknown(log *slog.Logger, vendor string, keys []string) {
	for _, key := range keys {
		log.Error("effect is unknown: the call may or may not have done its work; it is not repeated", "vendor", vendor, "effect", key)
	}
}
