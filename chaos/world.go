package chaos

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"text/template"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to count in the store
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/cxloop/cxloop/codec"
	"github.com/cxloop/cxloop/localserver"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/workflows"
)

// world is cxloop in two processes on two servers of their own, with stand-ins for
// the vendors in this one.
type world struct {
	folder   string
	secret   string
	postgres *localserver.Postgres
	temporal *localserver.Temporal
	options  localserver.TemporalOptions
	client   client.Client
	db       *sql.DB

	sandbox *sandbox.Sandbox
	calls   *calls
	network *network
	vendors *http.Server
	// eventsKey signs what SendGrid tells of mails, payloadKey encrypts what Temporal keeps.
	eventsKey  *ecdsa.PrivateKey
	payloadKey codec.Key

	app          string // base URL
	http, worker *process

	stop    context.CancelFunc
	running sync.WaitGroup
}

// The databases.
const (
	database = "cxloop"
	keystore = "cxloop_keys"
)

// channel is where the cases go; the stand-in for Slack has it.
const channel = "C0CX00001"

// eventsLinger is longer than it takes until a mail in doubt is first asked about:
// SendGrid gathers its events for up to 30 seconds.
const eventsLinger = 8 * time.Second

// cxloopYAML has a clock on which an hour passes in six seconds: an answer that
// nobody completes is final in time, and the quarantine outlasts the run.
var cxloopYAML = template.Must(template.New("").Parse(`
server: {listen: {{.Listen}}, public_url: "http://{{.Listen}}"}
temporal: {address: {{.Temporal}}, namespace: {{.Namespace}}}
store: {url: "{{.Store}}", keys_url: "{{.Keys}}"}
security: {token_key: {{.Secret}}, master_keys: [{id: {{.PayloadKeyID}}, key: {{.PayloadKey}}}], api_tokens: [{{.Secret}}], payload_keys: [{id: {{.PayloadKeyID}}, key: {{.PayloadKey}}}]}
crm:
  - {id: hubspot, type: hubspot, base_url: "{{.Sandbox}}/hubspot", token: {{.Secret}}, client_secret: {{.Secret}}, cases: task}
  - {id: shop, type: webhook, secret: "whsec_{{.Secret}}"}
slack: {base_url: "{{.Sandbox}}/slack", bot_token: {{.Secret}}, signing_secret: {{.Secret}}, rate: 1000}
sendgrid: {base_url: "{{.Sandbox}}/sendgrid", api_key: {{.Secret}}, webhook_public_key: {{.EventsKey}}, from: {email: chaos@cxloop.example}}
brand: {name: Chaos}
contact_rules: {quarantine: 30d}
routing: {default: {{.Channel}}}
dev: {time_scale: 600}
programs:
  - id: deals
    template: nps
    trigger: {crm: hubspot, event: deal.changed, where: {property: dealstage, value: closedwon}}
    delay: 0s
    reminder: 2h
    follow_up: {referral: {delay: 5m, url: "{{.Sandbox}}/"}}
  - id: orders
    template: nps
    trigger: {crm: shop, event: order.delivered}
    delay: 0s
    reminder: 2h
`))

func newWorld(ctx context.Context, o Options, folder string) (_ *world, err error) {
	w := &world{folder: folder, secret: base64.StdEncoding.EncodeToString([]byte(rand.Text())), network: newNetwork(o.Seed)}
	if err := w.makeKeys(); err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if err := w.startServers(ctx); err != nil {
		return nil, err
	}
	port, err := localserver.FreePort()
	if err != nil {
		return nil, err
	}
	listen := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	w.app = "http://" + listen
	vendors, err := w.startVendors(running, o.Seed)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(folder, "cxloop.yaml")
	if err := w.writeConfig(config, listen, vendors); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, o.Program, "setup", "-c", config).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("setup: %w\n%s", err, out)
	}
	if w.http, err = w.serve(running, o.Program, config, "http"); err != nil {
		return nil, err
	}
	w.worker, err = w.serve(running, o.Program, config, "worker")
	return w, err
}

func (w *world) makeKeys() (err error) {
	w.payloadKey = codec.Key{ID: "chaos", Secret: make([]byte, codec.KeySize)}
	if _, err := rand.Read(w.payloadKey.Secret); err != nil {
		return err
	}
	w.eventsKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return err
}

