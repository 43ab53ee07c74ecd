package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/localserver"
	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/workflows"
	"github.com/cxloop/cxloop/workflows/histories"
)

// patience is how long a test waits for what has to happen.
const patience = 30 * time.Second

// The channels that the stand-in for Slack has.
const (
	casesChannel       = "C0CX00001"
	escalationsChannel = "C0CX00002"
)

// world is cxloop in this process, with a database, a Temporal server and stand-ins
// for the vendors of its own. Tests act on it through HTTP and the stand-ins and read
// the database only for what nobody can see from outside.
type world struct {
	config   *config.Config
	sandbox  *sandbox.Sandbox
	url      string // of cxloop
	temporal *localserver.Temporal
	db       *sql.DB
	http     *http.Client
	log      *lockedBuffer
	calls    *calls
	yaml     []byte // of config
}

// database is a kind of store.
type database struct {
	name string
	// open returns the store's URL, and driver and source to read the same.
	open func(t *testing.T) (url, driver, source string)
	// classic makes HubSpot's stand-in send the older shape of webhooks.
	classic bool
}

var databases = []database{
	{name: "sqlite", open: func(t *testing.T) (string, string, string) {
		file := filepath.Join(t.TempDir(), "cxloop.db")
		return "sqlite:" + file, "sqlite", "file:" + file + "?mode=ro&_pragma=busy_timeout(5000)"
	}},
	{name: "postgres", classic: true, open: func(t *testing.T) (string, string, string) {
		url := localtest.PostgresForTests(t)
		return url, "pgx", url
	}},
}

// The secrets of all worlds.
var (
	testSecret       = strings.Repeat("s3cret-", 6)
	testEventsSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("events", 5)))
	testShopSecret   = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("orders", 5)))
)

const testMaxBody = 64 << 10

// worldYAML has a clock on which a day passes in 30 seconds, and an hour in 1.25.
var worldYAML = template.Must(template.New("").Parse(`
server: {listen: {{.Listen}}, public_url: "http://{{.Listen}}", max_body: {{.MaxBody}}}
temporal: {address: {{.Temporal}}, namespace: default}
store: {url: "{{.Store}}"}
security: {token_key: {{.Secret}}, api_tokens: [{{.Secret}}], events_secret: {{.EventsSecret}}}
crm:
  - {id: hubspot, type: hubspot, base_url: "{{.Sandbox}}/hubspot", token: {{.Secret}}, client_secret: {{.Secret}}}
  - {id: shop, type: webhook, secret: {{.ShopSecret}}}
slack: {base_url: "{{.Sandbox}}/slack", bot_token: {{.Secret}}, signing_secret: {{.Secret}}}
sendgrid: {base_url: "{{.Sandbox}}/sendgrid", api_key: {{.Secret}}, from: {email: hello@acme.example}}
brand: {name: Acme, address: "Acme, 1 Example Street"}
routing:
  default: C0CX00001
  rules: [{when: {account.tier: enterprise}, channel: C0CX00002}]
dev: {time_scale: 2880}
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
    reminder: 4h
    expiry: 8h
  - id: echo-nps
    template: nps
    trigger: {crm: hubspot, event: contact.changed, where: {property: cx_nps_last}}
  - id: order-csat
    template: csat
    trigger: {crm: shop, event: order.delivered}
    reminder: "0"
  - id: visit-nps
    template: nps
    trigger: {event: visit.ended}
    reminder: "0"
`))

// newWorld prepares everything but the database's schema, and starts neither
// Temporal, which is at an address that is free until then, nor cxloop.
func newWorld(t *testing.T, kind database) *world {
	t.Helper()
	storeURL, driver, source := kind.open(t)
	vendors := httptest.NewUnstartedServer(nil)
	sandboxURL := "http://" + vendors.Listener.Addr().String()
	listen, temporal := freeAddress(t), freeAddress(t)

	var text bytes.Buffer
	require.NoError(t, worldYAML.Execute(&text, map[string]any{
		"Listen": listen, "Temporal": temporal, "Store": storeURL, "Sandbox": sandboxURL, "MaxBody": testMaxBody,
		"Secret": testSecret, "EventsSecret": testEventsSecret, "ShopSecret": testShopSecret,
	}))
	c, err := config.LoadBytes("cxloop.yaml", text.Bytes(), func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	c.Temporal.Local = true

	w := &world{config: c, yaml: text.Bytes(), url: "http://" + listen, log: &lockedBuffer{}, calls: &calls{}, http: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of cxloop's log:\n%s", w.log.tail(40000))
		}
	})
	w.startVendors(t, vendors, kind.classic)
	w.db, err = sql.Open(driver, source)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.db.Close() })
	return w
}

func freeAddress(t *testing.T) string {
	t.Helper()
	port, err := localserver.FreePort()
	require.NoError(t, err)
	return fmt.Sprintf("127.0.0.1:%d", port)
}

func (w *world) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func (w *world) setup() *setup {
	return &setup{config: w.config, out: io.Discard, log: w.logger()}
}

