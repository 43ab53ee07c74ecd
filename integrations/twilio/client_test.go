package twilio_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/twilio"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

const (
	account = "AC0123456789abcdef0123456789abcdef"
	token   = "only-of-the-tests"
	sender  = "+353861234567"
	number  = "+4915112345601"
)

func newClient(t *testing.T, base string, change func(*twilio.Options)) *twilio.Client {
	t.Helper()
	o := twilio.Options{BaseURL: base, AccountSID: account, AuthToken: token, From: sender}
	if change != nil {
		change(&o)
	}
	client, err := twilio.New(o)
	require.NoError(t, err)
	return client
}

func standIn(t *testing.T) (*sandbox.Sandbox, string) {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{
		Twilio: sandbox.TwilioOptions{AccountSID: account, AuthToken: token, From: sender}, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	return box, server.URL + "/twilio"
}

// The stand-in holds the client to Twilio's contract.
func TestAgainstTheStandIn(t *testing.T) {
	t.Parallel()
	box, url := standIn(t)
	client := newClient(t, url, nil)
	before := time.Now().Add(-time.Second)
	sid, err := client.Send(t.Context(), twilio.Message{To: number, Body: "Hello https://cx.example/s/abc", StatusCallback: "http://127.0.0.1:1/x"})
	require.NoError(t, err)
	require.Len(t, sid, 34)
	box.Read(func(st *sandbox.State) {
		all := st.SMSTo(number)
		require.Len(t, all, 1)
		require.Equal(t, "Hello https://cx.example/s/abc", all[0].Body)
		require.Equal(t, sender, all[0].From)
	})

	found, err := client.Find(t.Context(), number, before, "/s/abc")
	require.NoError(t, err)
	require.Equal(t, twilio.Found{SID: sid}, found)
	for _, nothing := range []struct {
		to, tag string
		since   time.Time
	}{{number, "/s/abd", before}, {"+4915112345602", "/s/abc", before}, {number, "/s/abc", time.Now().Add(time.Minute)}} {
		found, err = client.Find(t.Context(), nothing.to, nothing.since, nothing.tag)
		require.NoError(t, err)
		require.Zero(t, found)
	}

	for kind, want := range map[sandbox.FaultKind]integrations.ErrorKind{
		sandbox.FaultCut: integrations.Ambiguous, sandbox.FaultServerError: integrations.Ambiguous,
		sandbox.FaultRateLimit: integrations.RetryAfter, sandbox.FaultRateLimitRetryAfter: integrations.RetryAfter,
	} {
		box.SetFaults(sandbox.Twilio, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{kind}})
		_, err = client.Send(t.Context(), twilio.Message{To: number, Body: "x"})
		require.Equal(t, want, integrations.KindOf(err), "%s: %v", kind, err)
		box.SetFaults(sandbox.Twilio, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{kind}})
		_, err = client.Find(t.Context(), number, before, "x")
		require.Equal(t, integrations.RetryAfter, integrations.KindOf(err), "%s: %v", kind, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	_, url := standIn(t)
	for name, test := range map[string]struct {
		change func(*twilio.Options)
		to     string
		code   string
		hint   string
		learnt survey.NumberEvent
	}{
		"not a number":     {nil, "+15005550001", "21211", "", survey.NumberDead},
		"not a mobile":     {nil, "+15005550009", "21614", "", survey.NumberDead},
		"stopped":          {nil, "+15005550004", "21610", "", survey.NumberStopped},
		"region":           {nil, "+15005550003", "21408", "", ""},
		"unreachable":      {nil, "+15005550002", "21612", "", ""},
		"other token":      {func(o *twilio.Options) { o.AuthToken = "other" }, number, "20003", "check twilio.account_sid and twilio.auth_token, or the API key", ""},
		"other account":    {func(o *twilio.Options) { o.AccountSID, o.APIKey, o.APISecret = "AC1", account, token }, number, "20404", "check twilio.account_sid and twilio.base_url", ""},
		"other sender":     {func(o *twilio.Options) { o.From = "+353861234568" }, number, "21606", "check twilio.from: the number is not one of the account's that can send SMS", ""},
		"no such service":  {func(o *twilio.Options) { o.From = "MG1" }, number, "21606", "check twilio.from: the number is not one of the account's that can send SMS", ""},
		"another base URL": {func(o *twilio.Options) { o.BaseURL += "/v9" }, number, "20404", "check twilio.account_sid and twilio.base_url", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, url, test.change).Send(t.Context(), twilio.Message{To: test.to, Body: "x"})
			var e *integrations.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, integrations.Permanent, e.Kind)
			require.Equal(t, test.code, e.Code)
			require.Equal(t, test.hint, e.Hint)
			require.Equal(t, test.learnt, twilio.NumberEventOf(e.Code))
			require.NotContains(t, e.Error(), strings.TrimPrefix(test.to, "+"))
		})
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   integrations.ErrorKind
		after  time.Duration
	}{
		"rate limit":      {429, `{"code":20429}`, integrations.RetryAfter, 7 * time.Second},
		"limit of others": {429, `<html>`, integrations.RetryAfter, 7 * time.Second},
		"queue is full":   {400, `{"code":21611}`, integrations.RetryAfter, time.Minute},
		"failed":          {503, `{"code":20503}`, integrations.Ambiguous, 0},
		"no JSON":         {201, `<html>`, integrations.Ambiguous, 0},
		"forbidden":       {403, ``, integrations.Permanent, 0},
		"moved":           {302, ``, integrations.Permanent, 0},
		"of no code":      {400, `{}`, integrations.Permanent, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			t.Cleanup(server.Close)
			_, err := newClient(t, server.URL, nil).Send(t.Context(), twilio.Message{To: number, Body: "x"})
			var e *integrations.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, test.want, e.Kind)
			require.Equal(t, test.after, e.After)
		})
	}
}

