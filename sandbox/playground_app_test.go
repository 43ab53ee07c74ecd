package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testApp does in a few lines what cxloop does, over the vendors' own wire protocols: enough for the playground to have
// something to show.
type testApp struct {
	t       *testing.T
	s       *Sandbox
	vendors *httptest.Server
	app     *httptest.Server
	page    *httptest.Server
	// opened tells that a survey page was opened.
	opened chan struct{}

	// asked counts the requests with events.
	asked atomic.Int64

	mu         sync.Mutex
	clicks     []string
	surveyCode int
}

const (
	appToken  = "xoxb-test"
	appSecret = "slack-secret"
	appAPIKey = "SG.test"

	eventsSecret = "whsec_c2VjcmV0IG9mIGV2ZW50cywgMzIgYnl0ZXMgbG9uZy4="
)

// newTestApp starts a sandbox with demo data, an app that answers it, and the playground.
func newTestApp(t *testing.T) *testApp {
	t.Helper()
	a := &testApp{t: t, opened: make(chan struct{}, 1), surveyCode: http.StatusOK}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hooks/hubspot", a.takeWebhook)
	mux.HandleFunc("POST /s/{contact}", a.takeAnswer)
	mux.HandleFunc("GET /s/{contact}", func(http.ResponseWriter, *http.Request) {
		select {
		case a.opened <- struct{}{}:
		default:
		}
	})
	mux.HandleFunc("POST /hooks/slack", a.takeClick)
	mux.HandleFunc("POST /v1/events", a.takeEvents)
	mux.HandleFunc("POST /v1/responses", a.takeResponses)
	a.app = httptest.NewServer(mux)
	t.Cleanup(a.app.Close)
	var err error
	a.s, err = New(Options{
		HubSpot:  HubSpotOptions{Token: "pat-test", ClientSecret: "hubspot-secret", WebhookURL: a.app.URL + "/hooks/hubspot"},
		Slack:    SlackOptions{BotToken: appToken, SigningSecret: appSecret, InteractionsURL: a.app.URL + "/hooks/slack"},
		SendGrid: SendGridOptions{APIKey: appAPIKey},
		Logger:   slog.New(slog.DiscardHandler),
		Limits:   Limits{HubSpotOff: true, SlackOff: true, SendGridOff: true},
	})
	require.NoError(t, err)
	a.s.SeedDemo()
	a.vendors = httptest.NewServer(a.s.Handler())
	t.Cleanup(a.vendors.Close)
	a.call("/hubspot/crm/properties/"+Version+"/contacts", "pat-test", map[string]any{
		"name": "cx_nps_last", "label": "NPS", "groupName": "contactinformation", "type": "number", "fieldType": "number",
	})
	a.call("/hubspot/crm/properties/"+Version+"/companies", "pat-test", map[string]any{
		"name": "cx_model_status", "label": "Status", "groupName": "companyinformation", "type": "string", "fieldType": "text",
	})
	a.page = httptest.NewServer(a.s.Playground(PlaygroundOptions{
		App: a.app.URL, TemporalUI: "http://127.0.0.1:8233", TimeScale: 1440, CRM: "hubspot", EventsSecret: eventsSecret,
		Commands: []Command{{"cxloop results -c .cxloop/cxloop.yaml", "scores"}},
	}))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = a.s.Run(ctx)
	}()
	t.Cleanup(func() {
		require.NoError(t, a.s.Close())
		a.page.Close()
		stop()
		<-ended
	})
	return a
}

// call posts JSON to a vendor; it must be accepted.
func (a *testApp) call(path, token string, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		a.t.Error(err)
		return
	}
	req, err := http.NewRequest(http.MethodPost, a.vendors.URL+path, bytes.NewReader(raw))
	if err != nil {
		a.t.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Error(err)
		return
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	if resp.StatusCode > 299 || strings.Contains(string(answer), `"ok":false`) {
		a.t.Errorf("%s answered %d %s", path, resp.StatusCode, answer)
	}
}

func (a *testApp) mail(to *Record, subject, html string) {
	a.call("/sendgrid/v3/mail/send", appAPIKey, map[string]any{
		"personalizations": []any{map[string]any{"to": []any{map[string]string{"email": to.Get("email"), "name": to.Name()}}}},
		"from":             map[string]string{"email": "care@cxloop.example", "name": "cxloop"}, "subject": subject,
		"content": []any{
			map[string]string{"type": "text/plain", "value": "How likely are you to recommend us?"},
			map[string]string{"type": "text/html", "value": html},
		},
	})
}

func (a *testApp) takeWebhook(w http.ResponseWriter, r *http.Request) {
	var events []WebhookEvent
	if err := json.NewDecoder(r.Body).Decode(&events); err != nil {
		a.t.Error(err)
	}
	for _, e := range events {
		if !triggering(e) {
			continue
		}
		var contact *Record
		a.s.Read(func(st *State) {
			for _, t := range []string{Deals, Tickets} {
				if object := st.Record(t, fmt.Sprint(e.ObjectID)); object != nil {
					contact = linked(st, object, Contacts)
				}
			}
		})
		link := a.app.URL + "/s/" + contact.ID
		a.mail(contact, "How are we doing?", `<!doctype html><html><head><title>x</title></head><body><h1>How likely are you to recommend us?</h1>
			<p><a style="display:block;padding:150px 20px;background:#eef;text-align:center" href="`+link+`?score=9">Answer</a></p><script>document.title="broken out"</script></body></html>`)
	}
	w.WriteHeader(http.StatusOK)
}

