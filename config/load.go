package config

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/viper"

	"github.com/cxloop/cxloop/survey"
)

// Load reads a configuration file. Its error is Errors: every mistake in it. One that "cxloop dev"
// wrote is read as LoadDev does: the environment may be that of production.
func Load(name string, lookup LookupEnv) (*Config, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer func() { _ = f.Close() }()
	body, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, unreadable(name, err)
	}
	if WrittenByDev(body) {
		return LoadDev(name, body)
	}
	return LoadBytes(name, body, lookup)
}

func unreadable(name string, err error) Errors {
	if inner := errors.Unwrap(err); inner != nil { // the error itself names the file again
		err = inner
	}
	return Errors{{File: name, Message: "cannot be read: " + err.Error()}}
}

// LoadBytes reads a configuration as Load does one of somebody's own. The name stands in errors, and
// paths in <key>_file are relative to its folder.
func LoadBytes(name string, body []byte, lookup LookupEnv) (*Config, error) {
	d := parse(name, body)
	if d.root == nil {
		return nil, d.errs
	}
	return d.load(lookup)
}

// load fills in what the environment says, and makes the configuration.
func (d *document) load(lookup LookupEnv) (*Config, error) {
	d.dropOverridden(lookup)
	d.expand(d.root, nil, lookup)
	d.checkKeys(d.root, compiled(), nil)
	lists := map[string]any{}
	layers := d.layers(lists, lookup)
	instance := layers.AllSettings()
	for key, list := range lists {
		put(instance, strings.Split(key, "."), list)
	}
	d.checkShape(compiled(), instance)
	cfg := d.decode(layers)
	d.check(cfg)
	if len(d.errs) > 0 {
		d.errs.sort()
		return nil, d.errs
	}
	return cfg, nil
}

