package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var devPlaces = DevOptions{
	Listen: "127.0.0.1:8080", SandboxURL: "http://127.0.0.1:8090", StoreURL: "sqlite:/data/cxloop.db",
	TemporalAddress: "127.0.0.1:7233", TemporalNamespace: "default", TemporalUI: "127.0.0.1:8233", Key: []byte(strings.Repeat("k", 32)),
}

// The example needs none of its secrets in the environment, and leads to no vendor.
func TestDevRunsTheExample(t *testing.T) {
	t.Parallel()
	own, err := os.ReadFile("../cxloop.example.yaml")
	require.NoError(t, err)
	options := devPlaces
	options.Own, options.OwnName = own, "../cxloop.example.yaml"
	file, err := Dev(options, env("CXLOOP_STORE_URL", "postgres://production/cxloop"))
	require.NoError(t, err)
	cfg, err := LoadDev(filepath.Join(t.TempDir(), "cxloop.yaml"), file)
	require.NoError(t, err)
	require.Equal(t, "sqlite:/data/cxloop.db", cfg.Store.URL.Reveal())
	require.Equal(t, "http://127.0.0.1:8080", cfg.Server.PublicURL)
	require.InDelta(t, DevTimeScale, cfg.Dev.TimeScale, 0)
	for _, address := range []string{cfg.CRM[0].BaseURL, cfg.Slack.BaseURL, cfg.SendGrid.BaseURL, cfg.Twilio.BaseURL} {
		require.True(t, strings.HasPrefix(address, "http://127.0.0.1:8090/"), address)
	}
	for _, crm := range cfg.CRM {
		require.Empty(t, crm.PushURL)
	}
	require.NotContains(t, string(file), "Lumenly", "nothing is left of the playground's programs and brand")
	require.NotEmpty(t, cfg.Programs)
	require.Contains(t, SlackChannels(own), cfg.Routing.Route(RoutedCase{}).Channel)
}

// Commands run in a shell that knows where production is.
func TestLoadWhatDevWrote(t *testing.T) {
	t.Parallel()
	production := env("CXLOOP_STORE_URL", "postgres://production/cxloop", "CXLOOP_TEMPORAL_ADDRESS", "production:7233")
	own, err := os.ReadFile("../cxloop.example.yaml")
	require.NoError(t, err)
	for _, own := range [][]byte{nil, own} {
		options := devPlaces
		options.Own, options.OwnName = own, "../cxloop.example.yaml"
		body, err := Dev(options, production)
		require.NoError(t, err)
		require.True(t, WrittenByDev(body))
		file := filepath.Join(t.TempDir(), "cxloop.yaml")
		require.NoError(t, os.WriteFile(file, body, 0o600))
		cfg, err := Load(file, production)
		require.NoError(t, err)
		require.Equal(t, "sqlite:/data/cxloop.db", cfg.Store.URL.Reveal())
		require.Equal(t, devPlaces.TemporalAddress, cfg.Temporal.Address)
		require.True(t, cfg.Temporal.Local)
	}
	require.False(t, WrittenByDev(own))
	require.False(t, WrittenByDev([]byte("server: {} "+devMark)))
}

func TestDevOwnMistakes(t *testing.T) {
	t.Parallel()
	const crms = `crm:
  - {id: hubspot, type: hubspot, token: "${NOT_SET}", client_secret_file: /nowhere}
`
	const rest = `
brand: {name: "Costs $$5 ${NAME}", address: A, privacy_url: https://example.com}
routing: {default: C0123ABCD}
sendgrid: {from: {email: care@example.com}}
programs:
  - {id: a-nps, template: nps, trigger: {crm: hubspot, event: deal.changed, where: {property: dealstage, value: closedwon}}}
`
	for name, test := range map[string]struct {
		own  string
		says string
	}{
		"right":           {crms + rest, ""},
		"place":           {crms + strings.Replace(rest, "crm: hubspot,", "crm: hubspott,", 1), `own.yaml:8:`},
		"not YAML":        {"crm: [", `own.yaml:1:1: not valid YAML`},
		"unknown section": {crms + rest + "brnd: {}\n", `own.yaml:9:1: brnd: unknown key: did you mean brand?`},
		"variable":        {crms + strings.Replace(rest, "NAME", "OTHER", 1), `environment variable OTHER is not set`},
		"two HubSpots":    {crms + "  - {id: other, type: hubspot, token: x, client_secret: y}\n" + rest, `own.yaml:3:5: crm[1]: cxloop dev plays one HubSpot`},
	} {
		options := devPlaces
		options.Own, options.OwnName = []byte(test.own), "own.yaml"
		file, err := Dev(options, env("NAME", "a $"))
		if test.says != "" {
			require.ErrorContains(t, err, test.says, name)
			continue
		}
		require.NoError(t, err, name)
		cfg, err := LoadDev("cxloop.yaml", file)
		require.NoError(t, err, name)
		require.Equal(t, "Costs $5 a $", cfg.Brand.Name)
		from, _ := cfg.Sender()
		require.Equal(t, "care@example.com", from.Email)
		require.Equal(t, []string{"a-nps"}, []string{cfg.Programs[0].ID})
	}
}
