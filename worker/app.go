package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/assist"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/integrations/twilio"
	"github.com/cxloop/cxloop/integrations/webhook"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/store/sqlstore"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/telemetry"
)

// app is everything that the configuration stands for, before anything runs.
type app struct {
	config   *config.Config
	log      *slog.Logger
	metrics  *telemetry.Metrics
	traces   *telemetry.Traces
	database *sqlstore.Store
	// store is the database, counted.
	store    store.Store
	clock    survey.Clock
	tokens   survey.Tokens
	programs *activities.Programs
	comments *activities.CommentReader
	crms     map[string]crm.CRM
	// receivers are the same CRMs as senders of webhooks.
	receivers map[string]crm.Receiver
	slack     *slack.Client
	// mailer sends the mails; its vendor's name is mailVendor.
	mailer     mail.Sender
	mailVendor string
	// assistant is nil where no language model is configured.
	assistant *assist.Assistant
	// twilio is nil where no SMS are configured.
	twilio *twilio.Client
	// mailEvents is nil where SendGrid's events are not configured.
	mailEvents *sendgrid.EventVerifier
}

// newID makes an id that nobody can guess: 26 letters and digits, 130 random bits.
func newID() string { return rand.Text() }

// newApp opens what the configuration names. The database's schema must be there.
func newApp(ctx context.Context, c *config.Config, log *slog.Logger) (*app, error) {
	s, err := openStore(c)
	if err != nil {
		return nil, err
	}
	a := &app{config: c, log: log, database: s}
	if err := a.build(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return a, nil
}

func (a *app) build(ctx context.Context) (err error) {
	if err := a.database.CheckSchema(ctx); err != nil {
		return err
	}
	if a.metrics, err = telemetry.New(); err != nil {
		return err
	}
	if a.traces, err = telemetry.NewTraces(ctx, a.config.Server.OTLPEndpoint, a.log); err != nil {
		return err
	}
	a.store = a.metrics.Count(a.database)
	if a.clock, err = a.openClock(ctx); err != nil {
		return err
	}
	if err := a.metrics.Watch(a.database, a.clock.Now); err != nil {
		return err
	}
	if a.tokens, err = survey.NewTokens([]byte(a.config.Security.TokenKey.Reveal())); err != nil {
		return err
	}
	if a.programs, err = activities.NewPrograms(ctx, a.store, a.config.Programs); err != nil {
		return err
	}
	if err := a.readComments(); err != nil {
		return err
	}
	if err := a.connectCRMs(); err != nil {
		return err
	}
	a.slack, err = slack.New(slack.Options{
		BaseURL: a.config.Slack.BaseURL, BotToken: a.config.Slack.BotToken.Reveal(), AppToken: a.config.Slack.AppToken.Reveal(),
		PerChannel: slack.PerChannel,
	})
	if err != nil {
		return err
	}
	if a.mailer, a.mailVendor, err = newMailer(a.config); err != nil {
		return err
	}
	if a.twilio, err = newTwilio(a.config.Twilio); err != nil {
		return err
	}
	if a.assistant, err = a.newAssistant(); err != nil {
		return err
	}
	if key := a.config.SendGrid.WebhookPublicKey; key != "" {
		if a.mailEvents, err = sendgrid.NewEventVerifier(key); err != nil {
			return fmt.Errorf("sendgrid.webhook_public_key: %w", err)
		}
	}
	return nil
}

// openClock goes on with the clock that the database keeps. A clock that was never
// scaled is not kept.
func (a *app) openClock(ctx context.Context) (survey.Clock, error) {
	kept, err := a.store.ClockState(ctx)
	if err != nil {
		return survey.Clock{}, err
	}
	if kept == nil && a.config.Dev.TimeScale == 1 {
		return survey.Clock{}, nil
	}
	clock, err := survey.NewClock(kept, a.config.Dev.TimeScale, nil)
	if err != nil {
		return survey.Clock{}, err
	}
	if kept == nil || *kept != clock.State() {
		err = a.store.SaveClockState(ctx, clock.State())
	}
	return clock, err
}

func (a *app) connectCRMs() error {
	a.crms, a.receivers = map[string]crm.CRM{}, map[string]crm.Receiver{}
	for _, c := range a.config.CRM {
		switch c.Type {
		case config.HubSpot:
			client, err := newHubSpot(c, a.config.Twilio.DefaultRegion, a.clock)
			if err != nil {
				return err
			}
			a.crms[c.ID], a.receivers[c.ID] = client, client
		case config.Webhook:
			client, err := webhook.New(webhook.Options{ID: c.ID, Secret: c.Secret.Reveal(), PushURL: c.PushURL})
			if err != nil {
				return err
			}
			a.crms[c.ID], a.receivers[c.ID] = client, client
		default:
			return fmt.Errorf("crm %s: unknown type %q", c.ID, c.Type)
		}
	}
	return nil
}

// newTwilio returns nil where no SMS are configured.
func newTwilio(c config.Twilio) (*twilio.Client, error) {
	if c.AccountSID == "" {
		return nil, nil
	}
	return twilio.New(twilio.Options{
		BaseURL: c.BaseURL, AccountSID: c.AccountSID, AuthToken: c.AuthToken.Reveal(), APIKey: c.APIKey, APISecret: c.APISecret.Reveal(),
		From: c.From, Rate: c.Rate,
	})
}

// newHubSpot reads phone numbers without a country as those of a region.
func newHubSpot(c config.CRM, region string, clock survey.Clock) (*hubspot.Client, error) {
	return hubspot.New(hubspot.Options{
		ID: c.ID, BaseURL: c.BaseURL, Version: c.Version, Token: c.Token.Reveal(), ClientSecret: c.ClientSecret.Reveal(),
		AppID: c.AppID, ContactProperties: c.ContactProperties, CompanyProperties: c.CompanyProperties, Region: region, Clock: clock,
		Behaviour: hubspot.Behaviour(c.Behaviour),
		Tickets:   hubspot.Pipeline{ID: c.Tickets.Pipeline, Open: c.Tickets.OpenStage, Closed: c.Tickets.ClosedStages},
	})
}

// tracesTimeout is how long the last traces may take when a process stops.
const tracesTimeout = 3 * time.Second

func (a *app) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), tracesTimeout)
	defer cancel()
	if err := a.traces.Close(ctx); err != nil {
		a.log.Warn("the last traces are lost", "error", err)
	}
	return a.database.Close()
}

// route says where a case goes.
func (a *app) route(d store.CaseDetail) survey.CaseRoute {
	return a.config.Routing.Route(config.RoutedCase{
		Case: d.Case, Contact: d.Contact, Account: d.Account, Owner: d.Owner, Responses: d.Responses,
	})
}