func TestUnreadableTexts(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"messages":[{"sid":"SM1","body":"","direction":"outbound-api","date_created":"` + time.Now().Format(time.RFC1123Z) + `"}]}`))
	}))
	t.Cleanup(server.Close)
	found, err := newClient(t, server.URL, nil).Find(t.Context(), number, time.Now().Add(-time.Minute), "x")
	require.NoError(t, err)
	require.Equal(t, twilio.Found{Unreadable: true}, found)
}

// A look-up has the number in its address, which no error of one holds.
func TestLookUpsNameNoNumber(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		},
		"led on": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.String()+"&again=1", http.StatusFound)
		},
		"refused": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, `{"code":20404,"message":"`+r.URL.String()+`"}`, http.StatusNotFound)
		},
		"failed": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, r.URL.String(), http.StatusInternalServerError)
		},
		"no JSON":     func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.URL.String())) },
		"unreachable": nil,
		"out of time": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"other JSON": func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(`{"messages":"` + r.URL.String() + `"}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, base := t.Context(), "http://127.0.0.1:1"
			if answer != nil {
				server := httptest.NewServer(answer)
				t.Cleanup(server.Close)
				base = server.URL
			}
			if name == "out of time" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			_, err := newClient(t, base, nil).Find(ctx, number, time.Now(), "tag")
			require.Error(t, err)
			require.NotContains(t, err.Error(), strings.TrimPrefix(number, "+"))
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []twilio.Options{
		{}, {AccountSID: account, AuthToken: token}, {AccountSID: account, From: sender},
		{AccountSID: account, AuthToken: token, From: sender, BaseURL: "http://10.0.0.1"},
	} {
		_, err := twilio.New(o)
		require.ErrorContains(t, err, "twilio: ")
	}
}

func FuzzAnswer(f *testing.F) {
	for _, body := range []string{`{"code":21211}`, `{"code":"x"}`, `{"sid":"SM1"}`, `{"messages":[{"body":null}]}`, `null`, ``, `<html>`} {
		for _, status := range []int{200, 201, 302, 400, 401, 429, 500} {
			f.Add(status, "1", body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, retryAfter, body string) {
		if status < 200 || status > 599 || strings.ContainsAny(retryAfter, "\r\n\x00") {
			t.Skip("no HTTP answer")
		}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", retryAfter)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		defer server.Close()
		client := newClient(t, server.URL, nil)
		for _, err := range []error{
			func() error { _, err := client.Send(t.Context(), twilio.Message{To: number, Body: "x"}); return err }(),
			func() error { _, err := client.Find(t.Context(), number, time.Time{}, "x"); return err }(),
		} {
			if err == nil {
				continue
			}
			var e *integrations.Error
			require.ErrorAs(t, err, &e)
			require.GreaterOrEqual(t, e.After, time.Duration(0))
			require.Less(t, len(e.Error()), 2000)
		}
	})
}