// Variable returns the environment variable that overrides a setting.
func Variable(key string) string {
	return "CXLOOP_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// dropOverridden takes out of the file what the environment sets: it need not be
// right, and the variables and files that it names need not be there.
func (d *document) dropOverridden(lookup LookupEnv) {
	for key := range settings() {
		if text, _ := lookup(Variable(key)); text == "" {
			continue
		}
		key = strings.TrimSuffix(key, "_file")
		d.drop(strings.Split(key, "."))
		d.drop(strings.Split(key+"_file", "."))
	}
}

// layers puts the environment above the file. Lists are taken out: viper would
// lower the case of keys that are the user's own.
func (d *document) layers(lists map[string]any, lookup LookupEnv) *viper.Viper {
	file, _ := plain(d.root).(map[string]any)
	takeLists(file, nil, lists)
	takeTerms(file, lists)
	v := viper.New()
	if err := v.MergeConfigMap(file); err != nil {
		panic("config: viper refuses a map: " + err.Error())
	}
	// Not AutomaticEnv, which knows the environment of the process alone.
	known := settings()
	for _, key := range slices.Sorted(maps.Keys(known)) {
		text, _ := lookup(Variable(key))
		if text == "" {
			continue
		}
		secret, isFile := strings.CutSuffix(key, "_file")
		if !isFile {
			d.variables[key] = Variable(key)
			v.Set(key, typed(text, known[key]))
			continue
		}
		if d.variables[secret] != "" {
			d.add(strings.Split(secret, "."), "%s is set too: one of the two is enough", Variable(key))
			continue
		}
		d.variables[secret] = Variable(key)
		content, err := readSecret(d.name, text)
		if err != nil {
			d.add(strings.Split(secret, "."), "%s", err)
		}
		v.Set(secret, content)
	}
	return v
}

// takeLists moves lists from settings to a map by dotted key.
func takeLists(m map[string]any, at path, lists map[string]any) {
	for name, v := range m {
		here := at.join(name)
		switch v := v.(type) {
		case map[string]any:
			takeLists(v, here, lists)
		case []any:
			lists[strings.Join(here, ".")] = v
			delete(m, name)
		}
	}
}

// typed reads a variable as what the schema wants. What cannot be read so stays
// text, which the schema then refuses.
func typed(text string, s *jsonschema.Schema) any {
	switch s.Types.String() {
	case "[integer]":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	case "[number]":
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	case "[boolean]":
		if text == "true" || text == "false" {
			return text == "true"
		}
	}
	return text
}

func put(m map[string]any, at []string, v any) {
	for _, name := range at[:len(at)-1] {
		next, ok := m[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			m[name] = next
		}
		m = next
	}
	m[at[len(at)-1]] = v
}

// defaults is what a setting is where nobody gives it; schema.json tells the same
// to editors.
func defaults() *Config {
	return &Config{
		Server:       Server{Listen: "127.0.0.1:8080", MaxBody: 1 << 20},
		Store:        Store{URL: NewSecret("sqlite:cxloop.db")},
		Slack:        Slack{BaseURL: "https://slack.com", Rate: 5},
		SendGrid:     SendGrid{BaseURL: "https://api.sendgrid.com", Rate: 10},
		SMTP:         SMTP{TLS: SMTPStartTLS, Rate: 10},
		Twilio:       Twilio{BaseURL: "https://api.twilio.com", Rate: 10},
		Brand:        Brand{Color: "#1f5eff"},
		ContactRules: newContactRules(),
		Cases:        Cases{PageFor: survey.Span(90 * day)},
		Guard:        survey.Guard{Bounces: 0.05, Complaints: 0.003, Least: 50, Within: survey.Span(3 * day)},
		Mail:         Mail{WarmUp: survey.WarmUp{FirstDay: 50, Growth: 1.5, Until: 10000}},
		Routing:      Routing{Storm: survey.StormRule{After: 20, Within: survey.Span(10 * time.Minute)}},
		SLA:          newSLA(),
		Themes:       Themes{Cron: "0 8 * * mon", Language: survey.DefaultLocale},
		Models:       newForecasting(),
		Dev:          DevSettings{TimeScale: 1},
	}
}

// decode makes the configuration of what is well formed.
func (d *document) decode(layers *viper.Viper) *Config {
	cfg := defaults()
	err := layers.Unmarshal(cfg, viper.DecodeHook(mapstructure.ComposeDecodeHookFunc(mapstructure.TextUnmarshallerHookFunc(), rangeOfNumber)), func(c *mapstructure.DecoderConfig) {
		c.TagName = "yaml"
	})
	if err != nil && len(d.errs) == 0 {
		panic(fmt.Sprintf("config: what the schema takes does not fit the settings: %v", err))
	}
	cfg.Server.PublicURL = strings.TrimRight(cfg.Server.PublicURL, "/")
	cfg.completeMail()
	d.decodeList(path{"server", "trusted_proxies"}, &cfg.Server.TrustedProxies)
	d.decodeList(path{"server", "scanner_networks"}, &cfg.Server.ScannerNetworks)
	d.decodeList(path{"security", "api_tokens"}, &cfg.Security.APITokens)
	cfg.Store.complete()
	d.decodeList(path{"security", "master_keys"}, &cfg.Security.MasterKeys)
	d.decodeList(path{"security", "payload_keys"}, &cfg.Security.PayloadKeys)
	d.decodeList(path{"server", "embed_origins"}, &cfg.Server.EmbedOrigins)
	d.decodeList(path{"security", "codec_origins"}, &cfg.Security.CodecOrigins)
	d.decodeList(path{"themes", "owners"}, &cfg.Themes.Owners)
	d.decodeList(path{"topics"}, &cfg.Topics)
	d.decodeContactRules(&cfg.ContactRules)
	d.decodeList(path{"crm"}, &cfg.CRM)
	for i := range cfg.CRM {
		cfg.CRM[i].complete()
	}
	d.decodeTerms(cfg)
	d.decodeDimensions(cfg)
	cfg.Calendars = d.calendars()
	d.decodeRouting(layers.GetString("routing.default"), cfg)
	d.decodeSLA(cfg)
	d.decodeJourney(&cfg.Journey)
	d.decodeBenchmarks(&cfg.Benchmarks)
	d.decodeList(path{"population"}, &cfg.Population)
	cfg.Programs = d.programs(cfg.Calendars)
	return cfg
}

// decodeList decodes a list that has no mistakes.
func (d *document) decodeList(at path, into any) {
	n := d.value(at)
	if n == nil || d.failed(at) {
		return
	}
	if err := n.Decode(into); err != nil {
		d.add(at, "does not fit: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
}

func (c *CRM) complete() {
	c.Referrals.Converted.CRM = c.ID
	if c.Type != HubSpot {
		return
	}
	if c.BaseURL == "" {
		c.BaseURL = "https://api.hubapi.com"
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	if c.Version == "" {
		c.Version = "2026-09"
	}
}
