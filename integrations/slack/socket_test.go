package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	api "github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/sandbox"
)

const appToken = "xapp-sandbox-token"

// logged keeps what is logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

// socketed is a stand-in in Socket Mode, with a message that has a button.
type socketed struct {
	*sandbox.Sandbox
	url         string
	channel, ts string
	log         *logged
}

func newSocketed(t *testing.T) *socketed {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	box, err := sandbox.New(sandbox.Options{
		PublicURL: "http://" + server.Listener.Addr().String(), Slack: sandbox.SlackOptions{BotToken: token, AppToken: appToken},
		Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	server.Config.Handler = box.Handler()
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(func() { require.NoError(t, box.Close()) })
	s := &socketed{Sandbox: box, url: server.URL + "/slack", log: &logged{}}
	client, err := slack.New(slack.Options{BaseURL: s.url, BotToken: token})
	require.NoError(t, err)
	plain := func(text string) *api.TextBlockObject {
		return api.NewTextBlockObject(api.PlainTextType, text, false, false)
	}
	s.channel, s.ts, err = client.Post(t.Context(), "cx-cases", slack.Message{Text: "New case", Blocks: []api.Block{
		api.NewActionBlock("", api.NewButtonBlockElement("case_acknowledge", "c1.1", plain("Acknowledge"))),
	}})
	require.NoError(t, err)
	return s
}

// listen listens until the test ends.
func (s *socketed) listen(t *testing.T, token string, handle slack.Handler) {
	t.Helper()
	client, err := slack.New(slack.Options{BaseURL: s.url, BotToken: "xoxb-sandbox-token", AppToken: token})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- client.Listen(ctx, slog.New(slog.NewTextHandler(s.log, nil)), handle) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
}

func (s *socketed) connected(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return s.Sockets() == n }, 30*time.Second, 10*time.Millisecond)
}

func (s *socketed) click() (*sandbox.Interaction, error) {
	return s.Click(s.channel, s.ts, "case_acknowledge", "U0GRACE")
}

func TestListen(t *testing.T) {
	t.Parallel()
	s := newSocketed(t)
	var refuse atomic.Bool
	s.listen(t, appToken, func(_ context.Context, payload []byte) (any, error) {
		in, err := slack.ParsePayload(payload)
		if err != nil || refuse.Load() {
			return nil, errors.Join(err, errors.New("the disk is full"))
		}
		return map[string]string{"pressed": in.Actions[0].ActionID}, nil
	})
	s.connected(t, 1)
	in, err := s.click()
	require.NoError(t, err)
	require.JSONEq(t, `{"pressed":"case_acknowledge"}`, in.Response)

	refuse.Store(true)
	_, err = s.click()
	require.ErrorContains(t, err, "not acknowledged within 3s")
	require.True(t, s.log.has("the disk is full"))
	refuse.Store(false)

	// Slack asks for another connection every few hours.
	s.RefreshSockets("refresh_requested")
	require.Eventually(t, func() bool {
		in, err := s.click()
		return err == nil && json.Valid([]byte(in.Response))
	}, 30*time.Second, 50*time.Millisecond)
	s.Read(func(st *sandbox.State) { require.Empty(t, st.Refusals) })
}

// What is under way when the process is told to stop is kept; whoever pressed is told otherwise.
func TestListenEndsInOrder(t *testing.T) {
	t.Parallel()
	s := newSocketed(t)
	client, err := slack.New(slack.Options{BaseURL: s.url, BotToken: token, AppToken: appToken})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var kept atomic.Bool
	ended := make(chan error, 1)
	go func() {
		ended <- client.Listen(ctx, slog.New(slog.DiscardHandler), func(ctx context.Context, _ []byte) (any, error) {
			stop()
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			kept.Store(true)
			return nil, nil
		})
	}()
	s.connected(t, 1)
	_, _ = s.click()
	require.NoError(t, <-ended)
	require.True(t, kept.Load())
	s.connected(t, 0)
}

func TestListenWithoutAToken(t *testing.T) {
	t.Parallel()
	s := newSocketed(t)
	client, err := slack.New(slack.Options{BaseURL: s.url, BotToken: token})
	require.NoError(t, err)
	require.ErrorContains(t, client.Listen(t.Context(), slog.New(slog.DiscardHandler), nil), "slack.app_token")

	s.listen(t, "xapp-of-another-app", nil)
	require.Eventually(t, func() bool { return s.log.has("check slack.app_token") }, 30*time.Second, 10*time.Millisecond)
	require.False(t, s.log.has("xapp-of"))
}

func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	s := newSocketed(t)
	taken := func(context.Context, []byte) (any, error) { return nil, nil }
	for range 10 {
		s.listen(t, appToken, taken)
	}
	s.connected(t, 10)
	s.listen(t, appToken, taken)
	require.Eventually(t, func() bool { return s.log.has("an app has ten at most") }, 30*time.Second, 10*time.Millisecond)
	_, err := s.click()
	require.NoError(t, err)
}
