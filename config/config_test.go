package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// valid has a known place for every mistake that the tests plant in it.
const valid = `server:
  public_url: https://cx.example.com
security:
  token_key: 0123456789abcdef0123456789abcdef
  master_keys: [{id: m, key: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=}]
crm:
  - id: hubspot
    type: hubspot
    token: t0ken
    client_secret: s3cret
  - id: shop
    type: webhook
    secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz
slack:
  bot_token: xoxb-1
  signing_secret: abc
sendgrid:
  api_key: SG.1
  from: {email: hello@example.com}
brand:
  name: Acme
routing:
  default: C0CX00001
  rules:
    - when: {account.region: EMEA}
      channel: C0CX00002
programs:
  - id: won-deal-nps
    template: nps
    trigger: {crm: hubspot, event: deal.changed, where: {property: dealstage, value: closedwon}}
    reminder: 4d
    expiry: 14d
`

// payloadKey is 32 bytes in base64.
const payloadKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

func env(pairs ...string) LookupEnv {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func load(t *testing.T, body string, pairs ...string) *Config {
	t.Helper()
	cfg, err := LoadBytes("cxloop.yaml", []byte(body), env(pairs...))
	require.NoError(t, err)
	return cfg
}

func TestLoadFillsDefaultsIn(t *testing.T) {
	t.Parallel()
	cfg := load(t, valid)
	require.Equal(t, Server{Listen: "127.0.0.1:8080", PublicURL: "https://cx.example.com", MaxBody: 1 << 20}, cfg.Server)
	require.Equal(t, "sqlite:cxloop.db", cfg.Store.URL.Reveal())
	require.Equal(t, "https://slack.com", cfg.Slack.BaseURL)
	require.Equal(t, Address{Email: "hello@example.com", Name: "Acme"}, cfg.SendGrid.From)
	require.Equal(t, 30*24*time.Hour, cfg.ContactRules.Quarantine.Std())
	require.InDelta(t, 1, cfg.Dev.TimeScale, 0)
	require.Len(t, cfg.CRM, 2)
	require.Equal(t, "https://api.hubapi.com", cfg.CRM[0].BaseURL)
	require.Equal(t, "2026-09", cfg.CRM[0].Version)
	require.Equal(t, "t0ken", cfg.CRM[0].Token.Reveal())
}

func TestLoadServer(t *testing.T) {
	t.Parallel()
	cfg := load(t, strings.Replace(valid, "server:", "server:\n  private_listen: 10.0.0.1:9090\n  log_level: debug\n  otlp_endpoint: http://collector:4318\n  trusted_proxies: [10.0.0.0/8, \"fd00::/8\"]", 1))
	require.Equal(t, "10.0.0.1:9090", cfg.Server.PrivateListen)
	require.Equal(t, slog.LevelDebug, cfg.Server.LogLevel)
	require.Equal(t, "http://collector:4318", cfg.Server.OTLPEndpoint)
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}, cfg.Server.TrustedProxies)
}

func TestMailServerInThePlaceOfSendGrid(t *testing.T) {
	t.Parallel()
	const section = "smtp: {host: smtp.example.com, username: cx, from: {email: hello@example.com}, reply_to: care@example.com}\n"
	cfg := load(t, strings.Replace(valid, sendGridSection, section, 1), "CXLOOP_SMTP_PASSWORD", "pa55")
	require.Equal(t, SMTP{
		Host: "smtp.example.com", TLS: SMTPStartTLS, Username: "cx", Password: NewSecret("pa55"), Rate: 10,
		From: Address{Email: "hello@example.com", Name: "Acme"}, ReplyTo: "care@example.com",
	}, cfg.SMTP)
	from, replyTo := cfg.Sender()
	require.Equal(t, cfg.SMTP.From, from)
	require.Equal(t, "care@example.com", replyTo)
}