func (w *world) startServers(ctx context.Context) (err error) {
	// What is committed has to outlive a crash of the server, not of the machine.
	durable := map[string]string{"synchronous_commit": "on"}
	if w.postgres, err = localserver.StartPostgres(ctx, localserver.PostgresOptions{Settings: durable}); err != nil {
		return err
	}
	for _, name := range []string{database, keystore} {
		if err := w.postgres.CreateDatabase(ctx, name); err != nil {
			return err
		}
	}
	if w.db, err = sql.Open("pgx", w.postgres.URL(database)); err != nil {
		return err
	}
	port, err := localserver.FreePort()
	if err != nil {
		return err
	}
	w.options = localserver.TemporalOptions{
		Port: port, Namespace: client.DefaultNamespace, DBFile: filepath.Join(w.folder, "temporal.db"), Headless: true, SearchAttributes: map[string]string{},
	}
	for name, kind := range workflows.SearchAttributes {
		w.options.SearchAttributes[name] = kind.String()
	}
	if w.temporal, err = localserver.StartTemporal(ctx, w.options); err != nil {
		return err
	}
	w.client, err = client.NewLazyClient(client.Options{
		HostPort: w.temporal.Address, Namespace: w.temporal.Namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	return err
}

// startVendors returns the stand-ins' base URL.
func (w *world) startVendors(running context.Context, seed uint64) (address string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	const plenty = 1_000_000
	address = "http://" + listener.Addr().String()
	w.sandbox, err = sandbox.New(sandbox.Options{
		PublicURL: address, Seed: seed, Logger: slog.New(slog.DiscardHandler), HTTPClient: &http.Client{Transport: w.network},
		HubSpot: sandbox.HubSpotOptions{
			Token: w.secret, ClientSecret: w.secret, WebhookURL: w.app + "/hooks/hubspot", RetryBase: 100 * time.Millisecond,
		},
		Slack: sandbox.SlackOptions{BotToken: w.secret, SigningSecret: w.secret, InteractionsURL: w.app + "/hooks/slack"},
		SendGrid: sandbox.SendGridOptions{
			APIKey: w.secret, EventsURL: w.app + "/hooks/sendgrid", EventsKey: w.eventsKey,
			EventsLinger: eventsLinger, EventsRetryBase: 100 * time.Millisecond,
		},
		Limits: sandbox.Limits{SlackOff: true},
		Keep:   sandbox.Keep{Mails: plenty, Messages: plenty, Deliveries: plenty, Interactions: plenty},
	})
	if err != nil {
		return "", errors.Join(err, listener.Close())
	}
	w.calls = &calls{next: w.sandbox.Handler()}
	w.vendors = &http.Server{Handler: w.calls, ReadHeaderTimeout: 5 * time.Second}
	w.running.Go(func() { _ = w.vendors.Serve(listener) })
	w.running.Go(func() { _ = w.sandbox.Run(running) })
	return address, nil
}

func (w *world) writeConfig(path, listen, vendors string) error {
	eventsKey, err := sandbox.EventsPublicKey(w.eventsKey)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	err = cxloopYAML.Execute(file, map[string]any{
		"Listen": listen, "Temporal": w.temporal.Address, "Namespace": w.temporal.Namespace,
		"Store": w.postgres.URL(database), "Keys": w.postgres.URL(keystore), "Secret": w.secret, "Sandbox": vendors, "Channel": channel,
		"PayloadKeyID": w.payloadKey.ID, "PayloadKey": base64.StdEncoding.EncodeToString(w.payloadKey.Secret), "EventsKey": eventsKey,
	})
	return errors.Join(err, file.Close())
}

func (w *world) serve(running context.Context, program, config, role string) (*process, error) {
	log, err := os.Create(filepath.Join(w.folder, role+".log"))
	if err != nil {
		return nil, err
	}
	p := &process{program: program, args: []string{"serve", "-c", config, "--role", role}, log: log}
	w.running.Go(func() { _ = errors.Join(p.run(running), log.Close()) })
	return p, nil
}

// strike kills one part and starts it again.
func (w *world) strike(ctx context.Context, t target) error {
	switch t {
	case httpProcess:
		return w.http.kill(ctx)
	case workerProcess:
		return w.worker.kill(ctx)
	case postgresServer:
		return w.postgres.Crash(ctx)
	}
	if err := syscall.Kill(w.temporal.PID, syscall.SIGKILL); err != nil {
		return err
	}
	<-w.temporal.Done()
	server, err := localserver.StartTemporal(ctx, w.options)
	if err != nil {
		return fmt.Errorf("start Temporal again: %w", err)
	}
	w.temporal = server
	return nil
}

// close ends everything that was started.
func (w *world) close() (err error) {
	w.stop()
	if w.vendors != nil {
		err = w.vendors.Close()
	}
	w.running.Wait()
	ending, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if w.client != nil {
		w.client.Close()
	}
	if w.temporal != nil {
		err = errors.Join(err, w.temporal.Stop(ending))
	}
	if w.db != nil {
		err = errors.Join(err, w.db.Close())
	}
	if w.postgres != nil {
		err = errors.Join(err, w.postgres.Stop(ending))
	}
	return err
}
