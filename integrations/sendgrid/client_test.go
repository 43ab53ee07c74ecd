package sendgrid

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
)

const testKey = "SG.secret"

func newTestClient(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c, err := New(Options{BaseURL: server.URL + "/sendgrid", APIKey: testKey})
	require.NoError(t, err)
	return c
}

func testMail(recipients ...string) Mail {
	m := Mail{From: Address{Email: "hello@cx.example", Name: "CX"}, Subject: "How did we do?", Text: "Hi -name-", HTML: "<p>Hi -name-</p>"}
	for _, email := range recipients {
		m.Recipients = append(m.Recipients, Recipient{Address: Address{Email: email}})
	}
	return m
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {APIKey: "k", BaseURL: "http://api.sendgrid.com"}} {
		_, err := New(o)
		require.Error(t, err)
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	var got struct {
		path, auth string
		body       []byte
	}
	c := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		got.path, got.auth = r.URL.Path, r.Header.Get("Authorization")
		got.body, _ = io.ReadAll(r.Body)
		w.Header().Set("X-Message-Id", "m-1")
		w.WriteHeader(http.StatusAccepted)
	})
	m := testMail("lena@nordwind.example")
	m.ReplyTo = Address{Email: "team@cx.example"}
	m.Categories = []string{"invitation"}
	m.CustomArgs = map[string]string{"effect": "e-1"}
	m.Recipients[0].Name = "Lena"
	m.Recipients[0].Subject = "Wie war es?"
	m.Recipients[0].Substitutions = map[string]string{"-name-": "Lena"}
	m.Recipients[0].Headers = map[string]string{"List-Unsubscribe": "<https://cx.example/u/t>"}
	m.Recipients[0].CustomArgs = map[string]string{"invitation": "i-1"}
	id, err := c.Send(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, "m-1", id)
	require.Equal(t, "/sendgrid/v3/mail/send", got.path)
	require.Equal(t, "Bearer "+testKey, got.auth)
	require.JSONEq(t, `{
		"from":{"email":"hello@cx.example","name":"CX"},"reply_to":{"email":"team@cx.example"},"subject":"How did we do?",
		"content":[{"type":"text/plain","value":"Hi -name-"},{"type":"text/html","value":"<p>Hi -name-</p>"}],
		"categories":["invitation"],"custom_args":{"effect":"e-1"},
		"tracking_settings":{"click_tracking":{"enable":false,"enable_text":false},"open_tracking":{"enable":false},"subscription_tracking":{"enable":false}},
		"personalizations":[{"to":[{"email":"lena@nordwind.example","name":"Lena"}],"subject":"Wie war es?","substitutions":{"-name-":"Lena"},
			"headers":{"List-Unsubscribe":"<https://cx.example/u/t>"},"custom_args":{"invitation":"i-1"}}]}`, string(got.body))
}

