package webhook

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// The vector of Standard Webhooks' own library (Apache-2.0/MIT).
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTime      = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func vectorHeader() http.Header {
	h := http.Header{}
	h.Set("webhook-id", vectorID)
	h.Set("webhook-timestamp", "1614265330")
	h.Set("webhook-signature", vectorSignature)
	return h
}

func TestVerify(t *testing.T) {
	t.Parallel()
	secret, err := NewSecret(vectorSecret)
	require.NoError(t, err)
	at := time.Unix(vectorTime, 0)
	for _, skew := range []time.Duration{0, maxAge, -maxAge} {
		require.NoError(t, secret.Verify(vectorHeader(), []byte(vectorBody), at.Add(skew)))
	}
	rotated := vectorHeader()
	rotated.Set("webhook-signature", "v1,AAAA v1a,BBBB "+vectorSignature)
	require.NoError(t, secret.Verify(rotated, []byte(vectorBody), at))

	with := func(name, value string) http.Header {
		h := vectorHeader()
		h.Set(name, value)
		return h
	}
	for name, c := range map[string]struct {
		header http.Header
		body   string
		now    time.Time
		reason string
	}{
		"no id":           {with("webhook-id", ""), vectorBody, at, "webhook-id is missing"},
		"no timestamp":    {with("webhook-timestamp", ""), vectorBody, at, "webhook-timestamp is missing"},
		"no signature":    {with("webhook-signature", ""), vectorBody, at, "webhook-signature is missing"},
		"bad timestamp":   {with("webhook-timestamp", "x"), vectorBody, at, "not a number"},
		"old":             {vectorHeader(), vectorBody, at.Add(maxAge + time.Second), "not of the last 5m"},
		"from the future": {vectorHeader(), vectorBody, at.Add(-maxAge - time.Second), "not of the last 5m"},
		"other body":      {vectorHeader(), vectorBody + " ", at, "does not match"},
		"other id":        {with("webhook-id", "msg_x"), vectorBody, at, "does not match"},
		"other time":      {with("webhook-timestamp", "1614265331"), vectorBody, at, "does not match"},
		"other version":   {with("webhook-signature", "v2"+vectorSignature[2:]), vectorBody, at, "does not match"},
	} {
		require.ErrorContains(t, secret.Verify(c.header, []byte(c.body), c.now), c.reason, name)
	}
	require.ErrorContains(t, Secret{}.Verify(vectorHeader(), []byte(vectorBody), at), "no secret")
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{}, {ID: "own"}, {ID: "own", Secret: "whsec_"}, {ID: "own", Secret: "whsec_c2hvcnQ="}, {ID: "own", Secret: "not base64!"},
		{Secret: vectorSecret}, {ID: "own", Secret: vectorSecret, PushURL: "http://crm.example/x"}, {ID: "own", Secret: vectorSecret, PushURL: "/x"},
	} {
		_, err := New(o)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "c2hvcnQ")
	}
}

func TestReceive(t *testing.T) {
	t.Parallel()
	c, err := New(Options{ID: "own", Secret: vectorSecret})
	require.NoError(t, err)
	at := time.Unix(vectorTime, 0)
	deliver := func(body string) crm.Delivery {
		d := crm.Delivery{Header: http.Header{}, Body: []byte(body), Received: at}
		require.NoError(t, c.secret.sign(d.Header, "msg_1", at, d.Body))
		return d
	}
	events, err := c.Receive(deliver(`{"id":"e1","source":"shop","type":"order.delivered","data":{"contact":{"id":"42"}}}`))
	require.NoError(t, err)
	require.Equal(t, "own", events[0].CRM)
	contact, _ := events[0].People()
	require.Equal(t, "own/42", contact.Key)

	for status, d := range map[int]crm.Delivery{400: deliver(`{}`), 401: {Header: vectorHeader(), Body: []byte(`{}`), Received: at}} {
		_, err = c.Receive(d)
		rejection, ok := err.(*crm.Rejection)
		require.True(t, ok)
		require.Equal(t, status, rejection.Status)
	}
	found, err := c.Resolve(t.Context(), []survey.Object{{Type: "deal", ID: "1"}})
	require.NoError(t, err)
	require.Equal(t, crm.Resolution{}, found)
}

var updates = []crm.Update{{ID: "42", Values: map[string]string{"cx_nps_last": "9"}}}

