package llm

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
)

func newClient(t *testing.T, handle http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	c, err := New(Options{BaseURL: server.URL + "/v1/", APIKey: "only-of-the-tests", Model: "small"})
	require.NoError(t, err)
	return c
}

func TestAsk(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer only-of-the-tests" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		var got any
		_ = json.Unmarshal(body, &got)
		want := map[string]any{"model": "small", "messages": []any{
			map[string]any{"role": "system", "content": "Be brief"}, map[string]any{"role": "user", "content": "A <text>"},
		}}
		if !equal(got, want) {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = io.WriteString(w, `{"id":"x","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":" Y\u001bes.\r\n"}}],"usage":{}}`)
	})
	var status int
	c.observe = func(s int, _ time.Duration) { status = s }
	ctx := integrations.WithObserver(t.Context(), func(int, time.Duration) { t.Error("counted as a call to another vendor") })
	got, err := c.Ask(ctx, "Be brief", "A <text>")
	require.NoError(t, err)
	require.Equal(t, "Yes.", got)
	require.Equal(t, http.StatusOK, status)
}

func equal(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func TestAskFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		kind   integrations.ErrorKind
		says   string
	}{
		{401, `{"error":{"message":"Incorrect API key: only-of-the-tests"}}`, integrations.Permanent, "check language_model.api_key"},
		{404, `{"error":{"message":"no model"}}`, integrations.Permanent, "language_model.model"},
		{302, ``, integrations.Permanent, "the server refused"},
		{429, `{}`, integrations.RetryAfter, "busy"},
		{503, `<html>`, integrations.RetryAfter, "busy"},
		{200, `<html>`, integrations.Permanent, "not that of a chat completion"},
		{200, `{"choices":[]}`, integrations.RetryAfter, "wrote nothing"},
		{200, `{"choices":[{"message":{"content":null,"refusal":"no"}}]}`, integrations.RetryAfter, "wrote nothing"},
	} {
		client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		_, err := client.Ask(t.Context(), "i", "t")
		e, ok := errors.AsType[*integrations.Error](err)
		require.True(t, ok, "%d %v", c.status, err)
		require.Equal(t, c.kind, e.Kind, "%d", c.status)
		require.ErrorContains(t, err, c.says)
		require.NotContains(t, err.Error(), "only-of-the-tests", "what the server says is not repeated")
		if c.status == 429 {
			require.Equal(t, 7*time.Second, e.After)
		}
	}
	down, err := New(Options{BaseURL: "http://127.0.0.1:1", Model: "m"})
	require.NoError(t, err)
	_, err = down.Ask(t.Context(), "i", "t")
	require.ErrorContains(t, err, "unreachable")
}

func TestMistakesOfOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {BaseURL: "https://x.example"}, {Model: "m"}, {BaseURL: "http://x.example", Model: "m"}} {
		_, err := New(o)
		require.Error(t, err, o)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"choices":[{"message":{"content":"x"}}]}`))
	f.Add([]byte(`{"choices":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		text, err := read(body)
		if (text == "") != (err != nil) {
			t.Fatalf("%q: %q %v", body, text, err)
		}
	})
}
