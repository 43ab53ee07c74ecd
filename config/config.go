// Package config is what a user writes: one YAML file, with environment variables
// above it. Load reports every mistake at once, each at its file, line and column.
//
// Each key outside lists is also the environment variable CXLOOP_<KEY>, in capitals
// and with _ for dots (CXLOOP_SERVER_LISTEN); an empty one counts as not set. A text
// may hold ${NAME}, the value of the environment variable NAME; $$ stands for one $.
// A secret may be given as <key>_file, the path of a file that holds it, relative to
// the configuration.
package config

import (
	"log/slog"
	"net/netip"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/survey"
)

// Config is a complete and valid configuration with every default filled in.
type Config struct {
	Server       Server              `yaml:"server"`
	Temporal     Temporal            `yaml:"temporal"`
	Store        Store               `yaml:"store"`
	Security     Security            `yaml:"security"`
	CRM          []CRM               `yaml:"-"`
	Slack        Slack               `yaml:"slack"`
	SendGrid     SendGrid            `yaml:"sendgrid"`
	SMTP         SMTP                `yaml:"smtp"`
	Twilio       Twilio              `yaml:"twilio"`
	Brand        Brand               `yaml:"brand"`
	ContactRules survey.ContactRules `yaml:"contact_rules"`
	Guard        survey.Guard        `yaml:"guard"`
	Mail         Mail                `yaml:"mail"`
	Routing      Routing             `yaml:"routing"`
	SLA          survey.SLA          `yaml:"sla"`
	Themes       Themes              `yaml:"themes"`
	Benchmarks   Benchmarks          `yaml:"benchmarks"`
	Population   []Population        `yaml:"-"`
	Models       survey.Forecasting  `yaml:"models"`
	Cases        Cases               `yaml:"cases"`
	ROI          ROI                 `yaml:"roi"`
	Terms        survey.Terms        `yaml:"-"`
	Topics       []Topic             `yaml:"-"`
	Dimensions   []survey.Dimension  `yaml:"-"`
	Dev          DevSettings         `yaml:"dev"`
	Calendars    []survey.Calendar   `yaml:"-"`
	Journey      survey.Journey      `yaml:"-"`
	Programs     []survey.Program    `yaml:"-"`
	// AskRules are those of ContactRules that are expressions.
	AskRules condition.AskRules `yaml:"-"`

	// LanguageModel is asked by nobody where it has no BaseURL.
	LanguageModel LanguageModel `yaml:"language_model"`
}

// Server is where cxloop listens and is reached.
type Server struct {
	// Listen is the address of the HTTP server, host:port.
	Listen string `yaml:"listen"`
	// PublicURL is where customers and vendors reach it, without a slash at its end.
	PublicURL string `yaml:"public_url"`
	// PrivateListen is the address of the listener for health and metrics, host:port;
	// where it is "" they are answered at Listen.
	PrivateListen string `yaml:"private_listen"`
	// EmbedOrigins are the sites whose pages may show surveys inside them,
	// scheme://host[:port]. Without any, nobody's may.
	EmbedOrigins []string `yaml:"-"`
	// TrustedProxies are believed when they say for whom they pass a request on.
	TrustedProxies []netip.Prefix `yaml:"-"`
	// ScannerNetworks are those of mail scanners, besides the built-in ones.
	ScannerNetworks []netip.Prefix `yaml:"-"`
	// MaxBody is the largest request body taken, in bytes.
	MaxBody int64 `yaml:"max_body"`
	// LogLevel is the least that is logged.
	LogLevel slog.Level `yaml:"log_level"`
	// OTLPEndpoint is the address of an OpenTelemetry collector that takes traces by
	// OTLP over HTTP, without /v1/traces; "" sends none.
	OTLPEndpoint string `yaml:"otlp_endpoint"`
}

// Temporal is the server to work with. What is empty is left to the standard
// TEMPORAL_* variables and the profile (contrib/envconfig).
type Temporal struct {
	Address   string `yaml:"address"` // host:port
	Namespace string `yaml:"namespace"`
	Profile   string `yaml:"profile"`
	// Local is set for the server of "cxloop dev": the TEMPORAL_* variables and the
	// profile are about another.
	Local bool `yaml:"-"`
}

// Store is the database.
type Store struct {
	// URL is sqlite:PATH or postgres://…, which may hold a password.
	URL Secret `yaml:"url"`
	// KeysURL is the keystore, a database of its own.
	KeysURL Secret `yaml:"keys_url"`
}

