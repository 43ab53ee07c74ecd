package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/dispatch"
	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// stickyCache is how many workflows a worker keeps in memory. The others are
// replayed when something happens to them: an idle case costs nothing.
const stickyCache = 500

// stopTimeout is how long a worker waits for activities under way when it stops. It
// is longer than a vendor takes to answer, because a call that is cut off is one
// of which nobody knows whether it did its work.
const stopTimeout = 25 * time.Second

// crmRate bounds the activities a second at a CRM. Their clients pace the calls
// themselves, by what the vendor's headers say.
const crmRate = 10

// temporalClient connects when it is first used.
func temporalClient(c *config.Config, logger *slog.Logger) (client.Client, error) {
	options, err := temporalOptions(c, logger)
	if err != nil {
		return nil, err
	}
	return client.NewLazyClient(options)
}

// measuredTemporal is a client whose calls, and those of its workers, are counted and
// traced.
func (a *app) measuredTemporal() (client.Client, error) {
	options, err := temporalOptions(a.config, a.log)
	if err != nil {
		return nil, err
	}
	options.MetricsHandler = a.metrics.Temporal()
	if err := a.traces.Temporal(&options); err != nil {
		return nil, err
	}
	return client.NewLazyClient(options)
}

// reconnect makes a process notice soon that a server is back which was down: with the
// SDK's own pauses, of up to 10 s, customers wait for as long.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// temporalOptions leaves what the configuration does not say to the TEMPORAL_*
// variables and the profile. The namespace is there in any case.
func temporalOptions(c *config.Config, logger *slog.Logger) (client.Options, error) {
	var options client.Options
	if !c.Temporal.Local {
		var err error
		options, err = envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{ConfigFileProfile: c.Temporal.Profile})
		if err != nil {
			return client.Options{}, fmt.Errorf("temporal: %w", err)
		}
	}
	options.HostPort = cmp.Or(c.Temporal.Address, options.HostPort)
	options.Namespace = cmp.Or(c.Temporal.Namespace, options.Namespace, client.DefaultNamespace)
	options.Logger = log.NewStructuredLogger(logger)
	options.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{} // small messages, and what is sealed does not shrink
	options.ConnectionOptions.DialOptions = append(options.ConnectionOptions.DialOptions, grpc.WithConnectParams(reconnect))
	payloads, err := payloadCodec(c.Security.PayloadKeys)
	if err != nil {
		return client.Options{}, err
	}
	if payloads != nil {
		converters := payloads.Converters()
		options.DataConverter, options.FailureConverter = converters.Data, converters.Failure
	}
	return options, nil
}

func (a *app) invitations() *activities.Invitations {
	return &activities.Invitations{
		Store: a.store, Programs: a.programs, Rules: a.config.ContactRules, Clock: a.clock, NewID: newID, Region: a.config.Twilio.DefaultRegion,
		Dimensions: a.dimensions(),
	}
}

// dimensions are those that answers are counted by.
func (a *app) dimensions() survey.Dimensions {
	return survey.Dimensions{OwnerOf: a.config.Routing.OwnerOf, Declared: a.config.Dimensions}
}

// filing is what CRMs are told of cases: nothing where they have no place for it.
func (a *app) filing() map[string]activities.CaseFiling {
	filing := map[string]activities.CaseFiling{}
	for _, c := range a.config.CRM {
		if c.Type == config.HubSpot || c.Cases == survey.RecordMessages {
			filing[c.ID] = activities.CaseFiling{Kind: c.Cases, Notes: c.CaseNotes && c.Cases != survey.RecordNone}
		}
	}
	return filing
}

