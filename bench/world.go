package bench

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/cxloop/cxloop/codec"
	"github.com/cxloop/cxloop/localserver"
	"github.com/cxloop/cxloop/sandbox"
)

// eventsLinger is how long SendGrid gathers events; the real one up to 30 seconds.
const eventsLinger = time.Second

// channels is how many Slack channels the cases go to, by the account's region: cxloop posts
// one message a second in each, and the burst brings a hundred cases a second.
const channels = 200

func channelIDs() []string {
	ids := make([]string, channels)
	for i := range ids {
		ids[i] = fmt.Sprintf("C0BENCH%03d", i)
	}
	return ids
}

// world is cxloop in a process of its own, with the vendors' stand-ins in this one:
// what the stand-ins cost is not in the figures.
type world struct {
	*run
	sandbox  *sandbox.Sandbox
	vendors  *http.Server
	stop     context.CancelFunc
	stopped  chan error
	child    *child
	config   string // path of the configuration
	app      string // base URL
	secret   string // what the vendors sign with
	http     *http.Client
	customer int // the next one's number
}

// setting is what one part measures.
type setting struct {
	// programs is a template of the sections that cxloopYAML leaves open, and values
	// what it names besides those of cxloopYAML.
	programs string
	values   map[string]any
	// events has SendGrid tell what became of mails.
	events bool
	// crowd is in the CRM from the beginning.
	crowd sandbox.Crowd
}

// cxloopYAML is the measured configuration. The limits of Slack that one workspace
// has would end the burst at ten messages a second; they are lifted, here and in
// the stand-in.
var cxloopYAML = template.Must(template.New("").Parse(`
server: {listen: {{.Listen}}, public_url: "http://{{.Listen}}"}
temporal: {address: {{.Temporal}}, namespace: {{.Namespace}}}
store: {url: "{{.Store}}", keys_url: "{{.Keys}}"}
security: {token_key: {{.Secret}}, master_keys: [{id: bench, key: {{.PayloadKey}}}], payload_keys: [{id: bench, key: {{.PayloadKey}}}]}
crm:
  - {id: hubspot, type: hubspot, base_url: "{{.Sandbox}}/hubspot", token: {{.Secret}}, client_secret: {{.Secret}}}
slack: {base_url: "{{.Sandbox}}/slack", bot_token: {{.Secret}}, signing_secret: {{.Secret}}, rate: 1000}
sendgrid: {base_url: "{{.Sandbox}}/sendgrid", api_key: {{.Secret}}, {{with .EventsKey}}webhook_public_key: {{.}}, {{end}}from: {email: bench@cxloop.example}}
brand: {name: Bench}
routing:
  default: {{index .Channels 0}}
  storm: {after: 1000000, within: 10m} # each case is posted by itself
  rules:
{{- range $region, $channel := .Channels}}
    - {when: {account.region: r{{$region}}}, channel: {{$channel}}}
{{- end}}
{{template "programs" .}}
`))

// loopSetting is one program for deals that are won.
var loopSetting = setting{programs: `
programs:
  - id: bench
    template: nps
    trigger: {crm: hubspot, event: deal.changed, where: {property: dealstage, value: closedwon}}
    delay: 0s
    reminder: 10s
    follow_up:
      referral: {delay: 1s, url: "{{.Sandbox}}/"}
`}

func (r *run) newWorld(ctx context.Context, in setting) (_ *world, err error) {
	port, err := localserver.FreePort()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	secret := base64.RawURLEncoding.EncodeToString([]byte(rand.Text()))
	payloadKey := make([]byte, codec.KeySize)
	if _, err := rand.Read(payloadKey); err != nil {
		return nil, err
	}
	w := &world{run: r, app: "http://" + address, secret: secret, stopped: make(chan error, 1), http: &http.Client{
		Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce},
	}}
	eventsKey, err := w.startVendors(listener, in)
	if err != nil {
		return nil, err
	}
	w.config = filepath.Join(r.folder, "cxloop.yaml")
	values := map[string]any{
		"Listen": address, "Temporal": r.server.Address, "Namespace": r.server.Namespace, "Store": r.databaseURL(database), "Keys": r.databaseURL(keystore),
		"Secret": secret, "PayloadKey": base64.StdEncoding.EncodeToString(payloadKey), "Sandbox": "http://" + listener.Addr().String(), "Channels": channelIDs(),
		"EventsKey": eventsKey,
	}
	maps.Copy(values, in.values)
	if err := writeConfig(w.config, in.programs, values); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, r.Program, "setup", "-c", w.config).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("setup: %w\n%s", err, out)
	}
	return w, w.startWorker(ctx)
}

func writeConfig(path, programs string, values map[string]any) error {
	text, err := cxloopYAML.Clone()
	if err != nil {
		return err
	}
	if _, err := text.New("programs").Parse(programs); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(text.Execute(file, values), file.Close())
}

// startWorker starts cxloop and waits until it takes requests.
func (w *world) startWorker(ctx context.Context) (err error) {
	if w.child, err = startChild(w.Program, "serve", "-c", w.config); err != nil {
		return err
	}
	return w.waitReady(ctx)
}

// startVendors returns the key of SendGrid's events, "" where it tells of none.
func (w *world) startVendors(listener net.Listener, in setting) (eventsKey string, err error) {
	const plenty = 1_000_000
	sendGrid := sandbox.SendGridOptions{APIKey: w.secret}
	if in.events {
		if sendGrid.EventsKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return "", err
		}
		if eventsKey, err = sandbox.EventsPublicKey(sendGrid.EventsKey); err != nil {
			return "", err
		}
		sendGrid.EventsURL, sendGrid.EventsLinger = w.app+"/hooks/sendgrid", eventsLinger
	}
	w.sandbox, err = sandbox.New(sandbox.Options{
		PublicURL: "http://" + listener.Addr().String(),
		Logger:    slog.New(slog.DiscardHandler),
		HubSpot:   sandbox.HubSpotOptions{Token: w.secret, ClientSecret: w.secret, WebhookURL: w.app + "/hooks/hubspot"},
		Slack:     sandbox.SlackOptions{BotToken: w.secret, SigningSecret: w.secret, InteractionsURL: w.app + "/hooks/slack"},
		SendGrid:  sendGrid,
		Limits:    sandbox.Limits{SlackOff: true},
		Keep:      sandbox.Keep{Mails: plenty, Messages: plenty},
	})
	if err != nil {
		return "", err
	}
	for _, id := range channelIDs() {
		w.sandbox.AddChannel(sandbox.Channel{ID: id, Name: strings.ToLower(id)})
	}
	w.sandbox.SeedCrowd(in.crowd)
	w.vendors = &http.Server{Handler: w.sandbox.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = w.vendors.Serve(listener) }()
	var running context.Context
	running, w.stop = context.WithCancel(context.Background())
	go func() { w.stopped <- w.sandbox.Run(running) }()
	return eventsKey, nil
}

func (w *world) pid() int { return w.child.cmd.Process.Pid }

func (w *world) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.app+"/readyz", nil)
		if err != nil {
			return err
		}
		resp, err := w.http.Do(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cxloop serve is not ready: %w\n%s", ctx.Err(), strings.TrimSpace(w.child.output.String()))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (w *world) close() error {
	err := w.child.stop()
	w.stop()
	return errors.Join(err, <-w.stopped, w.vendors.Close())
}
