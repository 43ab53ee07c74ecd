package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	signatureHeader = "X-Slack-Signature"
	timestampHeader = "X-Slack-Request-Timestamp"

	maxAge = 5 * time.Minute // to either side
)

// VerifyRequest checks the v0 signature of a request that Slack sent, over its
// raw body, at a moment of the real clock. Its error may be told to the sender.
func VerifyRequest(signingSecret string, header http.Header, body []byte, now time.Time) error {
	if signingSecret == "" {
		return errors.New("no signing secret is configured, so that no signature can be checked")
	}
	signature, timestamp := header.Get(signatureHeader), header.Get(timestampHeader)
	if signature == "" || timestamp == "" {
		return fmt.Errorf("%s or %s is missing", signatureHeader, timestampHeader)
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%s is not a number of seconds", timestampHeader)
	}
	sent := time.Unix(seconds, 0)
	if sent.Before(now.Add(-maxAge)) || sent.After(now.Add(maxAge)) {
		return fmt.Errorf("signature is not of the last %s: check the clocks", maxAge)
	}
	mac := hmac.New(sha256.New, []byte(signingSecret))
	mac.Write([]byte("v0:" + timestamp + ":"))
	mac.Write(body)
	version, sum, _ := strings.Cut(signature, "=")
	got, err := hex.DecodeString(sum)
	if version != "v0" || err != nil || !hmac.Equal(got, mac.Sum(nil)) {
		return errors.New("signature does not match: check slack.signing_secret")
	}
	return nil
}