// workers are the Temporal workers of one process: one for workflows and what only
// touches the database, one for each vendor.
func (a *app) workers(c client.Client, starter *dispatch.Starter) []worker.Worker {
	worker.SetStickyWorkflowCacheSize(stickyCache)
	decide := worker.New(c, workflows.QueueMain, worker.Options{
		LocalActivityWorkerOnly:          true,
		MaxConcurrentWorkflowTaskPollers: 4,
		WorkerStopTimeout:                stopTimeout,
	})
	workflows.Register(decide)
	decide.RegisterActivity(a.invitations())
	decide.RegisterActivity(&activities.Responses{Store: a.store, Programs: a.programs, Clock: a.clock, NewID: newID, Comments: a.comments})
	decide.RegisterActivity(&activities.Starts{Starter: starter})
	decide.RegisterActivity(&activities.Cases{
		Store: a.store, Programs: a.programs, Clock: a.clock, SLA: a.config.SLA, Route: a.route, OwnerOf: a.config.Routing.OwnerOf, Filing: a.filing(),
		Storm: a.config.Routing.Storm, Facts: a.caseFacts(), NewID: newID,
	})
	decide.RegisterActivity(&activities.Asks{
		Store: a.store, Programs: a.programs, Clock: a.clock, Rules: a.config.AskRules, Reads: a.config.ReadableCRMs(),
	})
	decide.RegisterActivity(&activities.Referrals{Store: a.store, Clock: a.clock})
	decide.RegisterActivity(&activities.Campaigns{Store: a.store, Programs: a.programs, Clock: a.clock})
	decide.RegisterActivity(&activities.Housekeeping{Store: a.store, Clock: a.clock, Starter: starter, Filing: a.filing(), Forecasting: a.config.Models, Log: a.log})

	mailsPerSecond, mailsAtOnce := mailLimits(a.config)
	mail := vendorWorker(c, workflows.QueueMail, mailsPerSecond, mailsAtOnce, a.metrics.Vendor(a.mailVendor))
	mail.RegisterActivity(&activities.Mail{
		Store: a.store, Programs: a.programs, Clock: a.clock, Composer: a.composer(), Vendor: a.mailVendor, Sender: a.mailer,
		Guard: a.config.Guard, Log: a.log, Patience: a.mailPatience(), WarmUp: a.config.Mail.WarmUp, Rules: a.config.ContactRules,
		AskRules: a.config.AskRules, NewID: newID,
	})
	slack := vendorWorker(c, workflows.QueueSlack, a.config.Slack.Rate, vendorCallsAtOnce, a.metrics.Vendor("slack"))
	team := &activities.Slack{
		Store: a.store, Programs: a.programs, Clock: a.clock, Client: a.slack, Route: a.route, SLA: a.config.SLA, Log: a.log,
		Facts: a.caseFacts(), Links: a.caseLinks(),
	}
	themes := &activities.Themes{
		Slack: team, Channel: a.config.Themes.Channel, Language: a.config.Themes.Language, OwnerOf: a.config.Themes.OwnerOf,
		Topics: a.config.TopicNames(), Assistant: a.assistant,
	}
	slack.RegisterActivity(team)
	slack.RegisterActivity(themes)
	decide.RegisterActivity(themes)
	models := &activities.Models{
		Store: a.store, Programs: a.programs, Clock: a.clock, Rules: a.config.Models, Starter: starter, Log: a.log,
	}
	decide.RegisterActivity(models)
	all := []worker.Worker{decide, mail, slack, modelsWorker(c, models, &activities.Comments{Store: a.store, Reader: a.comments, Clock: a.clock})}
	if a.twilio != nil {
		sms := vendorWorker(c, workflows.QueueTwilio, a.config.Twilio.Rate, vendorCallsAtOnce, a.metrics.Vendor("twilio"))
		sms.RegisterActivity(&activities.SMS{
			Store: a.store, Programs: a.programs, Clock: a.clock, Rules: a.config.ContactRules, Composer: a.composer(), Client: a.twilio, Log: a.log,
		})
		all = append(all, sms)
	}
	for _, crm := range a.config.CRM {
		w := vendorWorker(c, workflows.QueueCRM(crm.ID), crmRate, vendorCallsAtOnce, a.metrics.Vendor(crm.ID))
		w.RegisterActivity(&activities.Contacts{Store: a.store, CRMs: a.crms})
		w.RegisterActivity(&activities.Audience{Store: a.store, Programs: a.programs, CRMs: a.crms, Clock: a.clock})
		w.RegisterActivity(&activities.Owners{
			Store: a.store, CRMs: a.crms, Clock: a.clock, Slack: a.slack, OwnerOf: a.config.Routing.OwnerOf, Observe: a.metrics.Vendor("slack"), Log: a.log,
		})
		w.RegisterActivity(&activities.Signals{Store: a.store, CRMs: a.crms, Clock: a.clock, Log: a.log})
		w.RegisterActivity(&activities.CaseRecords{
			Store: a.store, Programs: a.programs, CRMs: a.crms, Filing: a.filing(), Clock: a.clock,
			SLA: a.config.SLA, Route: a.route, OwnerOf: a.config.Routing.OwnerOf, Page: a.casePage(), Log: a.log,
		})
		w.RegisterActivity(&activities.Behaviour{Store: a.store, CRMs: a.crms, Clock: a.clock, Log: a.log})
		w.RegisterActivity(&activities.Leads{Store: a.store, CRMs: a.crms, Conversions: a.config.Conversions(), Clock: a.clock, Log: a.log})
		all = append(all, w)
	}
	return all
}

