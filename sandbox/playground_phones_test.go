package sandbox

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/browsertest"
)

// TestPhonesInBrowser shows what phones got, one whose owner replies STOP and one whose
// handset is unknown.
func TestPhonesInBrowser(t *testing.T) {
	t.Parallel()
	page := browsertest.Browser(t)
	replies := make(chan string, 2)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { replies <- r.FormValue("Body") }))
	t.Cleanup(app.Close)
	s, err := New(Options{Twilio: TwilioOptions{AccountSID: "AC1", AuthToken: "token", From: "+353861234567", RepliesURL: app.URL}})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	playground := httptest.NewServer(s.Playground(PlaygroundOptions{App: app.URL, TimeScale: 1}))
	t.Cleanup(playground.Close)
	page.Open(playground.URL)
	page.Wait(`document.getElementById("phones").hidden`)
	for _, to := range []string{"+4915112330005", "+4915112345601"} {
		sendSMS(t, s, to, "Acme: <b>how</b> are we doing? http://127.0.0.1:1/s/abc Reply STOP to opt out.")
	}

	page.WaitText("#phones-list li.failed", "error 30005")
	page.WaitText("#phones-list li:first-child", "to +4915112345601")
	require.Contains(t, browsertest.Eval[string](page, `document.querySelector("#phones-list li p").textContent`), "Acme: <b>how</b> are we doing? the survey Reply STOP")
	require.Equal(t, "http://127.0.0.1:1/s/abc", browsertest.Eval[string](page, `document.querySelector("#phones-list a").href`))
	page.Screenshot("playground-phones")
	page.Click("#phones-list li:first-child button")
	page.WaitText("#phones-list li:first-child", "+4915112345601: STOP")
	require.Equal(t, "STOP", <-replies)
	page.Show(390, 844, "dark")
	require.LessOrEqual(t, browsertest.Eval[int](page, "document.documentElement.scrollWidth"), 390)
	page.Screenshot("playground-phones-phone")
	require.Empty(t, page.Problems())
}

// sendSMS sends as an app does.
func sendSMS(t *testing.T, s *Sandbox, to, body string) {
	t.Helper()
	form := url.Values{"To": {to}, "From": {"+353861234567"}, "Body": {body}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/twilio/2010-04-01/Accounts/AC1/Messages.json", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("AC1", "token")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
}