// Security holds what cxloop itself signs with and checks.
type Security struct {
	// TokenKey seals customers' links, at least survey.MinTokenKey bytes.
	TokenKey Secret `yaml:"token_key"`
	// APITokens are bearer tokens for POST /v1/events, at least 16 characters each.
	APITokens []Secret `yaml:"-"`
	// EventsSecret is the Standard Webhooks secret (whsec_…) for POST /v1/events, or
	// empty.
	EventsSecret Secret `yaml:"events_secret"`
	// MasterKeys wrap the keys of the keystore: the first wraps, all unwrap.
	MasterKeys []NamedKey `yaml:"-"`
	// PayloadKeys encrypt what Temporal keeps of workflows: the first encrypts, all
	// decrypt. Without any, nothing is encrypted.
	PayloadKeys []NamedKey `yaml:"-"`
	// CodecOrigins are where Temporal's UI is reached, scheme://host[:port]: its pages
	// may have payloads decrypted. Without any, nobody may.
	CodecOrigins []string `yaml:"-"`
}

// NamedKey is a key with the id by which what it encrypted is known.
type NamedKey struct {
	ID string `yaml:"id"`
	// Key is 32 bytes in base64.
	Key Secret `yaml:"key"`
}

// CRMType names the client that a CRM is spoken to with.
type CRMType string

// The types of CRM.
const (
	HubSpot CRMType = "hubspot"
	Webhook CRMType = "webhook"
)

// CRM is one configured CRM. Which fields count depends on its type.
type CRM struct {
	// ID is part of the hook's path, /hooks/<id>, and of every record's key.
	ID   string  `yaml:"id"`
	Type CRMType `yaml:"type"`

	// BaseURL to CompanyProperties are HubSpot's. ClientSecret signs webhooks; AppID
	// tells cxloop's own writes, "" means the app that the webhooks belong to;
	// Version dates the paths; the properties are read as attributes, besides those
	// that always are.
	BaseURL           string   `yaml:"base_url"`
	Token             Secret   `yaml:"token"`
	ClientSecret      Secret   `yaml:"client_secret"`
	AppID             string   `yaml:"app_id"`
	Version           string   `yaml:"version"`
	ContactProperties []string `yaml:"contact_properties"`
	CompanyProperties []string `yaml:"company_properties"`
	// Tickets are where the tickets of cases go.
	Tickets Tickets `yaml:"tickets"`

	// RecordURL is the address of a record, with {object} and {id} in it, or "".
	RecordURL string `yaml:"record_url"`

	// Secret (whsec_…) signs what a CRM of type webhook sends and is sent, after
	// Standard Webhooks; PushURL takes what cxloop writes, or is "".
	Secret  Secret `yaml:"secret"`
	PushURL string `yaml:"push_url"`

	// Cases is what a case is there, and CaseNotes puts what happens to it on the
	// timelines of its contact and account.
	Cases     survey.RecordKind `yaml:"cases"`
	CaseNotes bool              `yaml:"case_notes"`

	Referrals Referrals `yaml:"referrals"`
	Behaviour Behaviour `yaml:"behaviour"`
}

// SendGrid sends the mails where it has an APIKey.
type SendGrid struct {
	BaseURL string `yaml:"base_url"`
	APIKey  Secret `yaml:"api_key"`
	// WebhookPublicKey checks the events that tell what became of mails; "" takes none.
	WebhookPublicKey string  `yaml:"webhook_public_key"`
	From             Address `yaml:"from"`
	// ReplyTo is an e-mail address, or "".
	ReplyTo string `yaml:"reply_to"`
	// Rate is how many calls are made a second, over all processes; one call mails up
	// to 1,000.
	Rate float64 `yaml:"rate"`
}

// Mail is what holds for mails, whoever sends them.
type Mail struct {
	WarmUp survey.WarmUp `yaml:"warm_up"`
}

// Address is a mail's sender. Name is the brand's where none is given.
type Address struct {
	Email string `yaml:"email"`
	Name  string `yaml:"name"`
}

// Brand is how customers see who asks.
type Brand struct {
	Name string `yaml:"name"`
	// Color is #rrggbb, of buttons.
	Color string `yaml:"color"`
	// Address is the postal address below each mail, or "".
	Address string `yaml:"address"`
	// PrivacyURL is the privacy notice, or "".
	PrivacyURL string `yaml:"privacy_url"`
}

// DevSettings are for trying cxloop out.
type DevSettings struct {
	// TimeScale is how many times faster than the wall clock the clock of delays,
	// reminders and rules runs, 1 to survey.MaxTimeScale.
	TimeScale float64 `yaml:"time_scale"`
}
