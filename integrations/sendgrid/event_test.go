package sendgrid

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func publicKey(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	return base64.StdEncoding.EncodeToString(der)
}

func newKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	require.NoError(t, err)
	return key
}

func signed(t *testing.T, key *ecdsa.PrivateKey, at time.Time, body string) http.Header {
	t.Helper()
	timestamp := strconv.FormatInt(at.Unix(), 10)
	sum := sha256.Sum256([]byte(timestamp + body))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	require.NoError(t, err)
	return http.Header{signatureHeader: {base64.StdEncoding.EncodeToString(signature)}, timestampHeader: {timestamp}}
}

func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	old, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	good := publicKey(t, &newKey(t, elliptic.P256()).PublicKey)
	for key, want := range map[string]string{
		"":                           "not a key",
		"not base64":                 "not base64",
		good[:40]:                    "not a key",
		publicKey(t, edwards):        "not of ECDSA on P-256",
		publicKey(t, &old.PublicKey): "not of ECDSA on P-256",
		publicKey(t, &newKey(t, elliptic.P384()).PublicKey): "not of ECDSA on P-256",
	} {
		_, err := NewEventVerifier(key)
		require.ErrorContains(t, err, want)
	}
	_, err = NewEventVerifier(good)
	require.NoError(t, err)
}

func TestEventSignature(t *testing.T) {
	t.Parallel()
	const body = "[{\"event\":\"processed\"}]\r\n"
	key, now := newKey(t, elliptic.P256()), time.Unix(1_800_000_000, 0)
	v, err := NewEventVerifier(publicKey(t, &key.PublicKey))
	require.NoError(t, err)
	good := signed(t, key, now, body)
	without := func(name string) http.Header {
		h := good.Clone()
		h.Del(name)
		return h
	}
	with := func(name, value string) http.Header {
		h := good.Clone()
		h.Set(name, value)
		return h
	}
	for name, test := range map[string]struct {
		header http.Header
		body   string
		want   string
	}{
		"good":                      {good, body, ""},
		"repeated a day later":      {signed(t, key, now.Add(-24*time.Hour), body), body, ""},
		"a clock that is ahead":     {signed(t, key, now.Add(4*time.Minute), body), body, ""},
		"too old":                   {signed(t, key, now.Add(-26*time.Hour), body), body, "not of the last day"},
		"of the future":             {signed(t, key, now.Add(6*time.Minute), body), body, "not of the last day"},
		"body without its line end": {good, strings.TrimSpace(body), "does not match"},
		"another body":              {good, "[]", "does not match"},
		"another time":              {with(timestampHeader, strconv.FormatInt(now.Unix()-1, 10)), body, "does not match"},
		"another key":               {signed(t, newKey(t, elliptic.P256()), now, body), body, "does not match"},
		"no signature":              {without(signatureHeader), body, "is missing"},
		"no time":                   {without(timestampHeader), body, "is missing"},
		"a time that is none":       {with(timestampHeader, "now"), body, "not a number"},
		"signature not base64":      {with(signatureHeader, "%%%"), body, "not base64"},
		"signature not DER":         {with(signatureHeader, "AAAA"), body, "does not match"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := v.Verify(test.header, []byte(test.body), now)
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
		})
	}
}

// The vendor's own vectors.
func TestPublishedEventSignature(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("CXLOOP_TESTDATA")
	if dir == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "samples", "sendgrid", "signature_vectors.json"))
	require.NoError(t, err)
	var vector struct {
		PublicKey, Timestamp, Signature, Payload string
		Key                                      string `json:"public_key"`
		Negative                                 struct {
			Key       string `json:"bad_public_key"`
			Signature string `json:"bad_signature"`
		}
	}
	require.NoError(t, json.Unmarshal(raw, &vector))
	seconds, err := strconv.ParseInt(vector.Timestamp, 10, 64)
	require.NoError(t, err)
	verify := func(key, timestamp, signature, payload string) error {
		v, err := NewEventVerifier(key)
		require.NoError(t, err)
		return v.Verify(http.Header{signatureHeader: {signature}, timestampHeader: {timestamp}}, []byte(payload), time.Unix(seconds, 0))
	}
	require.NoError(t, verify(vector.Key, vector.Timestamp, vector.Signature, vector.Payload))
	require.Error(t, verify(vector.Negative.Key, vector.Timestamp, vector.Signature, vector.Payload))
	require.Error(t, verify(vector.Key, vector.Timestamp, vector.Negative.Signature, vector.Payload))
	require.Error(t, verify(vector.Key, "1600112503", vector.Signature, vector.Payload))
	require.Error(t, verify(vector.Key, vector.Timestamp, vector.Signature, strings.TrimSpace(vector.Payload)))
}

