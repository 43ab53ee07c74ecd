package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlaygroundServesOnlyItsOwnHost(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	a.s.opts.PublicURL = "http://box.internal:8090"
	for host, want := range map[string]int{
		"127.0.0.1:8090": 200, "localhost:8090": 200, "[::1]:8090": 200, "localhost": 200, "box.internal:8090": 200,
		"evil.example": 403, "evil.example:8090": 403, "localhost.evil.example": 403, "192.168.1.7:8090": 403, "box.internal": 403,
	} {
		for _, path := range []string{"/", "/playground/state", "/playground/static/main.js"} {
			req, err := http.NewRequest(http.MethodGet, a.page.URL+path, nil)
			require.NoError(t, err)
			req.Host = host
			code, _ := a.send(req)
			require.Equal(t, want, code, "%s of %s", path, host)
		}
	}
}

func TestPlaygroundTakesActionsOfItsOwnPageOnly(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	for _, tt := range []struct {
		name, header, value string
		want                int
	}{
		{"another origin", "Origin", "http://evil.example", 403},
		{"no origin at all", "Origin", "null", 403},
		{"another port", "Origin", "http://127.0.0.1:1", 403},
		{"cross-site", "Sec-Fetch-Site", "cross-site", 403},
		{"same site, another origin", "Sec-Fetch-Site", "same-site", 403},
		{"a form's type", "Content-Type", "text/plain", 415},
		{"a form", "Content-Type", "application/x-www-form-urlencoded", 415},
		{"no type", "Content-Type", "", 415},
	} {
		req, err := http.NewRequest(http.MethodPost, a.page.URL+"/playground/do/play", strings.NewReader(`{"scenario":"deal"}`))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(tt.header, tt.value)
		code, body := a.send(req)
		require.Equal(t, tt.want, code, "%s: %s", tt.name, body)
	}
	require.Empty(t, a.state(0).Runs, "a refused request starts nothing")
}

func TestPlaygroundRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	contact := a.s.Snapshot().Records(Contacts)[0]
	for _, tt := range []struct {
		action, body string
		want         int
		says         string
	}{
		{"play", `{"scenario":"nothing"}`, 404, `scenario \"nothing\"`},
		{"play", `{`, 400, "unexpected end"},
		{"play", `{"scenario":"` + strings.Repeat("x", maxAction) + `"}`, 413, "too large"},
		{"dance", `{}`, 404, "not found"},
		{"set", `{"type":"contacts","id":"1","name":"email","value":"x"}`, 404, `contacts \"1\"`},
		{"set", `{"type":"contacts","id":"` + contact.ID + `","name":"nope","value":"x"}`, 404, `property \"nope\"`},
		{"set", `{"type":"contacts","id":"` + contact.ID + `","name":"createdate","value":"x"}`, 400, "computed by the CRM"},
		{"mail", `{"id":"1","fate":"bounce"}`, 404, `mail \"1\"`},
		{"mail", `{"id":"1","fate":"vanish"}`, 404, `fate \"vanish\"`},
		{"mail", `{`, 400, "unexpected end"},
		{"click", `{"channel":"C0CX00001","ts":"1","action":"a","user":"U0GRACE"}`, 404, "message 1"},
	} {
		code, body := a.do(tt.action, tt.body)
		require.Equal(t, tt.want, code, "%s %.60s: %s", tt.action, tt.body, body)
		require.Contains(t, body, tt.says)
	}
	for path, want := range map[string]int{
		"/playground/state?after=x": 400, "/playground/mail/1": 404, "/playground/mail/1/source": 404,
		"/playground/record/contacts/1": 404, "/playground/record/cars/1": 404, "/nowhere": 404,
		"/playground/state?after=99999999": 200,
	} {
		code, body := a.get(path)
		require.Equal(t, want, code, "%s: %s", path, body)
	}
}

func TestPlaygroundStateFollowsChanges(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	first := a.state(0)
	require.Len(t, first.Channels, 4)
	require.Equal(t, 12, first.Totals[Contacts])
	require.Equal(t, 1440.0, first.Scale)
	require.Equal(t, "http://127.0.0.1:8233/namespaces/default/workflows?query=WorkflowType%3D%22InviteWorkflow%22", first.Workflows[0].URL)
	require.Equal(t, "http://127.0.0.1:8233/namespaces/default/workflows?query=WorkflowId%3D%22case%2F%7Bid%7D%22", first.CaseURL)

	next := make(chan pageView)
	go func() { next <- a.state(first.Revision) }()
	contact := first.Records[Contacts][0]
	code, body := a.do("set", `{"type":"contacts","id":"`+contact.ID+`","name":"cx_nps_last","value":"7<b>"}`)
	require.Equal(t, http.StatusOK, code, body)
	second := <-next
	require.Greater(t, second.Revision, first.Revision)
	require.Equal(t, contact.ID, second.Records[Contacts][0].ID, "what changed last comes first")
	require.Equal(t, "7<b>", second.Records[Contacts][0].Values["cx_nps_last"])

	_, raw := a.get("/playground/state")
	require.NotContains(t, raw, "<b>")
	_, raw = a.get("/playground/record/contacts/" + contact.ID)
	var record struct {
		Writable []string                     `json:"writable"`
		History  map[string][]PropertyVersion `json:"history"`
	}
	require.NoError(t, json.Unmarshal([]byte(raw), &record))
	require.Contains(t, record.Writable, "lifecyclestage")
	require.NotContains(t, record.Writable, "createdate")
	require.Equal(t, SourceUser, record.History["cx_nps_last"][0].Source)
}

func TestPlaygroundFramesMailsSafely(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	require.Equal(t, stateDone, a.play("deal").State)
	mail := a.state(0).Mails[0]
	resp, err := http.Get(a.page.URL + "/playground/mail/" + mail.ID)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	policy := resp.Header.Get("Content-Security-Policy")
	require.True(t, strings.HasPrefix(policy, "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'"), policy)
	require.NotContains(t, policy, "allow-scripts")
	_, body := a.get("/playground/mail/" + mail.ID)
	require.True(t, strings.HasPrefix(body, `<!doctype html><html><head><base target="_blank">`), body)
	_, source := a.get("/playground/mail/" + mail.ID + "/source")
	require.Contains(t, source, `"text":"How likely are you to recommend us?"`)

	resp, err = http.Get(a.page.URL + "/")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, pageCSP, resp.Header.Get("Content-Security-Policy"))
	require.NotContains(t, pageCSP, "unsafe")
}
