package integrations

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNoAnswerTellsWhatWasSent(t *testing.T) {
	t.Parallel()
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(cut.Close)
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(hang.Close)
	for name, c := range map[string]struct {
		url        string
		repeatable bool
		kind       ErrorKind
		code       string
	}{
		"refused connection": {url: closedPort(t), kind: RetryAfter, code: "unreachable"},
		"cut write":          {url: cut.URL, kind: Ambiguous, code: "no_answer"},
		"cut read":           {url: cut.URL, repeatable: true, kind: RetryAfter, code: "no_answer"},
		"slow write":         {url: hang.URL, kind: Ambiguous, code: "timeout"},
		"slow read":          {url: hang.URL, repeatable: true, kind: RetryAfter, code: "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patience := 10 * time.Second
			if c.code == "timeout" {
				patience = 300 * time.Millisecond
			}
			client := NewHTTPClient(patience, 100)
			resp, err := client.Post(c.url+"/?secret=x", "text/plain", strings.NewReader("body"))
			if err == nil {
				_ = resp.Body.Close()
			}
			require.Error(t, err)
			got := NoAnswer("v", c.repeatable, err)
			require.Equal(t, c.kind, got.Kind, err)
			require.Equal(t, c.code, got.Code)
			require.NotContains(t, got.Error(), "secret")
		})
	}
}

// closedPort is an address that nothing listens on.
func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return "http://" + l.Addr().String()
}

func TestHTTPClientCapsAnswersAndFollowsNothing(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 101))
	}))
	t.Cleanup(server.Close)
	client := NewHTTPClient(5*time.Second, 100)

	resp, err := client.Get(server.URL)
	require.NoError(t, err)
	_, err = io.ReadAll(resp.Body)
	require.NoError(t, resp.Body.Close())
	tooLarge, ok := errors.AsType[*http.MaxBytesError](err)
	require.True(t, ok, err)
	require.EqualValues(t, 100, tooLarge.Limit)

	resp, err = client.Get(server.URL + "/away")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusFound, resp.StatusCode)
	client.CloseIdleConnections()
}

func TestCancelledCallIsAmbiguousOnceSent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("body"))
	require.NoError(t, err)
	resp, err := NewHTTPClient(5*time.Second, 100).Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.Equal(t, Ambiguous, NoAnswer("v", false, err).Kind)
	require.ErrorIs(t, err, context.Canceled)
}

func TestRetryAfterOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, "99999999999": 0,
		"Tue, 01 Sep 2026 12:00:30 GMT": 30 * time.Second, "Tue, 01 Sep 2026 11:00:00 GMT": 0,
	} {
		require.Equal(t, want, RetryAfterOf(http.Header{"Retry-After": {text}}, now), text)
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	const vendors = "https://api.vendor.example"
	for in, want := range map[string]string{
		"": vendors, "https://eu.vendor.example/": "https://eu.vendor.example",
		"http://127.0.0.1:8090/hubspot": "http://127.0.0.1:8090/hubspot", "http://localhost:1": "http://localhost:1",
		"http://[::1]:80/x/": "http://[::1]:80/x",
	} {
		got, err := BaseURL(in, vendors)
		require.NoError(t, err, in)
		require.Equal(t, want, got)
	}
	for _, in := range []string{"vendor.example", "http://vendor.example", "ftp://127.0.0.1", "https://user:pass@vendor.example", "https://vendor.example?x=1", "https://", "%"} {
		_, err := BaseURL(in, vendors)
		require.Error(t, err, in)
	}
	require.Error(t, CheckScheme(&url.URL{Scheme: "http", Host: "10.0.0.1"}))
}