// The schema tells editors the defaults; they have to be the true ones.
func TestSchemaTellsTheDefaults(t *testing.T) {
	t.Parallel()
	cfg := defaults()
	want := map[string]any{
		"server.listen": cfg.Server.Listen, "server.max_body": float64(cfg.Server.MaxBody), "server.log_level": strings.ToLower(cfg.Server.LogLevel.String()), "store.url": cfg.Store.URL.Reveal(),
		"slack.rate": cfg.Slack.Rate, "sendgrid.rate": cfg.SendGrid.Rate, "smtp.rate": cfg.SMTP.Rate, "smtp.tls": cfg.SMTP.TLS,
		"twilio.rate": cfg.Twilio.Rate, "twilio.base_url": cfg.Twilio.BaseURL,
		"slack.base_url": cfg.Slack.BaseURL, "sendgrid.base_url": cfg.SendGrid.BaseURL, "brand.color": cfg.Brand.Color,
		"contact_rules.quarantine": cfg.ContactRules.Quarantine, "dev.time_scale": cfg.Dev.TimeScale,
		"contact_rules.touchpoint_again": cfg.ContactRules.TouchpointAgain, "contact_rules.per_account.within": cfg.ContactRules.PerAccount.Within,
		"contact_rules.not_during_case": cfg.ContactRules.NotDuringCase,
		"mail.warm_up.first_day":        cfg.Mail.WarmUp.FirstDay, "mail.warm_up.growth": cfg.Mail.WarmUp.Growth, "mail.warm_up.until": cfg.Mail.WarmUp.Until,
		"themes.cron": cfg.Themes.Cron, "themes.language": cfg.Themes.Language,
		"models.contracts": cfg.Models.Contracts, "models.margin": cfg.Models.Margin, "models.discount_rate": cfg.Models.DiscountRate,
		"models.cron": cfg.Models.Cron, "models.stale_after": cfg.Models.StaleAfter,
		"routing.storm.after": cfg.Routing.Storm.After, "routing.storm.within": cfg.Routing.Storm.Within,
		"cases.page_for": cfg.Cases.PageFor, "guard.bounces": cfg.Guard.Bounces, "guard.complaints": cfg.Guard.Complaints, "guard.least": cfg.Guard.Least, "guard.within": cfg.Guard.Within,
	}
	maps.Copy(want, slaDefaults(cfg.SLA))
	for key, s := range settings() {
		if s.Default != nil {
			require.Equal(t, fmt.Sprint(want[key]), fmt.Sprint(*s.Default), key)
			delete(want, key)
		}
	}
	require.Empty(t, want, "defaults that the schema does not tell")

	program, told := newProgram(), programSchema()
	for key, span := range map[string]survey.Span{
		"delay": program.Delay, "reminder": program.Reminder, "expiry": program.Expiry, "again_after": program.AgainAfter, "tenure": program.Tenure,
	} {
		require.Equal(t, span.String(), *told.Properties[key].Default, key)
	}
	followUp := told.Properties["follow_up"]
	require.Equal(t, program.FollowUp.FinalAfter.String(), *followUp.Properties["final_after"].Default)
	cases, referral := followUp.Properties["case"].Properties, followUp.Properties["referral"].Properties
	require.Equal(t, program.FollowUp.Case.AlertAfter.String(), *cases["alert_after"].Default)
	require.Equal(t, program.FollowUp.Case.CloseAfter.String(), *cases["close_after"].Default)
	require.Equal(t, program.FollowUp.Case.ReopenWithin.String(), *cases["reopen_within"].Default)
	require.Equal(t, program.FollowUp.Case.Resurvey.String(), *cases["resurvey"].Default)
	require.Equal(t, program.FollowUp.Case.Thanks, *cases["thanks"].Default)
	require.Equal(t, program.FollowUp.Case.Contradictions, *cases["contradictions"].Default)
	require.Equal(t, program.FollowUp.Referral.AgainAfter.String(), *referral["again_after"].Default)
	require.Equal(t, reviewAgain.String(), *followUp.Properties["review"].Properties["again_after"].Default)
	require.Equal(t, testimonialAgain.String(), *followUp.Properties["testimonial"].Properties["again_after"].Default)
}

func programSchema() *jsonschema.Schema { return compiled().Properties["programs"].Items2020.Ref }

func textsSchema() *jsonschema.Schema {
	return programSchema().Properties["texts"].AdditionalProperties.(*jsonschema.Schema).Ref
}

func TestEveryTextIsInTheSchema(t *testing.T) {
	t.Parallel()
	known := textsSchema().Properties
	fields := textFields(survey.Texts{})
	require.Len(t, known, len(fields))
	for _, field := range fields {
		require.Contains(t, known, field.name)
	}
}

