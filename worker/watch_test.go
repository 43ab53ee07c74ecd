package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newWatched is an app with a private listener, a database and no Temporal.
func newWatched(t *testing.T) (a *app, private string) {
	t.Helper()
	w := newWorld(t, databases[0])
	w.config.Server.PrivateListen = freeAddress(t)
	require.NoError(t, w.setup().database(t.Context()))
	a, err := newApp(t.Context(), w.config, w.logger())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.close()) })
	return a, "http://" + w.config.Server.PrivateListen
}

// asked returns the status and body of an address, 0 where nobody answers.
func asked(t *testing.T, url string) (status int, body string) {
	t.Helper()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

func awaitStatus(t *testing.T, url string, want int) {
	t.Helper()
	require.True(t, eventually(func() bool {
		status, _ := asked(t, url)
		return status == want
	}), "%s: want %d", url, want)
}

func TestPrivateListener(t *testing.T) {
	t.Parallel()
	a, private := newWatched(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.serve(ctx, roleHTTP) }()
	public := "http://" + a.config.Server.Listen
	awaitStatus(t, public+"/", http.StatusOK)
	awaitStatus(t, private+"/readyz", http.StatusOK)
	status, metrics := asked(t, private+"/metrics")
	require.Equal(t, http.StatusOK, status)
	for _, line := range []string{
		"\ncxloop_store_up 1\n", "\ngo_build_info{", "\n" + `cxloop_inbox_backlog{topic="event"} 0`,
		"\n" + `cxloop_http_requests_total{route="GET /{$}",status="200"} `,
	} {
		require.Contains(t, metrics, line)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/effects"} {
		status, _ := asked(t, public+path)
		require.Equal(t, http.StatusNotFound, status, path)
	}
	stop()
	require.NoError(t, <-ended)
}

// A worker without Temporal is well: what waits is kept.
func TestWorkerHasHealth(t *testing.T) {
	t.Parallel()
	a, private := newWatched(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.serve(ctx, roleWorker) }()
	awaitStatus(t, private+"/readyz", http.StatusOK)
	awaitStatus(t, private+"/effects", http.StatusUnauthorized)
	status, _ := asked(t, private+"/metrics")
	require.Equal(t, http.StatusOK, status)
	stop()
	require.NoError(t, <-ended)
}

// A load balancer has to see at once that a process stops, and a person that it is
// still at work.
func TestNotReadyFromTheMomentOfStopping(t *testing.T) {
	t.Parallel()
	a, private := newWatched(t)
	ctx, stop := context.WithCancel(t.Context())
	underWay, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- a.watched(ctx, a.health(ctx).Handler(), func(context.Context) error {
			<-underWay
			return nil
		})
	}()
	awaitStatus(t, private+"/readyz", http.StatusOK)
	stop()
	status, _ := asked(t, private+"/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = asked(t, private+"/healthz")
	require.Equal(t, http.StatusOK, status)
	close(underWay)
	require.NoError(t, <-ended)
	status, _ = asked(t, private+"/healthz")
	require.Zero(t, status)
}

func TestTakenPrivateAddress(t *testing.T) {
	t.Parallel()
	a, _ := newWatched(t)
	taken, err := net.Listen("tcp", a.config.Server.PrivateListen)
	require.NoError(t, err)
	defer taken.Close()
	require.ErrorContains(t, a.serve(t.Context(), roleHTTP), "is in use: stop what listens there, or choose another address with server.private_listen")
}

func TestRequestsUnderWayAreFinished(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	began, finish := make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() { close(began) })
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		begin()
		<-finish
		_, _ = w.Write([]byte("done"))
	})
	ctx, stop := context.WithCancel(t.Context())
	ended, answer := make(chan error, 1), make(chan string, 1)
	go func() { ended <- serveHTTP(ctx, listener, handler, newLog(0)) }()
	go func() {
		_, body := asked(t, "http://"+listener.Addr().String())
		answer <- body
	}()
	<-began
	stop()
	awaitStatus(t, "http://"+listener.Addr().String(), 0) // no new ones
	close(finish)
	require.Equal(t, "done", <-answer)
	require.NoError(t, <-ended)
}