func TestParseEvents(t *testing.T) {
	t.Parallel()
	events, err := ParseEvents([]byte(`[
		{"email":"a@x.example","timestamp":1513299569,"event":"processed","category":["a"],"sg_event_id":"1","sg_message_id":"m.0",
			"cxloop_kind":"invite","cxloop_id":"i1","pool":{"id":210}},
		{"event":"processed","sg_event_id":"1","cxloop_kind":"invite","cxloop_id":"i1"},
		{"event":"bounce","sg_event_id":"2","category":"b"},
		{"event":"open"}, {"event":"click"}
	]` + "\r\n"))
	require.NoError(t, err)
	require.Equal(t, []Event{
		{ID: "1", Type: "processed", MessageID: "m.0", Kind: "invite", ItemID: "i1", Email: "a@x.example", Timestamp: 1513299569},
		{ID: "2", Type: "bounce"}, {Type: "open"}, {Type: "click"},
	}, events)
	for body, want := range map[string]string{
		"":                          "not a JSON array",
		`{}`:                        "not a JSON array",
		`[{}`:                       "not a JSON array",
		`[{}, 1]`:                   "event 1",
		`[null]`:                    "event 0",
		`[{"cxloop_id":{"a":"b"}}]`: "event 0",
		`[{"sg_event_id":1}]`:       "event 0",
	} {
		_, err := ParseEvents([]byte(body))
		require.ErrorContains(t, err, want, body)
	}
}

func TestWhatEventsTell(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		event Event
		want  []survey.MailEvent
	}{
		{Event{Type: "processed"}, nil},
		{Event{Type: "deferred"}, nil},
		{Event{Type: "group_resubscribe"}, nil},
		{Event{Type: "of tomorrow"}, nil},
		{Event{Type: "delivered"}, []survey.MailEvent{survey.MailDelivered}},
		{Event{Type: "bounce", BounceType: "bounce"}, []survey.MailEvent{survey.MailBounced}},
		{Event{Type: "bounce"}, []survey.MailEvent{survey.MailBounced}},
		{Event{Type: "bounce", BounceType: "blocked"}, []survey.MailEvent{survey.MailBlocked}},
		{Event{Type: "bounce", BounceType: "expired"}, []survey.MailEvent{survey.MailBlocked}},
		{Event{Type: "dropped", Reason: "Bounced Address"}, []survey.MailEvent{survey.MailDropped, survey.MailBounced}},
		{Event{Type: "dropped", Reason: "Unsubscribed Address"}, []survey.MailEvent{survey.MailDropped, survey.MailUnsubscribed}},
		{Event{Type: "dropped", Reason: "Spam Content"}, []survey.MailEvent{survey.MailDropped}},
		{Event{Type: "spamreport"}, []survey.MailEvent{survey.MailComplaint}},
		{Event{Type: "unsubscribe"}, []survey.MailEvent{survey.MailUnsubscribed}},
		{Event{Type: "group_unsubscribe"}, []survey.MailEvent{survey.MailUnsubscribed}},
		{Event{Type: "open"}, []survey.MailEvent{survey.MailOpened}},
		{Event{Type: "click"}, []survey.MailEvent{survey.MailClicked}},
	} {
		require.Equal(t, test.want, test.event.Told(), "%+v", test.event)
	}
}

// The vendor's own events.
func TestPublishedEvents(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("CXLOOP_TESTDATA")
	if dir == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "samples", "sendgrid", "event_batch.json"))
	require.NoError(t, err)
	var sample struct{ Events []json.RawMessage }
	require.NoError(t, json.Unmarshal(raw, &sample))
	var told []survey.MailEvent
	for _, one := range sample.Events { // each by itself: two of them have the same id
		events, err := ParseEvents([]byte("[" + string(one) + "]"))
		require.NoError(t, err)
		require.Equal(t, "example@test.com", events[0].Email)
		told = append(told, events[0].Told()...)
	}
	require.Equal(t, []survey.MailEvent{
		survey.MailDropped, survey.MailBounced, survey.MailDelivered, survey.MailBounced, survey.MailBlocked, survey.MailOpened,
		survey.MailClicked, survey.MailComplaint, survey.MailUnsubscribed, survey.MailUnsubscribed,
	}, told)
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(`[{"event":"processed","sg_event_id":"1","cxloop_kind":"invite","cxloop_id":"i1"}]`), "1600112502", "MEUC")
	f.Add([]byte(`[null]`), "-1", "")
	f.Fuzz(func(t *testing.T, body []byte, timestamp, signature string) {
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), fuzzPoint)
		require.NoError(t, err)
		h := http.Header{signatureHeader: {signature}, timestampHeader: {timestamp}}
		if (&EventVerifier{key}).Verify(h, body, time.Unix(1_600_112_502, 0)) == nil {
			t.Error("nobody signed this")
		}
		events, _ := ParseEvents(body)
		for _, e := range events {
			e.Told()
		}
	})
}

// fuzzPoint is P-256's base point: a key that anyone can sign by, and nobody does.
var fuzzPoint = append(append([]byte{4}, elliptic.P256().Params().Gx.Bytes()...), elliptic.P256().Params().Gy.Bytes()...)