// A client that keeps the body of a send in itself mails some twice and others
// never.
func TestConcurrentSendsKeepTheirRecipients(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	mailed := map[string]int{}
	c := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Personalizations []struct {
				To []struct {
					Email string `json:"email"`
				} `json:"to"`
			} `json:"personalizations"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		mu.Lock()
		mailed[body.Personalizations[0].To[0].Email]++
		mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	})
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if _, err := c.Send(t.Context(), testMail(fmt.Sprintf("c%d@x.example", i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Len(t, mailed, 100)
}

func TestErrorsAreTyped(t *testing.T) {
	t.Parallel()
	says := func(status int, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	now := time.Unix(1_790_000_000, 0)
	const refused = `{"errors":[{"message":"lena@nordwind.example is bad","field":"personalizations.0.to","help":null}]}`
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   integrations.ErrorKind
		code   string
		after  time.Duration
		hint   bool
	}{
		"rate limit, reset":   {says(429, "", "X-RateLimit-Reset", strconv.FormatInt(now.Unix()+9, 10)), integrations.RetryAfter, "429", 9 * time.Second, false},
		"rate limit, after":   {says(429, "", "Retry-After", "3"), integrations.RetryAfter, "429", 3 * time.Second, false},
		"rate limit, past":    {says(429, "", "X-RateLimit-Reset", "1"), integrations.RetryAfter, "429", 0, false},
		"rate limit, bare":    {says(429, ""), integrations.RetryAfter, "429", 0, false},
		"bad request":         {says(400, refused), integrations.Permanent, "400", 0, false},
		"too large":           {says(413, ""), integrations.Permanent, "413", 0, false},
		"bad key":             {says(401, ""), integrations.Permanent, "401", 0, true},
		"sender not verified": {says(403, ""), integrations.Permanent, "403", 0, true},
		"wrong address":       {says(404, ""), integrations.Permanent, "404", 0, true},
		"redirect":            {says(301, ""), integrations.Permanent, "301", 0, true},
		"not accepted":        {says(200, ""), integrations.Ambiguous, "200", 0, false},
		"server error":        {says(500, "<html>"), integrations.Ambiguous, "500", 0, false},
		"cut":                 {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, integrations.Ambiguous, "no_answer", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			client := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				_, _ = io.Copy(io.Discard, r.Body)
				c.answer(w, r)
			})
			client.now = func() time.Time { return now }
			_, err := client.Send(t.Context(), testMail("lena@nordwind.example"))
			e, ok := err.(*integrations.Error)
			require.True(t, ok, "%T %v", err, err)
			require.Equal(t, c.kind, e.Kind, err)
			require.Equal(t, c.code, e.Code)
			require.Equal(t, c.after, e.After)
			require.Equal(t, c.hint, e.Hint != "")
			require.EqualValues(t, 1, calls.Load())
			for _, secret := range []string{testKey, "nordwind"} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

func TestAcceptedCountsThoughTheAnswerIsCut(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Message-Id", "m-2")
		w.Header().Set("Content-Length", "10")
		w.WriteHeader(http.StatusAccepted)
	})
	id, err := c.Send(t.Context(), testMail("a@x.example"))
	require.NoError(t, err)
	require.Equal(t, "m-2", id)
}

func TestUnreachableSendGridIsTriedAgain(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	c, err := New(Options{BaseURL: "http://" + l.Addr().String(), APIKey: testKey})
	require.NoError(t, err)
	_, err = c.Send(t.Context(), testMail("a@x.example"))
	require.Equal(t, integrations.RetryAfter, integrations.KindOf(err), err)
}

func TestLimitsAreCheckedBeforeTheCall(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	many := make([]string, MaxRecipients+1)
	for i := range many {
		many[i] = fmt.Sprintf("c%d@x.example", i)
	}
	with := func(change func(*Mail)) Mail {
		m := testMail("a@x.example", "b@x.example")
		change(&m)
		return m
	}
	long := map[string]string{"k": strings.Repeat("v", 6000)}
	for reason, m := range map[string]Mail{
		"from is not":               with(func(m *Mail) { m.From = Address{} }),
		"reply-to is not":           with(func(m *Mail) { m.ReplyTo.Email = "x" }),
		"neither text nor HTML":     with(func(m *Mail) { m.Text, m.HTML = "", "" }),
		"0 recipients":              testMail(),
		"1001 recipients":           testMail(many...),
		"11 categories":             with(func(m *Mail) { m.Categories = make([]string, 11) }),
		"categories[0] has 0":       with(func(m *Mail) { m.Categories = []string{""} }),
		"recipients[1]: not an":     with(func(m *Mail) { m.Recipients[1].Email = "lena@" }),
		"recipients[0]: no subject": with(func(m *Mail) { m.Subject = "" }),
		"custom args are longer":    with(func(m *Mail) { m.CustomArgs, m.Recipients[0].CustomArgs = long, long }),
		"substitutions are longer":  with(func(m *Mail) { m.Recipients[0].Substitutions = map[string]string{"k": strings.Repeat("v", 10_000)} }),
		`header "X" has more than`:  with(func(m *Mail) { m.Recipients[0].Headers = map[string]string{"X": "a\r\nBcc: b@x.example"} }),
	} {
		_, err := c.Send(t.Context(), m)
		require.ErrorContains(t, err, reason)
		require.Equal(t, integrations.Permanent, integrations.KindOf(err))
		require.NotContains(t, err.Error(), "@")
	}
}

// Without a hint a mail is given up for each of its recipients.
func TestAHintTellsTheMailsFaultsFromTheRecipients(t *testing.T) {
	t.Parallel()
	refused := func(fields ...string) string {
		var errs []map[string]any
		for _, f := range fields {
			errs = append(errs, map[string]any{"message": "no", "field": f})
		}
		body, err := json.Marshal(map[string]any{"errors": errs})
		require.NoError(t, err)
		return string(body)
	}
	for name, test := range map[string]struct {
		change func(*Mail)
		answer string
		hint   string
	}{
		"sender":                     {change: func(m *Mail) { m.From.Email = "a@localhost" }, hint: hintFrom},
		"reply-to":                   {change: func(m *Mail) { m.ReplyTo.Email = "x" }, hint: hintReplyTo},
		"nothing to read":            {change: func(m *Mail) { m.Text, m.HTML = "", "" }, hint: hintMail},
		"categories":                 {change: func(m *Mail) { m.Categories = []string{""} }, hint: hintMail},
		"recipient":                  {change: func(m *Mail) { m.Recipients[0].Email = "x" }},
		"too many":                   {change: func(m *Mail) { m.Recipients = make([]Recipient, MaxRecipients+1) }},
		"sender refused":             {answer: refused("from.email", "from"), hint: hintFrom},
		"reply-to refused":           {answer: refused("reply_to"), hint: hintReplyTo},
		"several refused":            {answer: refused("from.email", "content.0.value"), hint: hintMail},
		"nothing named":              {answer: `{"errors":[{"message":"Bad Request","field":null}]}`, hint: hintMail},
		"no JSON":                    {answer: "<html>", hint: hintMail},
		"recipient refused":          {answer: refused("personalizations.0.to.0.email")},
		"sender and one of many":     {answer: refused("from", "a", "b", "c", "d", "e", "personalizations.7.subject")},
		"recipient, at great length": {answer: refused("personalizations." + strings.Repeat("x", 100))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newTestClient(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, test.answer)
			})
			m := testMail("lena@nordwind.example")
			if test.change != nil {
				test.change(&m)
			}
			_, err := c.Send(t.Context(), m)
			var e *integrations.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, integrations.Permanent, e.Kind)
			require.Equal(t, test.hint, e.Hint)
		})
	}
}