func (w *world) startVendors(t *testing.T, server *httptest.Server, classic bool) {
	t.Helper()
	specs := ""
	if dir := os.Getenv("CXLOOP_TESTDATA"); dir != "" {
		specs = filepath.Join(dir, "specs")
	}
	var err error
	w.sandbox, err = sandbox.New(sandbox.Options{
		PublicURL: "http://" + server.Listener.Addr().String(), SpecsDir: specs, Logger: w.logger(),
		HubSpot: sandbox.HubSpotOptions{
			Token: testSecret, ClientSecret: testSecret, WebhookURL: w.url + "/hooks/hubspot", ClassicEvents: classic,
		},
		Slack:    sandbox.SlackOptions{BotToken: testSecret, SigningSecret: testSecret, InteractionsURL: w.url + "/hooks/slack"},
		SendGrid: sandbox.SendGridOptions{APIKey: testSecret},
	})
	require.NoError(t, err)
	server.Config.Handler = w.calls.record(w.sandbox.Handler())
	server.Start()
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.sandbox.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

// startTemporal starts the server at the configured address.
func (w *world) startTemporal(t *testing.T, attributes map[string]string) {
	t.Helper()
	needTemporal(t)
	var port int
	_, err := fmt.Sscanf(w.config.Temporal.Address, "127.0.0.1:%d", &port)
	require.NoError(t, err)
	w.temporal, err = localserver.StartTemporal(t.Context(), localserver.TemporalOptions{
		Port: port, Headless: true, SearchAttributes: attributes,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		w.record(ctx, t)
		require.NoError(t, w.temporal.Stop(ctx))
	})
}

// needTemporal skips a test on a machine without a Temporal server, and fails it in CI.
func needTemporal(t *testing.T) {
	t.Helper()
	_, err := localserver.FindTemporal()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

// searchAttributes are those that workflows need.
func searchAttributes() map[string]string {
	attributes := map[string]string{}
	for name, kind := range workflows.SearchAttributes {
		attributes[name] = kind.String()
	}
	return attributes
}

// recordEnv names the folder to which a test that passed adds what its workflows did,
// for the replay tests.
const recordEnv = "CXLOOP_RECORD"

// recording keeps tests from numbering two histories alike.
var recording sync.Mutex

func (w *world) record(ctx context.Context, t *testing.T) {
	folder := os.Getenv(recordEnv)
	if folder == "" || t.Failed() {
		return
	}
	recording.Lock()
	defer recording.Unlock()
	c, err := temporalClient(w.config.Temporal, w.logger())
	require.NoError(t, err)
	defer c.Close()
	written, err := histories.Record(ctx, c, w.config.Temporal.Namespace, folder)
	require.NoError(t, err)
	t.Logf("recorded %v", written)
}

// startApp serves until it is stopped or the test ends, and returns when HTTP does.
func (w *world) startApp(t *testing.T) (stop func()) {
	t.Helper()
	a, err := newApp(t.Context(), w.config, w.logger())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.serve(ctx, roleAll) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, a.close())
	})
	t.Cleanup(stop)
	require.Eventually(t, func() bool {
		resp, err := w.http.Get(w.url + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, patience, 20*time.Millisecond, "cxloop is not ready")
	return stop
}

// startWorld starts all parts.
func startWorld(t *testing.T, kind database) *world {
	t.Helper()
	w := newWorld(t, kind)
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)
	return w
}

// await waits until the stand-ins show what is expected.
func (w *world) await(t *testing.T, what string, f func(*sandbox.State) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := w.sandbox.WaitFor(ctx, f); err != nil {
		w.sandbox.Read(func(st *sandbox.State) {
			for _, r := range st.Refusals {
				t.Logf("refused: %s %s %s: %s", r.Method, r.Path, r.Rule, r.Detail)
			}
		})
		t.Fatalf("not seen within %s: %s", patience, what)
	}
}

// eventually reports whether something becomes true in time.
func eventually(f func() bool) bool {
	ticker, end := time.NewTicker(5*time.Millisecond), time.After(patience)
	defer ticker.Stop()
	for !f() {
		select {
		case <-ticker.C:
		case <-end:
			return false
		}
	}
	return true
}

// number reads a single number from the database. The query must hold no text from
// outside the test.
func (w *world) number(t *testing.T, query string) int {
	t.Helper()
	var n int
	require.NoError(t, w.db.QueryRowContext(t.Context(), query).Scan(&n), query)
	return n
}

// awaitNumber waits until a query gives a number.
func (w *world) awaitNumber(t *testing.T, want int, what, query string) {
	t.Helper()
	require.Eventually(t, func() bool { return w.number(t, query) == want }, patience, 20*time.Millisecond, what)
}

// calls keeps what cxloop sent to the vendors.
type calls struct {
	mu   sync.Mutex
	list []call
}

type call struct {
	method, path string
	body         []byte
}

func (c *calls) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		c.list = append(c.list, call{r.Method, r.URL.Path, body})
		c.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// to returns the calls whose path contains a text, oldest first.
func (c *calls) to(path string) []call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []call
	for _, one := range c.list {
		if strings.Contains(one.path, path) {
			out = append(out, one)
		}
	}
	return out
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *lockedBuffer) tail(bytes int) string {
	text := b.String()
	return text[max(0, len(text)-bytes):]
}