// vendorCallsAtOnce is how many activities of one vendor a process has under way.
const vendorCallsAtOnce = 20

// vendorWorker makes at most perSecond calls a second to a vendor, counted by the
// Temporal server over all processes, and tells an observer of each.
func vendorWorker(c client.Client, queue string, perSecond float64, atOnce int, observe integrations.Observer) worker.Worker {
	return worker.New(c, queue, worker.Options{
		BackgroundActivityContext:          integrations.WithObserver(context.Background(), observe),
		DisableWorkflowWorker:              true,
		TaskQueueActivitiesPerSecond:       perSecond,
		MaxConcurrentActivityExecutionSize: atOnce,
		MaxConcurrentActivityTaskPollers:   2,
		WorkerStopTimeout:                  stopTimeout,
	})
}

// modelsWorker has one fit or some pages of forecasts or of comments under way.
func modelsWorker(c client.Client, models *activities.Models, comments *activities.Comments) worker.Worker {
	w := worker.New(c, workflows.QueueModels, worker.Options{
		DisableWorkflowWorker:              true,
		MaxConcurrentActivityExecutionSize: 1,
		MaxConcurrentActivityTaskPollers:   1,
		WorkerStopTimeout:                  stopTimeout,
	})
	w.RegisterActivity(models)
	w.RegisterActivity(comments)
	return w
}

// mailPatience is how long a mail in doubt waits for one of SendGrid's events, which
// come within minutes. Over SMTP nobody tells.
func (a *app) mailPatience() time.Duration {
	if a.mailEvents == nil || a.config.SMTP.Host != "" {
		return 0
	}
	return 15 * time.Minute
}

// startWorkers starts what build makes as soon as Temporal answers, and says so when
// it has to wait: HTTP must not. A worker that could not start never will, because
// the SDK keeps the error: each try builds new ones.
func startWorkers(ctx context.Context, build func() []worker.Worker, log *slog.Logger) (stop func()) {
	for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
		workers := build()
		started, err := startAll(workers)
		if err == nil {
			return func() { stopAll(workers) }
		}
		stopAll(workers[:started])
		log.Warn("Temporal does not answer; what comes in is kept and waits", "error", err, "again_in", pause)
		select {
		case <-ctx.Done():
			return func() {}
		case <-time.After(pause):
		}
	}
}

// startAll returns how many were started before one could not be.
func startAll(workers []worker.Worker) (started int, err error) {
	for i, w := range workers {
		if err := w.Start(); err != nil {
			return i, err
		}
	}
	return len(workers), nil
}

func stopAll(workers []worker.Worker) {
	var all sync.WaitGroup
	for _, w := range workers {
		all.Go(w.Stop)
	}
	all.Wait()
}
