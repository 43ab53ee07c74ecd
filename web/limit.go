package web

import (
	"container/list"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
)

// class is routes that are limited alike and counted together.
type class struct {
	// perSecond requests of one address are taken over time, and burst at once.
	perSecond, burst float64
	// wrongLink is what a link that opens nothing, or a wrong password, costs besides,
	// in requests.
	wrongLink float64
}

// The classes. Vendors send for all their customers from few addresses, so that a
// wrong signature must not cost more than a right one: anybody with an account
// there could shut out the others. The people of a whole company, and the scanner
// of their mail, may share one address.
var (
	hookClass = &class{perSecond: 200, burst: 2000}
	pageClass = &class{perSecond: 20, burst: 200, wrongLink: 19}
	formClass = &class{perSecond: 5, burst: 50, wrongLink: 9}
)

// maxBuckets bounds the table: of an address that has not been seen for that many
// others, what it used is forgotten.
const maxBuckets = 20_000

// limiter keeps a token bucket for each class and address.
type limiter struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[bucketKey]*list.Element
	recent  *list.List // of *bucket, the last used first
}

type bucketKey struct {
	class *class
	from  netip.Prefix
}

type bucket struct {
	key  bucketKey
	left float64
	at   time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, buckets: map[bucketKey]*list.Element{}, recent: list.New()}
}

// take counts a request, or says how long to wait until the next is taken.
func (l *limiter) take(c *class, from netip.Addr) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(c, from)
	if b.left < 1 {
		return time.Duration((1 - b.left) / c.perSecond * float64(time.Second))
	}
	b.left--
	return 0
}

// charge counts further requests for one that was taken, down to a debt of a burst.
func (l *limiter) charge(c *class, from netip.Addr, cost float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(c, from)
	b.left = max(b.left-cost, -c.burst)
}

// bucket returns an address's bucket as it is by now.
func (l *limiter) bucket(c *class, from netip.Addr) *bucket {
	now, key := l.now(), bucketKey{c, network(from)}
	if e := l.buckets[key]; e != nil {
		l.recent.MoveToFront(e)
		b := e.Value.(*bucket)
		b.left = min(c.burst, b.left+max(0, now.Sub(b.at).Seconds())*c.perSecond)
		b.at = now
		return b
	}
	if l.recent.Len() >= maxBuckets {
		oldest := l.recent.Back()
		delete(l.buckets, l.recent.Remove(oldest).(*bucket).key)
	}
	b := &bucket{key: key, left: c.burst, at: now}
	l.buckets[key] = l.recent.PushFront(b)
	return b
}

// network is what one customer of a provider has: an IPv4 address, or the 64 bits
// that IPv6 gives to a household.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // an invalid address has an invalid prefix: all of those share one
	return p
}

// limited takes at most what a class allows of each address. Addresses of this
// machine are not limited: what comes from there is a program beside cxloop, or a
// proxy that is not trusted to say for whom it asks.
func (s *Server) limited(c *class, refuse, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from := s.caller(r)
		s.hintAtProxy(r)
		if from.IsLoopback() {
			next(w, r)
			return
		}
		if wait := s.limits.take(c, from); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			refuse(w, r)
			return
		}
		rec := &recorder{ResponseWriter: w}
		next(rec, r)
		if c.wrongLink > 0 && (rec.status == http.StatusNotFound || rec.status == http.StatusUnauthorized) {
			s.limits.charge(c, from, c.wrongLink)
		}
	}
}

// hintAtProxy says once that callers cannot be told apart.
func (s *Server) hintAtProxy(r *http.Request) {
	if !forwarded(r) || s.trusted(peer(r)) {
		return
	}
	s.hint.Do(func() {
		s.opt.Log.Warn("a proxy that is not in server.trusted_proxies passes requests on: its callers cannot be told apart, and rate limits do not work as they should",
			"proxy", peer(r))
	})
}

func tooMany(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusTooManyRequests, "too many requests from this address\n")
}

// machine serves a route that vendors and other systems call.
func (s *Server) machine(handle func(*http.Request) (answer any, err error)) http.HandlerFunc {
	return s.limited(hookClass, s.api(func(*http.Request) (any, error) {
		return nil, crm.Reject(http.StatusTooManyRequests, "too many requests from this address: see Retry-After")
	}), s.api(handle))
}

// person serves a page, or takes a form, of a class.
func (s *Server) person(c *class, handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return s.limited(c, s.page(func(http.ResponseWriter, *http.Request) error { return noticeTooMany }), s.page(handle))
}
