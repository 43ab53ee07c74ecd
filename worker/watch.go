package main

import (
	"context"
	"errors"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/web"
)

var errStopping = errors.New("the process is stopping")

// health is not ready from the moment at which ctx ends, so that nothing new is sent
// to a process that stops.
func (a *app) health(ctx context.Context) *web.Health {
	ready := func(asked context.Context) error {
		if ctx.Err() != nil {
			return errStopping
		}
		return a.store.Ping(asked)
	}
	return &web.Health{Ready: ready, Metrics: a.metrics.Handler(), Log: a.log}
}

// watched runs what serves, with the private listener, if there is one, open until
// that has stopped: to the end one can see what is under way.
func (a *app) watched(ctx context.Context, private http.Handler, serve func(context.Context) error) error {
	address := a.config.Server.PrivateListen
	if address == "" {
		return serve(ctx)
	}
	listener, err := listen(address, "server.private_listen")
	if err != nil {
		return err
	}
	defer listener.Close()
	lasting, stop := context.WithCancel(context.WithoutCancel(ctx))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		a.log.Info("listening for operators", "address", listener.Addr().String())
		return serveHTTP(lasting, listener, private, a.log)
	})
	group.Go(func() error {
		defer stop()
		return serve(ctx)
	})
	return group.Wait()
}
