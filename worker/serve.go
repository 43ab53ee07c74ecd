package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/dispatch"
	"github.com/cxloop/cxloop/integrations/webhook"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/web"
)

// The roles of a process.
const (
	roleAll    = "all"
	roleHTTP   = "http"
	roleWorker = "worker"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run in production: one role or all, against the configured Temporal and store",
		Args:  noArgs,
	}
	file := configFlag(cmd, defaultConfig)
	role := cmd.Flags().String("role", roleAll, "all, http (webhooks and pages) or worker (workflows and vendors)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if roles := []string{roleAll, roleHTTP, roleWorker}; !slices.Contains(roles, *role) {
			return fmt.Errorf("%w: --role %q: want one of %s", errUsage, *role, strings.Join(roles, ", "))
		}
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		log := newLog(c.Server.LogLevel)
		a, err := newApp(cmd.Context(), c, log)
		if err != nil {
			return err
		}
		return errors.Join(a.serve(cmd.Context(), *role), a.close())
	}
	return cmd
}

func newLog(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// serve runs a role until the context ends, then stops in order: no more requests,
// no more hand-overs, then the workers. What can fail at the start does so before
// anything runs.
func (a *app) serve(ctx context.Context, role string) error {
	health := a.health(ctx)
	var parts []func(context.Context) error
	notify := func(store.Topic) {}
	if role != roleHTTP {
		temporal, err := a.measuredTemporal()
		if err != nil {
			return err
		}
		defer temporal.Close()
		starter := dispatch.NewStarter(temporal, a.config.Programs)
		dispatcher := dispatch.New(a.store, starter, a.clock, a.log, a.traces.Tracer())
		notify = dispatcher.Notify
		parts = append(parts, func(ctx context.Context) error {
			stop := startWorkers(ctx, func() []worker.Worker { return a.workers(temporal, starter) }, a.log)
			defer stop()
			return dispatcher.Run(ctx)
		}, func(ctx context.Context) error { return rollUp(ctx, a.store, rollUpEvery, a.log) })
	}
	server, err := a.server(notify, health)
	if err != nil {
		return err
	}
	if role != roleWorker {
		listener, err := listen(a.config.Server.Listen, "server.listen")
		if err != nil {
			return err
		}
		defer listener.Close()
		parts = append(parts, func(ctx context.Context) error {
			a.log.Info("listening", "address", listener.Addr().String(), "public_url", a.config.Server.PublicURL)
			return serveHTTP(ctx, listener, server.Handler(), a.log)
		})
		if !a.config.Slack.AppToken.Empty() {
			parts = append(parts, func(ctx context.Context) error {
				return a.slack.Listen(ctx, a.log, server.TakeInteraction)
			})
		}
	}
	return a.watched(ctx, server.PrivateHandler(), func(ctx context.Context) error {
		group, ctx := errgroup.WithContext(ctx)
		for _, part := range parts {
			group.Go(func() error { return part(ctx) })
		}
		return group.Wait()
	})
}

func (a *app) server(notify func(store.Topic), health *web.Health) (_ *web.Server, err error) {
	options := web.Options{
		Store: a.store, Clock: a.clock, Programs: a.config.Programs, Conversions: a.config.Conversions(), Program: a.programs.Get, Receivers: a.receivers,
		SlackSigningSecret: a.config.Slack.SigningSecret.Reveal(), Slack: slackForms{a.slack, a.metrics.Vendor("slack")}, Route: a.route,
		MailEvents: a.mailEvents, TwilioAuthToken: a.config.Twilio.AuthToken.Reveal(), Guard: a.config.Guard, AskRules: a.config.AskRules, Tokens: a.tokens,
		PublicURL: a.config.Server.PublicURL, MaxBody: a.config.Server.MaxBody,
		Brand: a.brand(), Dimensions: a.dimensions(),
		Cases:  a.casePages(),
		Notify: notify, NewID: newID, Log: a.log, Observe: a.metrics.Request, Unanswered: a.metrics.UnansweredEvent, Tracer: a.traces.Tracer(), TrustedProxies: a.config.Server.TrustedProxies,
		ScannerNetworks: a.config.Server.ScannerNetworks, EmbedOrigins: a.config.Server.EmbedOrigins,
		Health: health, Reader: a.comments.Reader, Inviter: activities.NewMoment(a.invitations()), Decider: operator{a}, Private: a.config.Server.PrivateListen != "",
	}
	for _, token := range a.config.Security.APITokens {
		options.APITokens = append(options.APITokens, token.Reveal())
	}
	if secret := a.config.Security.EventsSecret; !secret.Empty() {
		verifier, err := webhook.NewSecret(secret.Reveal())
		if err != nil {
			return nil, fmt.Errorf("security.events_secret: %w", err)
		}
		options.VerifyEvents = verifier.Verify
	}
	if options.Codec, err = a.codecEndpoint(); err != nil {
		return nil, err
	}
	return web.New(options)
}

func (a *app) brand() web.Brand {
	return web.Brand{Name: a.config.Brand.Name, Color: a.config.Brand.Color, PrivacyURL: a.config.Brand.PrivacyURL}
}

// brandOf is the brand on the pages of a program.
func (a *app) brandOf(p survey.Program) web.Brand {
	own := p.BrandOver(survey.Brand(a.config.Brand))
	return web.Brand{Name: own.Name, Color: own.Color, PrivacyURL: own.PrivacyURL}
}

// listen says which setting to change when the port is taken.
func listen(address, setting string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use: stop what listens there, or choose another address with %s", address, setting)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	return listener, nil
}

// serveHTTP serves until the context ends and then lets the requests under way
// finish.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(ending)
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
