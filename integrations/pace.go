package integrations

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

// turnAtMost is how long a call waits for its turn before it is put off: the calls of
// which it is not known whether they did their work are counted from before the wait.
const turnAtMost = 4 * time.Second

// Pace keeps a process to so many calls a second. It is safe for concurrent use.
type Pace struct{ limiter *rate.Limiter }

// NewPace makes one; 0 sets no limit.
func NewPace(perSecond float64) Pace { return NewBurstPace(perSecond, 1) }

// NewBurstPace makes one that lets so many calls through at once after a rest.
func NewBurstPace(perSecond float64, burst int) Pace {
	limit := rate.Inf
	if perSecond > 0 {
		limit = rate.Limit(perSecond)
	}
	return Pace{rate.NewLimiter(limit, burst)}
}

// Take waits for the turn of a call to a vendor. Its errors are *Error of kind RetryAfter:
// the turn was not taken.
func (p Pace) Take(ctx context.Context, vendor string) error {
	turn := p.limiter.Reserve()
	wait := turn.Delay()
	if wait > turnAtMost {
		turn.Cancel()
		return &Error{Vendor: vendor, Kind: RetryAfter, Code: "pace", After: wait, Err: fmt.Errorf("%s.rate is used up", vendor)}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		turn.Cancel()
		return &Error{Vendor: vendor, Kind: RetryAfter, Code: "cancelled", Err: ctx.Err()}
	}
}
