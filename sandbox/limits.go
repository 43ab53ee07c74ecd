package sandbox

import (
	"sync"
	"time"
)

// window allows so many requests in any rolling interval. Each question costs the same, however many came before.
type window struct {
	mu       sync.Mutex
	times    []time.Time
	next     int
	interval time.Duration
}

func newWindow(limit int, interval time.Duration) *window {
	return &window{times: make([]time.Time, limit), interval: interval}
}

// take counts a request; false where the limit is reached. remaining is exact to within one interval.
func (w *window) take(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	// The slot to be overwritten holds the request that came a full limit ago.
	if oldest := w.times[w.next]; !oldest.IsZero() && now.Sub(oldest) < w.interval {
		return false
	}
	w.times[w.next] = now
	w.next = (w.next + 1) % len(w.times)
	return true
}

// remaining counts the free slots, by bisection: the ring is in order of time.
func (w *window) remaining(now time.Time) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.times)
	lo, hi := 0, n
	for lo < hi {
		mid := (lo + hi) / 2
		t := w.times[(w.next+mid)%n]
		if t.IsZero() || now.Sub(t) >= w.interval {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// bucket allows rate requests a second on average and burst at once.
type bucket struct {
	tokens float64
	at     time.Time
}

// take spends a token, or tells how long to wait for one.
func (b *bucket) take(now time.Time, rate, burst float64) (time.Duration, bool) {
	if b.at.IsZero() {
		b.tokens = burst
	} else if dt := now.Sub(b.at).Seconds(); dt > 0 {
		b.tokens = min(burst, b.tokens+dt*rate)
	}
	b.at = now
	if b.tokens >= 1 {
		b.tokens--
		return 0, true
	}
	return time.Duration((1 - b.tokens) / rate * float64(time.Second)), false
}

// buckets hold one bucket per key.
type buckets struct {
	mu    sync.Mutex
	byKey map[string]*bucket
}

func (b *buckets) take(key string, now time.Time, rate, burst float64) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byKey == nil {
		b.byKey = map[string]*bucket{}
	}
	k := b.byKey[key]
	if k == nil {
		k = &bucket{}
		b.byKey[key] = k
	}
	return k.take(now, rate, burst)
}