func TestPushSignsWhatItPosts(t *testing.T) {
	t.Parallel()
	secret, err := NewSecret(vectorSecret)
	require.NoError(t, err)
	now := time.Unix(vectorTime, 5e6)
	got := make(chan []byte, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := secret.Verify(r.Header, body, now); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
		}
		got <- body
	}))
	t.Cleanup(server.Close)
	c, err := New(Options{ID: "own", Secret: vectorSecret, PushURL: server.URL + "/take?key=x"})
	require.NoError(t, err)
	c.now = func() time.Time { return now }
	refused, err := c.Push(t.Context(), survey.ObjectContact, updates)
	require.NoError(t, err)
	require.Empty(t, refused)
	require.JSONEq(t, `{"type":"records.updated","timestamp":"2021-02-25T15:02:10.005Z","data":{"crm":"own","object_type":"contact","updates":[{"id":"42","values":{"cx_nps_last":"9"}}]}}`, string(<-got))
}

func TestPushErrors(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]struct {
		kind  integrations.ErrorKind
		after time.Duration
		hint  bool
	}{
		204: {}, 400: {kind: integrations.Permanent}, 422: {kind: integrations.Permanent},
		302: {kind: integrations.Permanent, hint: true}, 401: {kind: integrations.Permanent, hint: true}, 404: {kind: integrations.Permanent, hint: true},
		429: {kind: integrations.RetryAfter, after: 5 * time.Second}, 500: {kind: integrations.RetryAfter, after: 5 * time.Second},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "5")
			w.WriteHeader(status)
		}))
		t.Cleanup(server.Close)
		c, err := New(Options{ID: "own", Secret: vectorSecret, PushURL: server.URL + "/?key=secret"})
		require.NoError(t, err)
		_, err = c.Push(t.Context(), survey.ObjectContact, updates)
		if want.kind == 0 {
			require.NoError(t, err)
			continue
		}
		e, ok := err.(*integrations.Error)
		require.True(t, ok, status)
		require.Equal(t, want.kind, e.Kind, status)
		require.Equal(t, want.after, e.After, status)
		require.Equal(t, want.hint, e.Hint != "", status)
		require.NotContains(t, err.Error(), "secret=")
	}
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(cut.Close)
	c, err := New(Options{ID: "own", Secret: vectorSecret, PushURL: cut.URL + "/?key=hidden"})
	require.NoError(t, err)
	_, err = c.Push(t.Context(), survey.ObjectContact, updates)
	require.Equal(t, integrations.RetryAfter, integrations.KindOf(err))
	require.NotContains(t, err.Error(), "hidden")
}

func TestPushWithoutURLWritesNothing(t *testing.T) {
	t.Parallel()
	c, err := New(Options{ID: "own", Secret: vectorSecret})
	require.NoError(t, err)
	refused, err := c.Push(t.Context(), survey.ObjectContact, updates)
	require.NoError(t, err)
	require.Empty(t, refused)
	require.Positive(t, c.BatchSize())
}

func FuzzVerify(f *testing.F) {
	secret, err := NewSecret(vectorSecret)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(vectorID, "1614265330", vectorSignature, []byte(vectorBody))
	f.Add("a", "-1", "v1, v1,,", []byte{})
	f.Fuzz(func(t *testing.T, id, timestamp, signature string, body []byte) {
		h := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {timestamp}, "Webhook-Signature": {signature}}
		if secret.Verify(h, body, time.Unix(vectorTime, 0)) == nil && (id != vectorID || string(body) != vectorBody) {
			t.Fatalf("forged signature %q taken", signature)
		}
	})
}

func FuzzParseEvents(f *testing.F) {
	for _, seed := range []string{
		`{"id":"e","source":"s","type":"t","data":{"contact":{"id":"1"}}}`, `[]`, `{"events":[{}]}`,
		`{"id":"e","source":"s","type":"case.closed","data":{"case":{"id":"c1"}}}`, `[null,{"id":1}]`, `{"events":{}}`,
		`{"id":"e","source":"s","type":"t","time":"2026-09-01T00:00:00Z","data":{"contact":{"id":12345678901234567890},"account":{"id":1e3}}}`,
	} {
		f.Add([]byte(seed))
	}
	received := time.Unix(vectorTime, 0)
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := ParseEvents(body, "own", received)
		if err != nil {
			if rejection, ok := err.(*crm.Rejection); !ok || rejection.Status != 400 || events != nil {
				t.Fatalf("events %v, error %v", events, err)
			}
			return
		}
		for _, e := range events {
			if e.Type == eventCaseClosed && e.Data["contact"] == nil {
				continue
			}
			contact, _ := e.People()
			if contact == nil || contact.ID == "" || e.ID == "" || e.Source == "" || e.Type == "" || e.Time.IsZero() {
				t.Fatalf("incomplete event %+v", e)
			}
			if _, err := json.Marshal(e); err != nil {
				t.Fatal(err)
			}
		}
	})
}
