package sandbox

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"
)

// Version is the dated version of HubSpot's paths that the stand-in speaks unless told otherwise.
const Version = "2026-09"

// defaultSubscriptions are what webhooks are sent for. cx_nps_last is among them so that cxloop meets its own echo.
var defaultSubscriptions = []string{"dealstage", "hs_pipeline_stage", "lifecyclestage", "cx_nps_last", "hs_task_status", "hubspot_owner_id"}

func withDefaults(o Options) Options {
	o.HubSpot.Version = cmp.Or(o.HubSpot.Version, Version)
	o.HubSpot.WebhookTarget = cmp.Or(o.HubSpot.WebhookTarget, o.HubSpot.WebhookURL)
	o.HubSpot.AppID = cmp.Or(o.HubSpot.AppID, 39522895)
	o.HubSpot.PortalID = cmp.Or(o.HubSpot.PortalID, 48975575)
	o.HubSpot.SearchLag = cmp.Or(o.HubSpot.SearchLag, 2*time.Second)
	o.HubSpot.RetryBase = cmp.Or(o.HubSpot.RetryBase, time.Second)
	o.HubSpot.Linger = cmp.Or(o.HubSpot.Linger, 20*time.Millisecond)
	if o.HubSpot.Subscriptions == nil {
		o.HubSpot.Subscriptions = defaultSubscriptions
	}
	o.SendGrid.EventsLinger = cmp.Or(o.SendGrid.EventsLinger, 20*time.Millisecond)
	o.SendGrid.EventsRetryBase = cmp.Or(o.SendGrid.EventsRetryBase, time.Second)
	o.Twilio.RetryBase = cmp.Or(o.Twilio.RetryBase, time.Second)
	o.Slack.AppID = cmp.Or(o.Slack.AppID, "A0CXLOOP")
	o.Slack.TeamID = cmp.Or(o.Slack.TeamID, "T0SANDBOX")
	o.Seed = cmp.Or(o.Seed, 1)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: webhookConcurrency, IdleConnTimeout: time.Minute}}
	}
	o.Keep.Mails = cmp.Or(o.Keep.Mails, 50_000)
	o.Keep.SMS = cmp.Or(o.Keep.SMS, 50_000)
	o.Keep.Messages = cmp.Or(o.Keep.Messages, 20_000)
	o.Keep.Deliveries = cmp.Or(o.Keep.Deliveries, 5_000)
	o.Keep.Interactions = cmp.Or(o.Keep.Interactions, 5_000)
	o.Keep.Refusals = cmp.Or(o.Keep.Refusals, 1_000)
	o.Keep.History = cmp.Or(o.Keep.History, 20)
	return o
}
