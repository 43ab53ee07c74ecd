package sandbox

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
)

const (
	slackToken  = "xoxb-test"
	slackSecret = "shh"
	sendGridKey = "SG.test"
	casesID     = "C0CX00001"
)

// stand is a sandbox behind a real HTTP server.
type stand struct {
	t     *testing.T
	s     *Sandbox
	clock *testClock
	url   string
}

// testContracts are shared by all stands, nil where the test data is not at hand.
var testContracts = sync.OnceValues(func() (*contracts, error) {
	if dir := os.Getenv("CXLOOP_TESTDATA"); dir != "" {
		return loadContracts(filepath.Join(dir, "specs"))
	}
	return nil, nil
})

// testData reads a file of the test data, or skips the test.
func testData(t *testing.T, path string) []byte {
	t.Helper()
	dir := os.Getenv("CXLOOP_TESTDATA")
	if dir == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	raw, err := os.ReadFile(filepath.Join(dir, path))
	require.NoError(t, err)
	return raw
}

func newStand(t *testing.T, change func(*Options)) *stand {
	t.Helper()
	clock := newTestClock()
	var s *Sandbox
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Handler().ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	opts := Options{
		Slack:     SlackOptions{BotToken: slackToken, SigningSecret: slackSecret},
		SendGrid:  SendGridOptions{APIKey: sendGridKey},
		PublicURL: srv.URL, Now: clock.now, Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&opts)
	}
	var err error
	s, err = New(opts)
	require.NoError(t, err)
	s.contract, err = testContracts()
	require.NoError(t, err)
	return &stand{t: t, s: s, clock: clock, url: srv.URL}
}

// post sends a body and returns the answer with its JSON, nil where there is none.
func (st *stand) post(path, contentType, body string, header http.Header) (*http.Response, map[string]any) {
	st.t.Helper()
	req, err := http.NewRequestWithContext(st.t.Context(), http.MethodPost, st.url+path, strings.NewReader(body))
	require.NoError(st.t, err)
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(st.t, err)
	defer resp.Body.Close() //nolint:errcheck // read to its end
	var v map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&v)
	return resp, v
}

// try sends a request that may stay without an answer: then the status is 0.
func (st *stand) try(path, contentType, body string) (int, http.Header) {
	st.t.Helper()
	req, err := http.NewRequestWithContext(st.t.Context(), http.MethodPost, st.url+path, strings.NewReader(body))
	require.NoError(st.t, err)
	req.Header.Set("Content-Type", contentType)
	if contentType != formType {
		req.Header.Set("Authorization", "Bearer "+sendGridKey)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, http.Header{}
	}
	defer resp.Body.Close() //nolint:errcheck // only its head counts
	return resp.StatusCode, resp.Header
}

const formType = "application/x-www-form-urlencoded"

// slack calls a method with a form; a value that is not a string is sent as JSON.
func (st *stand) slack(method string, args map[string]any) (*http.Response, map[string]any) {
	st.t.Helper()
	form := url.Values{"token": {slackToken}}
	for name, v := range args {
		text, ok := v.(string)
		if !ok {
			raw, err := json.Marshal(v)
			require.NoError(st.t, err)
			text = string(raw)
		}
		form.Set(name, text)
	}
	return st.post("/slack/api/"+method, formType, form.Encode(), nil)
}

// lastRefusal is the latest refusal, an empty one where there is none.
func (st *stand) lastRefusal() Refusal {
	var out Refusal
	st.s.Read(func(s *State) {
		if n := len(s.Refusals); n > 0 {
			out = *s.Refusals[n-1]
		}
	})
	return out
}

// refusals lists what was refused, for a test that expects nothing.
func (st *stand) refusals() []string {
	var out []string
	st.s.Read(func(s *State) {
		for _, r := range s.Refusals {
			out = append(out, r.Rule+": "+r.Detail)
		}
	})
	return out
}

func TestSlackAndSendGridFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind FaultKind
		// status is the answer's, 0 where the connection ends without one.
		status     int
		retryAfter string
		done       bool
	}{
		{FaultRateLimit, http.StatusTooManyRequests, "", false},
		{FaultRateLimitRetryAfter, http.StatusTooManyRequests, "3", false},
		{FaultServerError, http.StatusInternalServerError, "", false},
		{FaultCut, 0, "", true},
		{FaultHang, http.StatusGatewayTimeout, "", false},
	} {
		fault := Faults{Rate: 1, Kinds: []FaultKind{tc.kind}, Count: 1, RetryAfter: 2500 * time.Millisecond, Hang: time.Millisecond}
		t.Run("slack/"+string(tc.kind), func(t *testing.T) {
			t.Parallel()
			st := newStand(t, nil)
			st.s.SetFaults(Slack, fault)
			status, header := st.try("/slack/api/chat.postMessage", formType, "channel=cx-cases&text=x&token="+slackToken)
			require.Equal(t, tc.status, status)
			require.Equal(t, tc.retryAfter, header.Get("Retry-After"))
			require.Equal(t, tc.done, st.s.Snapshot().Counts.Messages == 1)
			_, _, err := st.slackClient().PostMessageContext(t.Context(), "cx-cases", slack.MsgOptionText("y", false))
			require.NoError(t, err, "the fault is over")
		})
		t.Run("sendgrid/"+string(tc.kind), func(t *testing.T) {
			t.Parallel()
			st := newStand(t, nil)
			st.s.SetFaults(SendGrid, fault)
			raw, err := json.Marshal(plainMail())
			require.NoError(t, err)
			status, header := st.try("/sendgrid/v3/mail/send", "application/json", string(raw))
			require.Equal(t, tc.status, status)
			require.Equal(t, tc.retryAfter, header.Get("Retry-After"))
			require.Equal(t, tc.done, st.s.Snapshot().Counts.Mails == 1)
			resp, err := st.send(npsMail("b@x.example"))
			require.NoError(t, err)
			require.Equal(t, http.StatusAccepted, resp.StatusCode, "the fault is over")
		})
	}
}
