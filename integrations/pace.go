package integrations

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// turnAtMost is how long a call waits for its turn before it is put off: the calls of
// which it is not known whether they did their work are counted from before the wait.
const turnAtMost = 4 * time.Second

// Pace keeps a process to so many calls a second. It is safe for concurrent use.
type Pace struct {
	limiter *rate.Limiter
	// last is held by who goes last while they look whether they may.
	last *sync.Mutex
}

// NewPace makes one; 0 sets no limit.
func NewPace(perSecond float64) Pace { return NewBurstPace(perSecond, 1) }

// NewBurstPace makes one that lets so many calls through at once after a rest.
func NewBurstPace(perSecond float64, burst int) Pace {
	limit := rate.Inf
	if perSecond > 0 {
		limit = rate.Limit(perSecond)
	}
	return Pace{rate.NewLimiter(limit, burst), new(sync.Mutex)}
}

// Take waits for the turn of a call to a vendor. Its errors are *Error of kind RetryAfter:
// the turn was not taken.
func (p Pace) Take(ctx context.Context, vendor string) error {
	turn := p.limiter.Reserve()
	wait := turn.Delay()
	if wait > turnAtMost {
		turn.Cancel()
		return late(vendor, wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		turn.Cancel()
		return cancelled(ctx, vendor)
	}
}

// TakeLast is Take for a call that lets others go first: it waits until as many may go at
// once as ever, so that after it one fewer may still.
func (p Pace) TakeLast(ctx context.Context, vendor string) error {
	until := time.Now().Add(turnAtMost)
	for {
		wait := p.takeWhole(time.Now())
		switch {
		case wait == 0:
			return nil
		case time.Now().Add(wait).After(until):
			return late(vendor, wait)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return cancelled(ctx, vendor)
		}
	}
}

// takeWhole takes a turn where none was taken for long enough, and returns how long to wait
// before it is worth another try otherwise.
func (p Pace) takeWhole(now time.Time) time.Duration {
	p.last.Lock()
	defer p.last.Unlock()
	missing := float64(p.limiter.Burst()) - p.limiter.TokensAt(now)
	if missing <= 0 && p.limiter.AllowN(now, 1) {
		return 0
	}
	return max(time.Duration(missing/float64(p.limiter.Limit())*float64(time.Second)), time.Millisecond)
}

func late(vendor string, wait time.Duration) error {
	return &Error{Vendor: vendor, Kind: RetryAfter, Code: "pace", After: wait, Err: fmt.Errorf("%s.rate is used up", vendor)}
}

func cancelled(ctx context.Context, vendor string) error {
	return &Error{Vendor: vendor, Kind: RetryAfter, Code: "cancelled", Err: ctx.Err()}
}
