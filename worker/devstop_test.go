package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync"
	"testing"
)

// TestDevStopsWhilePlaygroundIsOpen stops cxloop dev while a page waits for news.
func TestDevStopsWhilePlaygroundIsOpen(t *testing.T) {
	t.Parallel()
	needTemporal(t)
	o := newDevOptions(t, t.TempDir())
	stop := startDev(t, o)
	waits, closed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(closed)
		watchPlayground("http://"+o.sandboxListen, sync.OnceFunc(func() { close(waits) }))
	}()
	select {
	case <-waits:
	case <-closed:
		t.Fatal("the playground's state cannot be read")
	}
	stop()
	<-closed
}

// watchPlayground asks for one state after the other, as the page does, until it is
// refused. It reports when it first asked for one that was not there yet.
func watchPlayground(address string, waits func()) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	ctx := context.Background()
	for state := (struct{ Revision uint64 }{}); ; {
		url := fmt.Sprintf("%s/playground/state?after=%d", address, state.Revision)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return
		}
		resp, err := client.Do(req)
		if err != nil {
			return
		}
		err = json.NewDecoder(resp.Body).Decode(&state)
		if resp.Body.Close() != nil || err != nil || resp.StatusCode != http.StatusOK {
			return
		}
		ctx = httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { waits() },
		})
	}
}
