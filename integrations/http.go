package integrations

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// The limits of a call before its answer is awaited.
const (
	connectTimeout = 5 * time.Second
	tlsTimeout     = 5 * time.Second
)

// NewHTTPClient returns the client of one vendor. A call ends after timeout in
// all, and its answer is read up to maxBody bytes. Redirects are not followed:
// they would carry credentials elsewhere. An error of a call of which the vendor
// cannot have seen anything is ErrUnsent.
func NewHTTPClient(timeout time.Duration, maxBody int64) *http.Client {
	return &http.Client{
		Timeout: timeout,
		Transport: &transport{maxBody: maxBody, next: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   tlsTimeout,
			ResponseHeaderTimeout: timeout,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   16,
			IdleConnTimeout:       time.Minute,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ErrUnsent is in the chain of an error of a call that never got a connection.
var ErrUnsent = errors.New("nothing was sent")

type transport struct {
	next    http.RoundTripper
	maxBody int64
}

// RoundTrip notes whether the call got as far as a connection: from there on
// the vendor may have acted on it.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	began, span := time.Now(), startSpan(r)
	resp, err := t.next.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil {
		Tell(r.Context(), 0, began)
		endSpan(span, 0)
		if !connected.Load() {
			err = fmt.Errorf("%w: %w", ErrUnsent, err)
		}
		return nil, err
	}
	Tell(r.Context(), resp.StatusCode, began)
	endSpan(span, resp.StatusCode)
	resp.Body = http.MaxBytesReader(nil, resp.Body, t.maxBody)
	return resp, nil
}

// CloseIdleConnections closes what no call uses.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// NoAnswer types the error of a call that got no whole answer. Where the call is
// not repeatable it is Ambiguous, unless nothing was sent. Addresses are left
// out of its text.
func NoAnswer(vendor string, repeatable bool, err error) *Error {
	kind := RetryAfter
	if !repeatable && !errors.Is(err, ErrUnsent) {
		kind = Ambiguous
	}
	code := "no_answer"
	var timeout net.Error
	switch {
	case errors.Is(err, ErrUnsent):
		code = "unreachable"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		code = "timeout"
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return &Error{Vendor: vendor, Kind: kind, Code: code, Err: err}
}

// RetryAfterOf reads a Retry-After header (RFC 9110, section 10.2.3): seconds or
// a date; 0 where there is none that can be read.
func RetryAfterOf(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// BaseURL checks a configured base URL, or takes the vendor's own where it is "",
// and returns it without a slash at its end. Plain http is for loopback only.
func BaseURL(configured, vendors string) (string, error) {
	if configured == "" {
		return vendors, nil
	}
	u, err := url.Parse(configured)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("base URL %q: want for example %s", configured, vendors)
	}
	if err := CheckScheme(u); err != nil {
		return "", fmt.Errorf("base URL %q: %w", configured, err)
	}
	return strings.TrimRight(configured, "/"), nil
}

// CheckScheme refuses addresses over which a secret could be overheard.
func CheckScheme(u *url.URL) error {
	host := u.Hostname()
	ip := net.ParseIP(host)
	switch {
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && (host == "localhost" || ip != nil && ip.IsLoopback()):
		return nil
	}
	return errors.New("want https (plain http is for loopback addresses only)")
}