func TestFiveMistakesAtOnce(t *testing.T) {
	t.Parallel()
	body := strings.NewReplacer(
		"https://cx.example.com", "http://cx.example.com",
		"signing_secret: abc", "signing_secert: abc",
		"reminder: 4d", "reminder: 4 days",
		"crm: hubspot, event", "crm: hubspott, event",
		"name: Acme", "name: ${BRAND}",
	).Replace(valid)
	_, err := LoadBytes("cxloop.yaml", []byte(body), env())
	require.EqualError(t, err, strings.Join([]string{
		`cxloop.yaml:2:15: server.public_url: plain http is for this machine only (localhost, 127.0.0.1): want https://cx.example.com`,
		`cxloop.yaml:14:1: slack.signing_secret: is required, or app_token: by one of the two cxloop hears which buttons people press (app_token needs no public address)`,
		`cxloop.yaml:16:3: slack.signing_secert: unknown key: did you mean signing_secret?`,
		`cxloop.yaml:21:9: brand.name: environment variable BRAND is not set`,
		`cxloop.yaml:30:20: programs[0].trigger.crm: no crm has the id "hubspott": did you mean hubspot?`,
		`cxloop.yaml:31:15: programs[0].reminder: time span "4 days": unknown unit " days": use w, d, h, m, s or ms`,
	}, "\n"))
	var all Errors
	require.ErrorAs(t, err, &all)
	require.Equal(t, Error{
		File: "cxloop.yaml", Line: 16, Column: 3, Path: "slack.signing_secert",
		Message: "unknown key: did you mean signing_secret?",
	}, all[2])
}

func TestEnvironmentWinsOverTheFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	secret := filepath.Join(folder, "token")
	require.NoError(t, os.WriteFile(secret, []byte("xoxb-from-file\n"), 0o600))
	cfg := load(t, valid,
		"CXLOOP_SERVER_LISTEN", "0.0.0.0:9000",
		"CXLOOP_SERVER_MAX_BODY", "70000",
		"CXLOOP_DEV_TIME_SCALE", "2.5",
		"CXLOOP_SENDGRID_FROM_NAME", "The Acme team",
		"CXLOOP_CONTACT_RULES_QUARANTINE", "2w",
		"CXLOOP_SECURITY_EVENTS_SECRET", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
		"CXLOOP_SLACK_BOT_TOKEN_FILE", secret,
		"CXLOOP_BRAND_NAME", "",
	)
	require.Equal(t, "Acme", cfg.Brand.Name, "an empty variable is none")
	require.Equal(t, "0.0.0.0:9000", cfg.Server.Listen)
	require.EqualValues(t, 70000, cfg.Server.MaxBody)
	require.InDelta(t, 2.5, cfg.Dev.TimeScale, 0)
	require.Equal(t, Address{Email: "hello@example.com", Name: "The Acme team"}, cfg.SendGrid.From)
	require.Equal(t, 14*24*time.Hour, cfg.ContactRules.Quarantine.Std())
	require.Equal(t, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", cfg.Security.EventsSecret.Reveal())
	require.Equal(t, "xoxb-from-file", cfg.Slack.BotToken.Reveal())
}

func TestWhatTheEnvironmentOverridesNeedNotBeRight(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(secret, []byte("SG.from-file"), 0o600))
	body := strings.NewReplacer(
		"slack:\n", "store: {url: \"${DATABASE_URL}\"}\nslack:\n",
		"bot_token: xoxb-1", "bot_token_file: /nowhere/token",
		"api_key: SG.1", "api_key: ${SENDGRID_API_KEY}",
		"name: Acme", "name:",
	).Replace(valid)
	cfg := load(t, body,
		"CXLOOP_STORE_URL", "sqlite:other.db",
		"CXLOOP_SLACK_BOT_TOKEN", "xoxb-2",
		"CXLOOP_SENDGRID_API_KEY_FILE", secret,
		"CXLOOP_BRAND_NAME", "Other",
	)
	require.Equal(t, "sqlite:other.db", cfg.Store.URL.Reveal())
	require.Equal(t, "xoxb-2", cfg.Slack.BotToken.Reveal())
	require.Equal(t, "SG.from-file", cfg.SendGrid.APIKey.Reveal())
	require.Equal(t, "Other", cfg.Brand.Name)
	_, err := LoadBytes("f", []byte(body), env("CXLOOP_STORE_URL", ""))
	require.ErrorContains(t, err, "store.url: environment variable DATABASE_URL is not set")
}

