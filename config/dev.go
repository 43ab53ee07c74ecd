package config

import (
	"crypto/hkdf"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/cxloop/cxloop/survey"
)

//go:embed dev.yaml
var devYAML []byte

// DevTimeScale is the clock of "cxloop dev": a day passes in a minute, so that a
// reminder, a referral mail and an expiry can be waited for.
const DevTimeScale = 24 * 60

// DevOptions are the places of "cxloop dev". All are required but SMTP, SocketMode and TimeScale.
type DevOptions struct {
	// Listen is the address of the HTTP server, host:port; customers' links lead
	// there too.
	Listen string
	// SandboxURL is where the vendors' stand-ins are, without a slash at its end.
	SandboxURL string
	// SMTP is where the stand-in of a mail server is, host:port, that mails go to; ""
	// has them go to SendGrid's.
	SMTP string
	// SocketMode has the stand-in for Slack heard over Socket Mode, and not by HTTP.
	SocketMode bool
	// StoreURL is the database, sqlite:PATH or postgres://….
	StoreURL string
	// TemporalAddress is host:port.
	TemporalAddress   string
	TemporalNamespace string
	// TemporalUI is where Temporal's UI is, host:port.
	TemporalUI string
	// TimeScale is DevTimeScale where it is 0.
	TimeScale float64
	// Key is what all secrets are derived from, at least survey.MinTokenKey bytes.
	// While it stays the same, so do customers' links.
	Key []byte
}

// Dev makes the configuration of "cxloop dev". Its secrets, which the stand-ins
// need too, are in it. An error is Errors, or of the key.
func Dev(o DevOptions) (*Config, error) {
	if len(o.Key) < survey.MinTokenKey {
		return nil, fmt.Errorf("key has %d bytes: want at least %d", len(o.Key), survey.MinTokenKey)
	}
	if o.TimeScale == 0 {
		o.TimeScale = DevTimeScale
	}
	values := map[string]string{
		"LISTEN":                   o.Listen,
		"PUBLIC_URL":               "http://" + o.Listen,
		"TEMPORAL_ADDRESS":         o.TemporalAddress,
		"TEMPORAL_NAMESPACE":       o.TemporalNamespace,
		"TEMPORAL_UI":              "http://" + o.TemporalUI,
		"STORE_URL":                o.StoreURL,
		"SANDBOX_URL":              o.SandboxURL,
		Variable("dev.time_scale"): strconv.FormatFloat(o.TimeScale, 'f', -1, 64),
	}
	for name, prefix := range devSecrets {
		secret, err := hkdf.Key(sha256.New, o.Key, nil, "cxloop dev "+name, 32)
		if err != nil {
			return nil, fmt.Errorf("derive %s: %w", name, err)
		}
		values[name] = prefix + base64.StdEncoding.EncodeToString(secret)
	}
	cfg, err := LoadBytes("dev.yaml", devYAML, func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	})
	if err != nil {
		return nil, err
	}
	cfg.Temporal.Local = true
	if o.SocketMode {
		cfg.Slack.SigningSecret, cfg.Slack.AppToken = Secret{}, NewSecret(values["SLACK_APP_TOKEN"])
	}
	if o.SMTP != "" {
		err = cfg.MailOverSMTP(o.SMTP)
	}
	return cfg, err
}

// devSecrets are the secrets in dev.yaml, and how the vendor's begin.
var devSecrets = map[string]string{
	"TOKEN_KEY": "", "PAYLOAD_KEY": "", "MASTER_KEY": "", "API_TOKEN": "cxdev_", "EVENTS_SECRET": "whsec_", "SHOP_SECRET": "whsec_",
	"HUBSPOT_TOKEN": "pat-dev-", "HUBSPOT_CLIENT_SECRET": "",
	"SLACK_BOT_TOKEN": "xoxb-dev-", "SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": appTokenPrefix + "dev-", "SENDGRID_API_KEY": "SG.dev-", "TWILIO_AUTH_TOKEN": "",
}
