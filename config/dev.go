package config

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"text/template"

	"github.com/cxloop/cxloop/survey"
)

//go:embed dev.yaml
var devYAML string

// devMark is the first line of what "cxloop dev" writes.
var devMark, _, _ = strings.Cut(devYAML, "\n")

// DevTimeScale is the clock of "cxloop dev": a day passes in a minute, so that a
// reminder, a referral mail and an expiry can be waited for.
const DevTimeScale = 24 * 60

// DevOptions are the places of "cxloop dev". All are required but SMTP, SocketMode, MailEventsKey,
// TimeScale and Own.
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
	// MailEventsKey verifies the events of the stand-in for SendGrid; "" has none taken.
	MailEventsKey string
	// StoreURL is the database, sqlite:PATH or postgres://….
	StoreURL string
	// TemporalAddress is host:port.
	TemporalAddress   string
	TemporalNamespace string
	// TemporalUI is where Temporal's UI is, host:port.
	TemporalUI string
	// TimeScale is DevTimeScale where it is 0.
	TimeScale float64
	// Own is a configuration of one's own, nil for that of the playground, and OwnName its file. It
	// says all but where cxloop dev runs and how vendors are reached.
	Own     []byte
	OwnName string
	// Key is what all secrets are derived from, at least survey.MinTokenKey bytes.
	// While it stays the same, so do customers' links.
	Key []byte
}

// Dev makes the configuration file of "cxloop dev". Its secrets, which the stand-ins need
// too, are in it. lookup finds the variables that a configuration of one's own names; its mistakes are
// Errors.
func Dev(o DevOptions, lookup LookupEnv) ([]byte, error) {
	if len(o.Key) < survey.MinTokenKey {
		return nil, fmt.Errorf("key has %d bytes: want at least %d", len(o.Key), survey.MinTokenKey)
	}
	if o.TimeScale == 0 {
		o.TimeScale = DevTimeScale
	}
	host, port, err := net.SplitHostPort(o.SMTP)
	if err != nil && o.SMTP != "" {
		return nil, err
	}
	file, err := template.New("dev.yaml").Funcs(template.FuncMap{
		"text": yamlText, "secret": o.secret,
		"host": func(string) string { return host }, "port": func(string) string { return port },
	}).Parse(devYAML)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := file.Execute(&text, o); err != nil || o.Own == nil {
		return text.Bytes(), err
	}
	return o.withOwn(text.Bytes(), lookup)
}

// secret derives one of devSecrets, as YAML.
func (o DevOptions) secret(name string) (string, error) {
	prefix, known := devSecrets[name]
	if !known {
		return "", fmt.Errorf("no secret is called %s", name)
	}
	secret, err := hkdf.Key(sha256.New, o.Key, nil, "cxloop dev "+name, 32)
	if err != nil {
		return "", fmt.Errorf("derive %s: %w", name, err)
	}
	return yamlText(prefix + base64.StdEncoding.EncodeToString(secret)), nil
}

// yamlText is a text as the configuration has it, whatever is in it.
func yamlText(text string) string {
	quoted, _ := json.Marshal(strings.ReplaceAll(text, "$", "$$")) // a string is always JSON, and JSON is YAML
	return string(quoted)
}

// WrittenByDev reports whether a file is one that "cxloop dev" wrote, and may write again.
func WrittenByDev(body []byte) bool { return bytes.HasPrefix(body, []byte(devMark+"\n")) }

// LoadDev reads the configuration file of "cxloop dev", which no environment changes.
func LoadDev(name string, body []byte) (*Config, error) {
	cfg, err := LoadBytes(name, body, func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, err
	}
	cfg.Temporal.Local = true
	return cfg, nil
}

// devSecrets are the secrets in dev.yaml, and how the vendor's begin.
var devSecrets = map[string]string{
	"TOKEN_KEY": "", "PAYLOAD_KEY": "", "MASTER_KEY": "", "API_TOKEN": "cxdev_", "EVENTS_SECRET": "whsec_", "SHOP_SECRET": "whsec_",
	"HUBSPOT_TOKEN": "pat-dev-", "HUBSPOT_CLIENT_SECRET": "",
	"SLACK_BOT_TOKEN": "xoxb-dev-", "SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": appTokenPrefix + "dev-", "SENDGRID_API_KEY": "SG.dev-", "TWILIO_AUTH_TOKEN": "",
}
