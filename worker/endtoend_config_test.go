package main

import (
	"bytes"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/sandbox"
)

// database is a kind of store.
type database struct {
	name string
	// open returns the URLs of store and keystore, and driver and source to read the store.
	open func(t *testing.T) (url, keys, driver, source string)
	// classic makes HubSpot's stand-in send the older shape of webhooks.
	classic bool
	// sockets has what people do in Slack heard over Socket Mode alone.
	sockets bool
	// vendors changes the stand-ins; nil leaves them.
	vendors func(*sandbox.Options)
}

var databases = []database{
	{name: "sqlite", open: func(t *testing.T) (string, string, string, string) {
		file := filepath.Join(t.TempDir(), "cxloop.db")
		return "sqlite:" + file, "sqlite:" + filepath.Join(t.TempDir(), "keys.db"), "sqlite", "file:" + file + "?mode=ro&_pragma=busy_timeout(5000)"
	}},
	{name: "postgres", classic: true, open: func(t *testing.T) (string, string, string, string) {
		url := localtest.PostgresForTests(t)
		return url, localtest.PostgresForTests(t), "pgx", url
	}},
}

// The secrets of all worlds.
var (
	testAppToken     = "xapp-" + testSecret
	testMasterKey    = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("master", 6)[:32]))
	testSecret       = strings.Repeat("s3cret-", 6)
	testEventsSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("events", 5)))
	testShopSecret   = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("orders", 5)))
)

const testMaxBody = 64 << 10

// places are where a world's parts are.
type places struct{ listen, temporal, store, keys, sandbox string }

// worldConfig is the configuration of a world.
func worldConfig(t *testing.T, at places) []byte {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, worldYAML.Execute(&text, map[string]any{
		"Listen": at.listen, "Temporal": at.temporal, "Store": at.store, "Keys": at.keys, "MasterKey": testMasterKey, "Sandbox": at.sandbox,
		"MaxBody": testMaxBody, "AccountSID": testAccountSID, "Sender": testSender, "Secret": testSecret,
		"EventsSecret": testEventsSecret, "ShopSecret": testShopSecret,
	}))
	return text.Bytes()
}

// worldYAML has a clock on which a day passes in 30 seconds, and an hour in 1.25.
var worldYAML = template.Must(template.New("").Parse(`
server: {listen: {{.Listen}}, public_url: "http://{{.Listen}}", max_body: {{.MaxBody}}}
temporal: {address: {{.Temporal}}, namespace: default}
store: {url: "{{.Store}}", keys_url: "{{.Keys}}"}
security: {token_key: {{.Secret}}, master_keys: [{id: test, key: {{.MasterKey}}}], api_tokens: [{{.Secret}}], events_secret: {{.EventsSecret}}}
crm:
  - id: hubspot
    type: hubspot
    base_url: "{{.Sandbox}}/hubspot"
    token: {{.Secret}}
    client_secret: {{.Secret}}
    cases: task
    referrals: {converted: {event: deal.changed, where: {property: dealstage, value: decisionmakerboughtin}, amount: amount, currency: EUR}}
  - {id: shop, type: webhook, secret: {{.ShopSecret}}}
slack: {base_url: "{{.Sandbox}}/slack", bot_token: {{.Secret}}, signing_secret: {{.Secret}}}
sendgrid: {base_url: "{{.Sandbox}}/sendgrid", api_key: {{.Secret}}, from: {email: hello@acme.example}}
twilio: {base_url: "{{.Sandbox}}/twilio", account_sid: {{.AccountSID}}, auth_token: {{.Secret}}, from: "{{.Sender}}", default_region: DE}
brand: {name: Acme, address: "Acme, 1 Example Street"}
routing:
  default: C0CX00001
  rules: [{when: {account.tier: enterprise}, channel: C0CX00002}]
dev: {time_scale: 2880}
sla: {off: true}
calendars: [{id: mornings, timezone: UTC, days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-12:00"}]
programs:
  - id: won-deal-nps
    template: nps
    trigger: {crm: hubspot, event: deal.changed, where: {property: dealstage, value: closedwon}}
    follow_up: {referral: {delay: 30m, url: "{{.Sandbox}}/recommend"}}
  - id: ticket-csat
    template: csat
    trigger: {crm: hubspot, event: ticket.changed, where: {property: hs_pipeline_stage, value: "4"}}
    delay: 1h
    follow_up: {case: {close_after: 6h}}
  - id: onboarding-ces
    template: ces
    trigger: {crm: hubspot, event: contact.changed, where: {property: lifecyclestage, value: customer}}
    reminder: 6h
    expiry: 12h
  - id: echo-nps
    template: nps
    trigger: {crm: hubspot, event: contact.changed, where: {property: cx_nps_last}}
  - id: relationship
    kind: relational
    template: nps-plus
    every: 90d
    from: {crm: hubspot, where: {jobtitle: Buyer}}
    spread: {days: [sun, mon, tue, wed, thu, fri, sat], per_day: 6}
    reminder: "0"
  - id: order-csat
    template: delivery
    trigger: {crm: shop, event: order.delivered}
    reminder: "0"
  - id: review-nps
    template: account-review
    trigger: {crm: shop, event: account.reviewed}
    reminder: "0"
    questions:
      - id: call
        type: single
        text: {en: "May we call you?", fr: "Pouvons-nous vous appeler ?", de: "Dürfen wir anrufen?", es: "¿Podemos llamarle?"}
        options:
          - {id: "yes", text: {en: "Yes, call me", fr: "Oui, appelez-moi", de: "Ja, gern", es: "Sí, llámenme"}}
          - {id: "no", text: {en: "No, thank you", fr: "Non, merci", de: "Nein, danke", es: "No, gracias"}}
        required: true
        when: {bands: [detractor]}
  - id: visit-nps
    template: nps
    trigger: {event: visit.ended}
    reminder: "0"
  - id: visit-ces
    template: ces
    trigger: {event: visit.planned}
    window: mornings
  - id: tasting-nps
    template: nps
    trigger: {event: tasting.held}
    languages: [en]
    reminders: [4h, 10h]
    variants:
      - {id: plain, share: 0.5}
      - {id: short, share: 0.5, texts: {en: {subject: Quick one, question: "All well?"}}}
    follow_up: {referral: {delay: 30m, window: mornings, url: "{{.Sandbox}}/recommend"}}
  - id: festival-nps
    template: nps
    trigger: {crm: hubspot, event: festival.ended}
    reminder: "0"
    brand: {name: Acme Festivals, privacy_url: "https://acme.example/privacy"}
    follow_up: {referral: {delay: 30m, page: built_in, show_name: true}}
  - id: team-pulse
    template: employee
    floor: 5
    trigger: {crm: shop, event: pulse.due}
    reminder: "0"
  - id: store-audit
    template: audit
    trigger: {crm: shop, event: audit.due}
    reminder: "0"
  - id: chat-csat
    kind: in_the_moment
    template: csat
  - id: stay-csat
    template: csat
    channel: sms
    trigger: {event: stay.ended}
    reminder: 4h
    expiry: 12h
  - id: large-order-nps
    template: nps
    trigger: {crm: shop, event: order.paid, when: "event.amount > 1000 && account.tier in ['gold', 'platinum']"}
    audience: segment.settled
    reminder: "0"
fields: {event.amount: number, account.tier: text, contact.since: time}
segments:
  settled: now - contact.since >= duration('30d')
`))