func TestBadEnvironmentIsNamedByItsVariable(t *testing.T) {
	t.Parallel()
	_, err := LoadBytes("cxloop.yaml", []byte(valid), env(
		"CXLOOP_SERVER_MAX_BODY", "lots",
		"CXLOOP_DEV_TIME_SCALE", "5000",
		"CXLOOP_SECURITY_TOKEN_KEY", "short",
		"CXLOOP_CONTACT_RULES_QUARANTINE", "1h",
		"CXLOOP_SLACK_BOT_TOKEN_FILE", "/nowhere/token",
		"CXLOOP_STORE_URL", "sqlite:a.db", "CXLOOP_STORE_URL_FILE", "b",
	))
	require.EqualError(t, err, strings.Join([]string{
		`environment variable CXLOOP_CONTACT_RULES_QUARANTINE: contact_rules.quarantine: 1h is too short: at least 24h lie between two surveys of a contact`,
		`environment variable CXLOOP_DEV_TIME_SCALE: dev.time_scale: want at most 2880`,
		`environment variable CXLOOP_SECURITY_TOKEN_KEY: security.token_key: the key has 5 bytes: want at least 32, for example from openssl rand -base64 48`,
		`environment variable CXLOOP_SERVER_MAX_BODY: server.max_body: want a whole number, got text`,
		`environment variable CXLOOP_SLACK_BOT_TOKEN_FILE: slack.bot_token: secret file: open /nowhere/token: no such file or directory`,
		`environment variable CXLOOP_STORE_URL: store.url: CXLOOP_STORE_URL_FILE is set too: one of the two is enough`,
	}, "\n"))
}

func TestSecretsFromVariablesAndFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "crm"), []byte("  from-file \n"), 0o600))
	name := filepath.Join(folder, "cxloop.yaml")
	body := strings.NewReplacer("token: t0ken", "token_file: crm", "bot_token: xoxb-1", "bot_token: xoxb-${PART}$$${N}").Replace(valid)
	require.NoError(t, os.WriteFile(name, []byte(body), 0o600))
	cfg, err := Load(name, env("PART", "7", "N", "1"))
	require.NoError(t, err)
	require.Equal(t, "from-file", cfg.CRM[0].Token.Reveal())
	require.Equal(t, "xoxb-7$1", cfg.Slack.BotToken.Reveal())
}

func TestLoadNamesTheFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := Load("/nowhere/cxloop.yaml", env())
	require.EqualError(t, err, "/nowhere/cxloop.yaml: cannot be read: no such file or directory")
	var all Errors
	require.True(t, errors.As(err, &all))
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	cfg := load(t, valid)
	hidden := struct{ inner Config }{*cfg}
	asJSON, err := json.Marshal(cfg)
	require.NoError(t, err)
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("loaded", "config", cfg, "token", cfg.Slack.BotToken)
	for _, text := range []string{
		fmt.Sprintf("%v %+v %#v %s %q %x", cfg, cfg, cfg, cfg.Slack.BotToken, cfg.Slack.BotToken, cfg.Slack.BotToken),
		fmt.Sprintf("%v %+v %#v", hidden, hidden, hidden), string(asJSON), logged.String(),
	} {
		for _, secret := range []string{"xoxb-1", "t0ken", "s3cret", "SG.1", "0123456789abcdef"} {
			require.NotContains(t, text, secret)
		}
	}
	require.Contains(t, string(asJSON), `"[secret]"`)
}

func TestExampleIsValid(t *testing.T) {
	t.Parallel()
	cfg, err := Load("../cxloop.example.yaml", env(
		"KEYS_DATABASE_URL", "postgres://cxloop:p@localhost/cxloop_keys", "DATABASE_URL", "postgres://cxloop:pw@db/cxloop", "TOKEN_KEY", strings.Repeat("k", 48), "API_TOKEN", strings.Repeat("t", 32),
		"EVENTS_SECRET", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", "SHOP_SECRET", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
		"PAYLOAD_KEY", payloadKey, "MASTER_KEY", payloadKey, "HUBSPOT_TOKEN", "pat-1", "HUBSPOT_CLIENT_SECRET", "c1", "SLACK_BOT_TOKEN", "xoxb-1", "SLACK_SIGNING_SECRET", "s1", "SENDGRID_API_KEY", "SG.1",
	))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(cfg.Programs), 2)
	require.Equal(t, "12345678", cfg.CRM[0].AppID)
	require.Len(t, cfg.Security.APITokens, 1)
	require.Equal(t, payloadKey, cfg.Security.PayloadKeys[0].Key.Reveal())
	body, err := os.ReadFile("../cxloop.example.yaml")
	require.NoError(t, err)
	for key := range settings() {
		name := key[strings.LastIndexByte(key, '.')+1:]
		if strings.HasSuffix(name, "_file") {
			continue
		}
		require.Regexp(t, `(?m)^[ #{]*`+name+`:`, string(body), "the example leaves %s out", key)
	}
}

func TestPayloadKeyOfAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte(payloadKey+"\n"), 0o600))
	body := strings.Replace(valid, "security:\n", "security:\n  payload_keys: [{id: a, key_file: "+file+"}]\n", 1)
	keys := load(t, body).Security.PayloadKeys
	require.Len(t, keys, 1)
	require.Equal(t, "a", keys[0].ID)
	require.Equal(t, payloadKey, keys[0].Key.Reveal())
}

func TestDev(t *testing.T) {
	t.Parallel()
	options := devPlaces
	cfg := dev(t, options)
	again := dev(t, options)
	require.Equal(t, cfg.Security.TokenKey.Reveal(), again.Security.TokenKey.Reveal())
	require.Equal(t, cfg.Security.PayloadKeys[0].Key.Reveal(), again.Security.PayloadKeys[0].Key.Reveal())
	require.Equal(t, []string{"http://127.0.0.1:8233"}, cfg.Security.CodecOrigins)
	require.InDelta(t, DevTimeScale, cfg.Dev.TimeScale, 0)
	require.Equal(t, "http://127.0.0.1:8090/hubspot", cfg.CRM[0].BaseURL)
	require.Equal(t, "C0CX00002", cfg.Routing.Route(RoutedCase{Account: survey.Account{Attributes: map[string]string{"tier": "enterprise"}}}).Channel)

	won := survey.Event{Type: "deal.changed", CRM: "hubspot", Data: map[string]any{"property": "dealstage", "value": "closedwon"}}
	closed := survey.Event{Type: "ticket.changed", CRM: "hubspot", Data: map[string]any{"property": "hs_pipeline_stage", "value": "4"}}
	require.Equal(t, []string{"won-deal-nps"}, started(cfg, won))
	require.Equal(t, []string{"ticket-csat"}, started(cfg, closed))
	require.Equal(t, []string{"order-csat"}, started(cfg, survey.Event{Type: "order.delivered", CRM: "shop"}))

	others := options
	others.SMTP, others.SocketMode, others.StoreURL, others.MailEventsKey = "127.0.0.1:2525", true, `sqlite:/a $HOME: "b" #c/cxloop.db`, "unused"
	cfg = dev(t, others)
	require.Equal(t, others.StoreURL, cfg.Store.URL.Reveal())
	require.Equal(t, "127.0.0.1:2525", net.JoinHostPort(cfg.SMTP.Host, strconv.Itoa(cfg.SMTP.Port)))
	require.True(t, cfg.Slack.SigningSecret.Empty())
	require.False(t, cfg.Slack.AppToken.Empty())
	from, _ := cfg.Sender()
	require.Equal(t, "hello@lumenly.example", from.Email)

	options.Key = options.Key[:31]
	_, err := Dev(options, env())
	require.EqualError(t, err, "key has 31 bytes: want at least 32")
}

func dev(t *testing.T, o DevOptions) *Config {
	t.Helper()
	file, err := Dev(o, env())
	require.NoError(t, err)
	cfg, err := LoadDev("dev.yaml", file)
	require.NoError(t, err)
	return cfg
}

func started(cfg *Config, e survey.Event) (ids []string) {
	for _, p := range cfg.Programs {
		if p.Trigger.Matches(e) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func FuzzLoadBytes(f *testing.F) {
	f.Add([]byte(valid))
	playground, err := Dev(devPlaces, env())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(playground)
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("? {a: b}\n: c\n"))
	f.Add([]byte("server: {<<: {listen: x}}\n---\nb: 1\n"))
	f.Add([]byte("programs: [{id: a, texts: {en: {subject: '{x'}}}, 1, null]\ncrm: 3\n"))
	f.Add([]byte("slack: 1\nrouting: []\ndev: {time_scale: .nan}\nstore: {url: ${X\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		cfg, err := LoadBytes("fuzz.yaml", body, env("CXLOOP_SLACK_BOT_TOKEN", "x", "X", "y"))
		var all Errors
		switch {
		case err == nil && cfg == nil, err != nil && cfg != nil:
			t.Fatal("want either a configuration or errors")
		case err != nil && (!errors.As(err, &all) || len(all) == 0):
			t.Fatalf("want Errors, got %v", err)
		}
		for _, e := range all {
			if e.Line == 0 && !strings.HasPrefix(e.File, "environment variable ") || e.Message == "" {
				t.Fatalf("error without a place: %#v", e)
			}
		}
	})
}
