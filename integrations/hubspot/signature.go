package hubspot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
)

const (
	signatureHeader = "X-HubSpot-Signature-v3"
	timestampHeader = "X-HubSpot-Request-Timestamp"

	maxAge = 5 * time.Minute
	// maxSkew is how far HubSpot's clock may be ahead of this machine's.
	maxSkew = time.Minute
)

// signedForm decodes in an address what HubSpot decodes before it signs, and
// nothing else (docs: validating requests, v3).
var signedForm = strings.NewReplacer("%3A", ":", "%2F", "/", "%3F", "?", "%40", "@", "%21", "!", "%24", "$",
	"%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%2C", ",", "%3B", ";")

// verify checks the v3 signature: base64 of HMAC-SHA256 over method, address,
// raw body and timestamp. v1 and v2 have no timestamp and are not taken.
func verify(secret string, d crm.Delivery) error {
	if secret == "" {
		return crm.Reject(http.StatusUnauthorized, "no client secret is configured, so that no signature can be checked")
	}
	signature, timestamp := d.Header.Get(signatureHeader), d.Header.Get(timestampHeader)
	if signature == "" || timestamp == "" {
		return crm.Reject(http.StatusUnauthorized, "%s or %s is missing", signatureHeader, timestampHeader)
	}
	ms, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return crm.Reject(http.StatusUnauthorized, "%s is not a number of milliseconds", timestampHeader)
	}
	sent := time.UnixMilli(ms)
	switch {
	case sent.Before(d.Received.Add(-maxAge)):
		return crm.Reject(http.StatusUnauthorized, "signature is older than %s", maxAge)
	case sent.After(d.Received.Add(maxSkew)):
		return crm.Reject(http.StatusUnauthorized, "signature is from the future: check the clocks")
	}
	got, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil || !hmac.Equal(got, sign(secret, d.Method, d.URL, d.Body, timestamp)) {
		return crm.Reject(http.StatusUnauthorized, "signature does not match: check the client secret and server.public_url")
	}
	return nil
}

func sign(secret, method, url string, body []byte, timestamp string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(method + signedForm.Replace(url)))
	mac.Write(body)
	mac.Write([]byte(timestamp))
	return mac.Sum(nil)
}
