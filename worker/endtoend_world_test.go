package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/localserver"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/workflows"
	"github.com/cxloop/cxloop/workflows/histories"
)

// The account and the sender of the stand-in for Twilio.
const (
	testAccountSID = "AC0123456789abcdef0123456789abcdef"
	testSender     = "+353861234567"
)

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
	level    slog.Level    // of log
	others   *lockedBuffer // the log of the vendors' stand-ins and of Temporal's server
	calls    *calls
	yaml     []byte // of config
	// temporalFile keeps Temporal's database; "" keeps it in memory.
	temporalFile string
}

// newWorld prepares everything but the database's schema, and starts neither
// Temporal, which is at an address that is free until then, nor cxloop.
func newWorld(t *testing.T, kind database) *world {
	t.Helper()
	storeURL, keysURL, driver, source := kind.open(t)
	vendors := httptest.NewUnstartedServer(nil)
	sandboxURL := "http://" + vendors.Listener.Addr().String()
	listen, temporal := freeAddress(t), freeAddress(t)

	text := worldConfig(t, places{listen, temporal, storeURL, keysURL, sandboxURL})
	c, err := config.LoadBytes("cxloop.yaml", text, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	c.Temporal.Local = true
	if kind.sockets {
		c.Slack.SigningSecret, c.Slack.AppToken = config.Secret{}, config.NewSecret(testAppToken)
	}

	w := &world{config: c, yaml: text, url: "http://" + listen, log: &lockedBuffer{}, others: &lockedBuffer{}, calls: &calls{}, http: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of cxloop's log:\n%s\nand of the others':\n%s", w.log.tail(40000), w.others.tail(10000))
		}
	})
	w.startVendors(t, vendors, kind)
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
	return slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: w.level}))
}

func (w *world) setup() *setup {
	return &setup{config: w.config, out: io.Discard, log: w.logger()}
}

func (w *world) startVendors(t *testing.T, server *httptest.Server, kind database) {
	t.Helper()
	specs := ""
	if dir := os.Getenv("CXLOOP_TESTDATA"); dir != "" {
		specs = filepath.Join(dir, "specs")
	}
	eventsKey, public, err := newEventsKey()
	require.NoError(t, err)
	w.config.SendGrid.WebhookPublicKey = public
	options := sandbox.Options{
		PublicURL: "http://" + server.Listener.Addr().String(), SpecsDir: specs, Logger: slog.New(slog.NewTextHandler(w.others, nil)),
		HubSpot: sandbox.HubSpotOptions{
			Token: testSecret, ClientSecret: testSecret, WebhookURL: w.url + "/hooks/hubspot", ClassicEvents: kind.classic,
		},
		Slack: sandbox.SlackOptions{
			BotToken: testSecret, SigningSecret: testSecret, InteractionsURL: w.url + "/hooks/slack", AppToken: w.config.Slack.AppToken.Reveal(),
		},
		SendGrid: sandbox.SendGridOptions{APIKey: testSecret, EventsURL: w.url + "/hooks/sendgrid", EventsKey: eventsKey},
		Twilio: sandbox.TwilioOptions{
			AccountSID: testAccountSID, AuthToken: testSecret, From: testSender, RepliesURL: w.url + "/hooks/twilio", RetryBase: 50 * time.Millisecond,
		},
	}
	if kind.vendors != nil {
		kind.vendors(&options)
	}
	w.sandbox, err = sandbox.New(options)
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
		Port: port, Headless: true, SearchAttributes: attributes, DBFile: w.temporalFile, LogWriter: w.others,
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

// recordEnv names the folder, by its absolute path, to which a test that passed adds what its workflows did,
// for the replay tests.
const recordEnv = "CXLOOP_RECORD"

// recording keeps tests from numbering two histories alike.
var recording sync.Mutex

func (w *world) record(ctx context.Context, t *testing.T) {
	folder := os.Getenv(recordEnv)
	if folder == "" || t.Failed() || len(w.config.Security.PayloadKeys) > 0 {
		return
	}
	recording.Lock()
	defer recording.Unlock()
	c, err := temporalClient(w.config, w.logger())
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
	require.True(t, eventually(func() bool {
		resp, err := w.http.Get(w.url + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}), "cxloop is not ready")
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
