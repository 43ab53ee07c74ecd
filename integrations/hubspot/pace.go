package hubspot

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/cxloop/cxloop/integrations"
)

// pace keeps calls below the account's limit: a token bucket that follows what
// HubSpot's own headers tell, so that several workers and other integrations
// share one limit.
type pace struct {
	bucket *rate.Limiter
	fixed  bool // whatever headers tell
}

const firstBurst = 10 // a tenth of the smallest plan's 100 calls in 10 seconds

// newPace holds nothing back until an answer tells the limit; the bucket is then
// full.
func newPace() *pace { return &pace{bucket: rate.NewLimiter(rate.Inf, firstBurst)} }

// Searches are limited to five a second for the whole account, and their answers do
// not tell what is left of it (docs: usage guidelines). One in five is left to others.
const (
	searchesPerSecond = 4
	searchWindow      = time.Second
	searchAction      = "search"
)

func newSearchPace() *pace { return &pace{bucket: rate.NewLimiter(searchesPerSecond, 1), fixed: true} }

func isSearch(path string) bool { return strings.HasSuffix(path, "/"+searchAction) }

// take waits for a turn. A long wait is an error that says how long, so that
// the caller can do something else meanwhile.
func (p *pace) take(ctx context.Context) error {
	turn := p.bucket.Reserve()
	wait := turn.Delay()
	if wait > maxInCallWait {
		turn.Cancel()
		return &integrations.Error{
			Vendor: vendor, Kind: integrations.RetryAfter, Code: "paced", After: wait,
			Err: errors.New("the account's rate limit is used up"),
		}
	}
	if wait == 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		turn.Cancel()
		return &integrations.Error{Vendor: vendor, Kind: integrations.RetryAfter, Code: "paced", Err: ctx.Err()}
	}
}

// follow adapts to the headers of an answer, if it has them.
func (p *pace) follow(h http.Header) {
	limit, err := strconv.Atoi(h.Get("X-HubSpot-RateLimit-Max"))
	remaining, err2 := strconv.Atoi(h.Get("X-HubSpot-RateLimit-Remaining"))
	interval := intervalOf(h)
	if p.fixed || err != nil || err2 != nil || limit <= 0 || interval <= 0 {
		return
	}
	p.set(limit, remaining, interval)
}

// set spreads nine tenths of the limit over the interval and leaves one tenth
// for bursts, so that no interval holds more than the limit. When others have
// used up nearly all, it goes on at the rate of what remains.
func (p *pace) set(limit, remaining int, interval time.Duration) {
	burst := max(1, limit/10)
	share := float64(limit-burst) / interval.Seconds()
	if remaining < burst {
		share = float64(max(1, remaining)) / interval.Seconds()
	}
	p.bucket.SetLimit(rate.Limit(share))
	p.bucket.SetBurst(burst)
}

func intervalOf(h http.Header) time.Duration {
	ms, err := strconv.ParseUint(h.Get("X-HubSpot-RateLimit-Interval-Milliseconds"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}
