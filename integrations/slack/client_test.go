package slack

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
)

const testToken = "xoxb-secret"

// newTestClient is a client of a server that keeps the forms it gets.
func newTestClient(t *testing.T, answer http.HandlerFunc) (*Client, chan url.Values) {
	t.Helper()
	forms := make(chan url.Values, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		r.PostForm.Set("path", r.URL.Path)
		forms <- r.PostForm
		w.Header().Set("Content-Type", "application/json")
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	c, err := New(Options{BaseURL: server.URL + "/slack", BotToken: testToken})
	require.NoError(t, err)
	return c, forms
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {BotToken: "t", BaseURL: "http://slack.com"}} {
		_, err := New(o)
		require.Error(t, err)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	c, forms := newTestClient(t, says(200, `{"ok":true,"channel":"C1","ts":"1.2","message_ts":"1.3"}`))
	message := Message{
		Text:     "New case",
		Blocks:   []slack.Block{slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "*New case*", false, false), nil, nil)},
		Metadata: slack.SlackMetadata{EventType: "cxloop_case", EventPayload: map[string]any{"case": "c-1"}},
	}
	channel, ts, err := c.Post(t.Context(), "#cx-cases", message)
	require.NoError(t, err)
	require.Equal(t, []string{"C1", "1.2"}, []string{channel, ts})
	form := <-forms
	require.Equal(t, "/slack/api/chat.postMessage", form.Get("path"))
	require.Equal(t, "#cx-cases", form.Get("channel"))
	require.Equal(t, "New case", form.Get("text"))
	require.JSONEq(t, `[{"type":"section","text":{"type":"mrkdwn","text":"*New case*"}}]`, form.Get("blocks"))
	require.JSONEq(t, `{"event_type":"cxloop_case","event_payload":{"case":"c-1"}}`, form.Get("metadata"))

	require.NoError(t, c.Update(t.Context(), "C1", "1.2", Message{Text: "Closed"}))
	form = <-forms
	require.Equal(t, "/slack/api/chat.update", form.Get("path"))
	require.Equal(t, []string{"C1", "1.2", "[]", ""}, []string{form.Get("channel"), form.Get("ts"), form.Get("blocks"), form.Get("metadata")})

	require.NoError(t, c.Ephemeral(t.Context(), "C1", "U1", "not <you>"))
	form = <-forms
	require.Equal(t, "/slack/api/chat.postEphemeral", form.Get("path"))
	require.Equal(t, []string{"U1", "not &lt;you&gt;"}, []string{form.Get("user"), form.Get("text")})
}

func TestUserActive(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"ok":true,"user":{"id":"U1","name":"amelie"}}`: true,
		`{"ok":true,"user":{"id":"U1","deleted":true}}`:  false,
		`{"ok":true,"user":{"id":"U1","is_bot":true}}`:   false,
		`{"ok":false,"error":"user_not_found"}`:          false,
		`{"ok":false,"error":"user_not_visible"}`:        false,
	} {
		c, _ := newTestClient(t, says(200, body))
		active, err := c.UserActive(t.Context(), "U1")
		require.NoError(t, err)
		require.Equal(t, want, active, body)
	}
	c, _ := newTestClient(t, says(200, `{"ok":true}`))
	_, err := c.UserActive(t.Context(), "U1")
	require.Equal(t, integrations.RetryAfter, integrations.KindOf(err))
}

func TestErrorsAreTyped(t *testing.T) {
	t.Parallel()
	limited := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(429)
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		post   integrations.ErrorKind
		update integrations.ErrorKind
		code   string
		after  time.Duration
		hint   bool
	}{
		"rate limit": {limited, integrations.RetryAfter, integrations.RetryAfter, "ratelimited", 7 * time.Second, false},
		"429 of no time": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "soon")
			w.WriteHeader(429)
		}, integrations.RetryAfter, integrations.RetryAfter, "429", 0, false},
		"bare 429":         {says(429, ""), integrations.RetryAfter, integrations.RetryAfter, "429", 0, false},
		"not in channel":   {says(200, `{"ok":false,"error":"not_in_channel"}`), integrations.Permanent, integrations.Permanent, "not_in_channel", 0, true},
		"no channel":       {says(200, `{"ok":false,"error":"channel_not_found"}`), integrations.Permanent, integrations.Permanent, "channel_not_found", 0, true},
		"archived":         {says(200, `{"ok":false,"error":"is_archived"}`), integrations.Permanent, integrations.Permanent, "is_archived", 0, true},
		"bad token":        {says(200, `{"ok":false,"error":"invalid_auth"}`), integrations.Permanent, integrations.Permanent, "invalid_auth", 0, true},
		"revoked":          {says(200, `{"ok":false,"error":"token_revoked"}`), integrations.Permanent, integrations.Permanent, "token_revoked", 0, true},
		"scope":            {says(200, `{"ok":false,"error":"missing_scope","needed":"chat:write"}`), integrations.Permanent, integrations.Permanent, "missing_scope", 0, true},
		"bad blocks":       {says(200, `{"ok":false,"error":"invalid_blocks"}`), integrations.Permanent, integrations.Permanent, "invalid_blocks", 0, false},
		"too long":         {says(200, `{"ok":false,"error":"msg_too_long"}`), integrations.Permanent, integrations.Permanent, "msg_too_long", 0, false},
		"fatal":            {says(200, `{"ok":false,"error":"fatal_error"}`), integrations.Ambiguous, integrations.RetryAfter, "fatal_error", 0, false},
		"server error":     {says(503, "<html>"), integrations.Ambiguous, integrations.RetryAfter, "503", 0, false},
		"redirect":         {says(302, ""), integrations.Permanent, integrations.Permanent, "302", 0, true},
		"cut":              {cut, integrations.Ambiguous, integrations.RetryAfter, "no_answer", 0, false},
		"truncated answer": {says(200, `{"ok":tr`), integrations.Ambiguous, integrations.RetryAfter, "no_answer", 0, false},
		"empty answer":     {says(200, `{}`), integrations.Ambiguous, integrations.RetryAfter, "no_answer", 0, false},
		"refused, no code": {says(200, `{"ok":false}`), integrations.Ambiguous, integrations.RetryAfter, "no_answer", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newTestClient(t, c.answer)
			check := func(kind integrations.ErrorKind, err error) {
				e, ok := err.(*integrations.Error)
				require.True(t, ok, "%T %v", err, err)
				require.Equal(t, kind, e.Kind, err)
				require.Equal(t, c.code, e.Code)
				require.Equal(t, c.after, e.After)
				require.Equal(t, c.hint, e.Hint != "", e.Hint)
				require.NotContains(t, err.Error(), testToken)
				require.NotContains(t, err.Error(), "case text")
			}
			_, _, err := client.Post(t.Context(), "C1", Message{Text: "case text"})
			check(c.post, err)
			check(c.post, client.Ephemeral(t.Context(), "C1", "U1", "case text"))
			check(c.update, client.Update(t.Context(), "C1", "1.2", Message{Text: "case text"}))
			_, err = client.UserActive(t.Context(), "U1")
			check(c.update, err)
		})
	}
}

func TestUnreachableSlackIsTriedAgain(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	c, err := New(Options{BaseURL: "http://" + l.Addr().String(), BotToken: testToken})
	require.NoError(t, err)
	_, _, err = c.Post(t.Context(), "C1", Message{Text: "x"})
	require.Equal(t, integrations.RetryAfter, integrations.KindOf(err), err)
}
