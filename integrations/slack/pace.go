package slack

import (
	"context"
	"sync"
	"time"

	"github.com/cxloop/cxloop/integrations"
)

// PerChannel is how many messages Slack takes in one channel, a second (docs: rate limits).
const PerChannel = 1

const (
	// channelBurst is how many go out at once after a rest, as "short bursts" are allowed: few,
	// as calls that take different times on their way come closer together than they were sent.
	channelBurst = 2
	// paceKept is for how long the pace of a channel is kept in which nothing is posted: by
	// then it is as good as new.
	paceKept = time.Minute
)

// channelPaces keep a process to so many posts a second in each channel.
type channelPaces struct {
	perSecond float64

	mu        sync.Mutex
	byChannel map[string]*channelPace
	swept     time.Time
}

type channelPace struct {
	integrations.Pace
	used time.Time
}

// take waits for the turn of a post in a channel. A reply lets other posts go first: who
// waits for a new case hears of it before others hear what became of theirs. Its errors are
// those of integrations.Pace.
func (p *channelPaces) take(ctx context.Context, channel string, reply bool) error {
	if p.perSecond == 0 {
		return nil
	}
	pace := p.of(channel, time.Now())
	if reply {
		return pace.TakeLast(ctx, vendor)
	}
	return pace.Take(ctx, vendor)
}

func (p *channelPaces) of(channel string, now time.Time) integrations.Pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.swept) >= paceKept {
		for other, pace := range p.byChannel {
			if now.Sub(pace.used) >= paceKept {
				delete(p.byChannel, other)
			}
		}
		p.swept = now
	}
	pace := p.byChannel[channel]
	if pace == nil {
		pace = &channelPace{Pace: integrations.NewBurstPace(p.perSecond, channelBurst)}
		p.byChannel[channel] = pace
	}
	pace.used = now
	return pace.Pace
}
