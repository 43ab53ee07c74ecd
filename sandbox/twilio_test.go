package sandbox

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	twilioAccount = "AC0123456789abcdef0123456789abcdef"
	twilioToken   = "t0ken"
	twilioNumber  = "+353861234567"
	phoneNumber   = "+4915112345601"
)

// notices are the webhooks that an app got, which answers each with the next status, then 200.
type notices struct {
	url string
	got chan url.Values
}

func standWithPhones(t *testing.T, statuses ...int) (*stand, notices) {
	t.Helper()
	n := notices{got: make(chan url.Values, 100)}
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ParseForm() != nil || r.Header.Get("X-Twilio-Signature") != signTwilio(twilioToken, n.url+r.URL.RequestURI(), r.PostForm) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if len(statuses) > 0 {
			w.WriteHeader(statuses[0])
			statuses = statuses[1:]
		}
		n.got <- r.PostForm
	}))
	t.Cleanup(app.Close)
	n.url = app.URL
	st := newStand(t, func(o *Options) {
		o.Twilio = TwilioOptions{
			AccountSID: twilioAccount, AuthToken: twilioToken, From: twilioNumber, RepliesURL: app.URL + "/hooks/twilio", RetryBase: time.Millisecond,
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- st.s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return st, n
}

// sms posts a message; fields are names and values by turns, over those of a good one.
func (st *stand) sms(fields ...string) (*http.Response, map[string]any) {
	st.t.Helper()
	form := url.Values{"To": {phoneNumber}, "From": {twilioNumber}, "Body": {"Hello"}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
		if fields[i+1] == "" {
			form.Del(fields[i])
		}
	}
	return st.post("/twilio/2010-04-01/Accounts/"+twilioAccount+"/Messages.json", formType, form.Encode(), twilioAuth(twilioToken))
}

func twilioAuth(token string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(twilioAccount+":"+token))}}
}

func TestTwilioRefuses(t *testing.T) {
	t.Parallel()
	st, _ := standWithPhones(t)
	for name, test := range map[string]struct {
		fields []string
		code   int
	}{
		"no number":            {[]string{"To", ""}, 21604},
		"national number":      {[]string{"To", "015112345601"}, 21211},
		"no sender":            {[]string{"From", ""}, 21603},
		"sender of another":    {[]string{"From", "+353861234568"}, 21606},
		"number as a service":  {[]string{"From", "", "MessagingServiceSid", twilioNumber}, 21606},
		"nothing to say":       {[]string{"Body", ""}, 21602},
		"too much to say":      {[]string{"Body", strings.Repeat("é", 1601)}, 21617},
		"callback of nowhere":  {[]string{"StatusCallback", "nowhere"}, 21609},
		"test number: invalid": {[]string{"To", "+15005550001"}, 21211},
		"test number: stopped": {[]string{"To", "+15005550004"}, 21610},
	} {
		resp, body := st.sms(test.fields...)
		require.Equal(t, http.StatusBadRequest, resp.StatusCode, name)
		require.EqualValues(t, test.code, body["code"], name)
		require.True(t, strings.HasPrefix(st.lastRefusal().Rule, "twilio/"), name)
	}
	path := "/twilio/2010-04-01/Accounts/" + twilioAccount + "/Messages.json"
	resp, body := st.post(path, formType, "To=x", twilioAuth("other"))
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.EqualValues(t, 20003, body["code"])
	resp, _ = st.post(path, "application/json", "{}", twilioAuth(twilioToken))
	require.Equal(t, http.StatusUnsupportedMediaType, resp.StatusCode)
	require.Empty(t, st.s.Snapshot().SMS)
}

func TestTwilioTellsWhatBecameOfMessages(t *testing.T) {
	t.Parallel()
	// The first webhook is not taken, and repeated.
	st, n := standWithPhones(t, http.StatusServiceUnavailable)
	for _, test := range []struct {
		number string
		want   []string
	}{{phoneNumber, []string{"sent", "sent", "delivered"}}, {"+4915112330005", []string{"sent", "undelivered 30005"}}} {
		resp, body := st.sms("To", test.number, "StatusCallback", n.url+"/hooks/twilio?id=1#rc=2&rp=all")
		require.Equal(t, http.StatusCreated, resp.StatusCode)
		require.Equal(t, "queued", body["status"])
		for _, status := range test.want {
			form := <-n.got
			require.Equal(t, body["sid"], form.Get("MessageSid"))
			require.Equal(t, status, strings.TrimSpace(form.Get("MessageStatus")+" "+form.Get("ErrorCode")))
		}
	}
}

func TestPhonesReply(t *testing.T) {
	t.Parallel()
	st, n := standWithPhones(t)
	for _, step := range []struct {
		word, optOut string
		status       int // of the next message to the number
	}{{"stop", "STOP", 400}, {"why?", "", 400}, {"START", "START", 201}} {
		require.NoError(t, st.s.ReplySMS(phoneNumber, step.word))
		form := <-n.got
		require.Equal(t, []string{phoneNumber, twilioNumber, step.word, step.optOut},
			[]string{form.Get("From"), form.Get("To"), form.Get("Body"), form.Get("OptOutType")})
		resp, _ := st.sms()
		require.Equal(t, step.status, resp.StatusCode, step.word)
	}
	require.Error(t, st.s.ReplySMS("0151", "STOP"))
}

func TestTwilioLimitsCalls(t *testing.T) {
	t.Parallel()
	st, _ := standWithPhones(t)
	for range twilioPerSecond {
		resp, _ := st.sms()
		require.Equal(t, http.StatusCreated, resp.StatusCode)
	}
	resp, body := st.sms()
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Equal(t, "1", resp.Header.Get("Retry-After"))
	require.EqualValues(t, 20429, body["code"])
}

func TestPhonesSurvive(t *testing.T) {
	t.Parallel()
	options := Options{
		StateFile: filepath.Join(t.TempDir(), "sandbox.json"), Logger: slog.New(slog.DiscardHandler),
		Twilio: TwilioOptions{AccountSID: twilioAccount, AuthToken: twilioToken, From: twilioNumber, RepliesURL: "http://127.0.0.1:1"},
	}
	s, err := New(options)
	require.NoError(t, err)
	require.NoError(t, s.ReplySMS(phoneNumber, "STOP"))
	require.NoError(t, s.Close())
	again, err := New(options)
	require.NoError(t, err)
	require.Equal(t, s.Snapshot().SMS[0].SID, again.Snapshot().SMS[0].SID)
	require.True(t, again.Snapshot().stopped[phoneNumber])
}
