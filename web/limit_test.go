package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	now := start
	l := newLimiter(func() time.Time { return now })
	c := &class{perSecond: 2, burst: 3}
	ada, bob := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	take := func(from netip.Addr, want time.Duration) {
		t.Helper()
		if wait := l.take(c, from); wait != want {
			t.Fatalf("%s waits %s: want %s", from, wait, want)
		}
	}
	for range 3 {
		take(ada, 0)
	}
	take(ada, 500*time.Millisecond)
	take(bob, 0)
	now = now.Add(500 * time.Millisecond)
	take(ada, 0)
	take(ada, 500*time.Millisecond)

	l.charge(c, ada, 100)
	take(ada, 2*time.Second) // the debt is a burst, 3, and 1 is needed
	now = now.Add(time.Hour)
	for range 3 {
		take(ada, 0)
	}
	take(ada, 500*time.Millisecond)
	now = now.Add(-time.Hour) // a clock set back gives and takes nothing
	take(ada, 500*time.Millisecond)
}

func TestLimiterForgetsTheLeastRecent(t *testing.T) {
	t.Parallel()
	l := newLimiter(func() time.Time { return start })
	c := &class{perSecond: 1, burst: 1}
	first := netip.MustParseAddr("10.0.0.0")
	if l.take(c, first) != 0 || l.take(c, first) == 0 {
		t.Fatal("a burst of 1 is one request")
	}
	for i, at := 0, first; i < maxBuckets; i++ {
		at = at.Next()
		l.take(c, at)
	}
	if len(l.buckets) != maxBuckets || l.recent.Len() != maxBuckets {
		t.Fatalf("%d and %d buckets: want %d", len(l.buckets), l.recent.Len(), maxBuckets)
	}
	if l.take(c, first) != 0 {
		t.Fatal("the least recent address was not forgotten")
	}
}

func TestLimiterTakesAHouseholdAsOne(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::1", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"192.0.2.1", "192.0.2.2", false},
	} {
		if same := network(netip.MustParseAddr(test.a)) == network(netip.MustParseAddr(test.b)); same != test.same {
			t.Errorf("%s and %s alike: %t", test.a, test.b, same)
		}
	}
}

func TestCaller(t *testing.T) {
	t.Parallel()
	s := &Server{opt: Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}}
	for _, test := range []struct {
		peer, want string
		forwarded  []string
	}{
		{"192.0.2.1:5", "192.0.2.1", nil},
		{"192.0.2.1:5", "192.0.2.1", []string{"198.51.100.1"}}, // no proxy of ours
		{"10.0.0.1:5", "198.51.100.1", []string{"198.51.100.1"}},
		{"10.0.0.1:5", "198.51.100.1", []string{"1.2.3.4, 198.51.100.1"}}, // the left is what the caller wrote
		{"10.0.0.1:5", "198.51.100.1", []string{"1.2.3.4", "198.51.100.1, 10.9.9.9"}},
		{"10.0.0.1:5", "198.51.100.1", []string{"198.51.100.1:4711"}},
		{"[::1]:5", "2001:db8::1", []string{"[2001:db8::1]:4711"}},
		{"[::ffff:10.0.0.1]:5", "198.51.100.1", []string{"::ffff:198.51.100.1"}},
		{"10.0.0.1:5", "10.0.0.1", []string{"unknown"}},
		{"10.0.0.1:5", "10.0.0.1", nil},
		{"@", "invalid IP", []string{"198.51.100.1"}},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = test.peer
		r.Header["X-Forwarded-For"] = test.forwarded
		if got := s.caller(r).String(); got != test.want {
			t.Errorf("%s for %q: caller %s: want %s", test.peer, test.forwarded, got, test.want)
		}
	}
}

// from sends a request as it comes from an address.
func (s *site) from(address, method, path string) *http.Response {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, path, strings.NewReader("score=7"))
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(address), 4711).String()
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(w, r)
	return w.Result()
}

// pathTo is a request's path for a route.
func (s *site) pathTo(route string) (method, path string) {
	method, path, _ = strings.Cut(route, " ")
	return method, strings.NewReplacer("{crm}", "shop", "{token}", "forged", "{$}", "").Replace(path)
}

func TestEveryRouteIsLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	others := netip.MustParseAddr("192.0.2.1")
	for route := range s.server.routes() {
		others = others.Next() // wrong links use an address up
		for _, c := range []*class{hookClass, pageClass, formClass, friendClass} {
			s.server.limits.charge(c, netip.MustParseAddr("192.0.2.1"), 2*c.burst)
		}
		method, path := s.pathTo(route)
		got := s.from("192.0.2.1", method, path)
		s.want(got.StatusCode == http.StatusTooManyRequests && got.Header.Get("Retry-After") != "", "%s: %s %s", route, got.Status, got.Header)
		for _, free := range []string{others.String(), "127.0.0.1", "::1"} {
			got := s.from(free, method, path)
			s.want(got.StatusCode != http.StatusTooManyRequests, "%s from %s: %s", route, free, got.Status)
		}
	}
}

func TestEveryRouteCapsBodies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	large := bytes.Repeat([]byte("x"), 1<<20)
	header := signedIn("ada", apiToken)
	for route := range s.server.routes() {
		if method, path := s.pathTo(route); method == http.MethodPost {
			got := s.do(method, path, header, large)
			unread := got.status == http.StatusNotFound // for a link that opens nothing
			s.want(unread || got.status == http.StatusRequestEntityTooLarge, "%s: status %d", route, got.status)
		}
	}
}

// Guessed links are used up long before real ones are.
func TestWrongLinksCostMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	right := s.survey(s.invite("en"))
	tries := func(address, path string) int {
		for n := 0; ; n++ {
			if s.from(address, http.MethodGet, path).StatusCode == http.StatusTooManyRequests {
				return n
			}
		}
	}
	s.want(tries("192.0.2.1", right) == 200, "good links")
	s.want(tries("192.0.2.2", "/s/forged") == 10, "wrong links")
}

func TestHintAtProxyOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 2 {
		s.has(s.do(http.MethodGet, "/", http.Header{"X-Forwarded-For": {"198.51.100.1"}}, nil), 200)
	}
	s.want(strings.Count(s.log.String(), "server.trusted_proxies") == 1, "log:\n%s", s.log)

	s = newSite(t, func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	s.has(s.do(http.MethodGet, "/", http.Header{"X-Forwarded-For": {"198.51.100.1"}}, nil), 200)
	s.want(!strings.Contains(s.log.String(), "server.trusted_proxies"), "log:\n%s", s.log)
}

func TestObserve(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 2)
	s := newSite(t, func(o *Options) {
		o.Observe = func(route string, status int, _ time.Duration) { seen <- fmt.Sprint(route, " ", status) }
	})
	s.from("192.0.2.1", http.MethodGet, "/s/forged")
	s.from("192.0.2.1", http.MethodGet, "/nowhere")
	for _, want := range []string{"GET /s/{token} 404", " 404"} {
		if got := <-seen; got != want {
			t.Errorf("told of %q: want %q", got, want)
		}
	}
}
