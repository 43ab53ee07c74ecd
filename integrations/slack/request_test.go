package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The vector of Slack's own documents (docs.slack.dev, verifying requests).
const (
	vectorSecret    = "8f742231b10e8888abcd99yyyzzz85a5"
	vectorTime      = 1531420618
	vectorSignature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
	vectorBody      = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)

func vectorHeader() http.Header {
	h := http.Header{}
	h.Set(timestampHeader, strconv.Itoa(vectorTime))
	h.Set(signatureHeader, vectorSignature)
	return h
}

func TestVerifyRequest(t *testing.T) {
	t.Parallel()
	at := time.Unix(vectorTime, 0)
	for _, skew := range []time.Duration{0, -maxAge, maxAge} {
		require.NoError(t, VerifyRequest(vectorSecret, vectorHeader(), []byte(vectorBody), at.Add(skew)))
	}
	with := func(name, value string) http.Header {
		h := vectorHeader()
		h.Set(name, value)
		return h
	}
	for name, c := range map[string]struct {
		secret string
		header http.Header
		body   string
		now    time.Time
		reason string
	}{
		"no secret":       {"", vectorHeader(), vectorBody, at, "no signing secret"},
		"no headers":      {vectorSecret, http.Header{}, vectorBody, at, "is missing"},
		"bad timestamp":   {vectorSecret, with(timestampHeader, "x"), vectorBody, at, "not a number"},
		"old":             {vectorSecret, vectorHeader(), vectorBody, at.Add(maxAge + time.Second), "not of the last 5m"},
		"from the future": {vectorSecret, vectorHeader(), vectorBody, at.Add(-maxAge - time.Second), "not of the last 5m"},
		"other secret":    {vectorSecret + "x", vectorHeader(), vectorBody, at, "does not match"},
		"other body":      {vectorSecret, vectorHeader(), vectorBody + "&x=1", at, "does not match"},
		"other time":      {vectorSecret, with(timestampHeader, strconv.Itoa(vectorTime+1)), vectorBody, at, "does not match"},
		"other version":   {vectorSecret, with(signatureHeader, "v1"+vectorSignature[2:]), vectorBody, at, "does not match"},
		"not hexadecimal": {vectorSecret, with(signatureHeader, "v0=zz"), vectorBody, at, "does not match"},
	} {
		err := VerifyRequest(c.secret, c.header, []byte(c.body), c.now)
		require.ErrorContains(t, err, c.reason, name)
		require.NotContains(t, err.Error(), vectorSignature[3:])
	}
}

func FuzzVerifyRequest(f *testing.F) {
	f.Add(vectorSignature, strconv.Itoa(vectorTime), []byte(vectorBody))
	f.Add("v0=", "-1", []byte{})
	f.Fuzz(func(t *testing.T, signature, timestamp string, body []byte) {
		h := http.Header{}
		h.Set(signatureHeader, signature)
		h.Set(timestampHeader, timestamp)
		if VerifyRequest(vectorSecret, h, body, time.Unix(vectorTime, 0)) != nil {
			return
		}
		mac := hmac.New(sha256.New, []byte(vectorSecret))
		mac.Write([]byte("v0:" + timestamp + ":" + string(body)))
		sum, err := hex.DecodeString(signature[len("v0="):])
		if err != nil || !hmac.Equal(sum, mac.Sum(nil)) {
			t.Fatalf("forged signature %q taken", signature)
		}
	})
}