func (a *testApp) takeAnswer(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	code := a.surveyCode
	a.mu.Unlock()
	w.WriteHeader(code)
	contact := a.s.Record(Contacts, r.PathValue("contact"))
	if code != http.StatusOK || contact == nil {
		return
	}
	score := r.PostFormValue("score")
	if err := a.s.SetProperty(Contacts, contact.ID, "cx_nps_last", score, SourceIntegration); err != nil {
		a.t.Error(err)
	}
	if score == "9" {
		a.mail(contact, "Would you tell a colleague?", `<p><a href="`+a.app.URL+`/r/`+contact.ID+`">Tell a colleague</a></p>`)
		return
	}
	a.call("/slack/api/chat.postMessage", appToken, map[string]any{
		"channel": "C0CX00001", "text": "Detractor: " + contact.Name(), "blocks": caseBlocks(contact, r.PostFormValue("comment"), "Open"),
	})
}

func caseBlocks(contact *Record, comment, state string) []any {
	text := func(kind, s string) map[string]any { return map[string]any{"type": kind, "text": s} }
	return []any{
		map[string]any{"type": "header", "text": text("plain_text", "Detractor: "+contact.Name())},
		map[string]any{"type": "section", "fields": []any{text("mrkdwn", "*State*\n"+state), text("mrkdwn", "*Score*\n2 of 10 (detractor)"),
			text("mrkdwn", "*Account*\n"+contact.Get("company")), text("mrkdwn", "*Owner*\n<@U0GRACE>")}},
		map[string]any{"type": "section", "text": text("mrkdwn", "> "+comment+"\n&gt; &lt;img src=x onerror=alert(1)&gt; <javascript:alert(1)|here>")},
		map[string]any{"type": "context", "elements": []any{text("mrkdwn", "Case `c-1` · <https://cxloop.example/c-1|open>")}},
		map[string]any{"type": "actions", "elements": []any{
			map[string]any{"type": "button", "action_id": "case_acknowledge", "value": "c-1", "style": "primary", "text": text("plain_text", "Acknowledge")},
			map[string]any{"type": "button", "action_id": "case_resolve", "value": "c-1", "text": text("plain_text", "Resolve"), "confirm": map[string]any{
				"title": text("plain_text", "Resolve the case?"), "text": text("plain_text", "The customer is asked again later."),
				"confirm": text("plain_text", "Resolve it"), "deny": text("plain_text", "Not yet")}},
		}},
	}
}

func (a *testApp) takeClick(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if got, want := r.Header.Get("X-Slack-Signature"), signSlack(appSecret, r.Header.Get("X-Slack-Request-Timestamp"), body); got != want {
		a.t.Errorf("signature %q, want %q", got, want)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var in struct {
		User    struct{ ID string }
		Channel struct{ ID string }
		Message struct{ TS string }
		Actions []struct {
			ActionID string `json:"action_id"`
		}
	}
	if err := json.Unmarshal([]byte(r.PostFormValue("payload")), &in); err != nil {
		a.t.Error(err)
		return
	}
	a.mu.Lock()
	a.clicks = append(a.clicks, in.User.ID+" "+in.Actions[0].ActionID)
	a.mu.Unlock()
	contact := a.s.Snapshot().Records(Contacts)[0]
	a.call("/slack/api/chat.update", appToken, map[string]any{
		"channel": in.Channel.ID, "ts": in.Message.TS, "text": "Detractor", "blocks": caseBlocks(contact, "", "Acknowledged by <@"+in.User.ID+">"),
	})
	a.call("/slack/api/chat.postEphemeral", appToken, map[string]any{"channel": in.Channel.ID, "user": in.User.ID, "text": "It is *yours* now."})
}

// do posts an action as the page does and returns the status and the answer.
func (a *testApp) do(action, body string) (int, string) {
	a.t.Helper()
	req, err := http.NewRequest(http.MethodPost, a.page.URL+"/playground/do/"+action, strings.NewReader(body))
	require.NoError(a.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", a.page.URL)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return a.send(req)
}

func (a *testApp) get(path string) (int, string) {
	a.t.Helper()
	req, err := http.NewRequest(http.MethodGet, a.page.URL+path, nil)
	require.NoError(a.t, err)
	return a.send(req)
}

func (a *testApp) send(req *http.Request) (int, string) {
	a.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(a.t, err)
	return resp.StatusCode, string(body)
}

func (a *testApp) state(after uint64) pageView {
	a.t.Helper()
	code, body := a.get(fmt.Sprintf("/playground/state?after=%d", after))
	require.Equal(a.t, http.StatusOK, code, body)
	var v pageView
	require.NoError(a.t, json.Unmarshal([]byte(body), &v))
	return v
}

// play plays a scenario and returns the run once it has ended.
func (a *testApp) play(name string) run {
	a.t.Helper()
	code, body := a.do("play", `{"scenario":"`+name+`"}`)
	require.Equal(a.t, http.StatusOK, code, body)
	deadline := time.Now().Add(30 * time.Second)
	for v := a.state(0); time.Now().Before(deadline); v = a.state(v.Revision) {
		if v.Runs[0].State != stateRunning {
			return v.Runs[0]
		}
	}
	a.t.Fatalf("scenario %s did not end", name)
	return run{}
}
