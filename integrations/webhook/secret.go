// Package webhook is the CRM for every system without a client of its own: it
// takes and sends webhooks in the manner of Standard Webhooks, and reads the
// events that also come by POST /v1/events.
package webhook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	maxAge = 5 * time.Minute // to either side
	// minSecret is the shortest secret, in bytes (Standard Webhooks, signature
	// scheme).
	minSecret = 24
)

// Secret signs and verifies webhooks. The zero Secret verifies nothing.
type Secret struct{ webhook *standardwebhooks.Webhook }

// NewSecret reads a secret: base64 of at least 24 bytes, with or without the
// prefix whsec_.
func NewSecret(text string) (Secret, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
	if err != nil || len(key) < minSecret {
		return Secret{}, fmt.Errorf("secret: want whsec_ and base64 of at least %d bytes", minSecret)
	}
	webhook, err := standardwebhooks.NewWebhookRaw(key)
	if err != nil {
		return Secret{}, errors.New("secret cannot be used")
	}
	return Secret{webhook: webhook}, nil
}

// Verify checks the v1 signature of a webhook over its raw body, at a moment of
// the real clock. Its error may be told to the sender.
func (s Secret) Verify(header http.Header, body []byte, now time.Time) error {
	if s.webhook == nil {
		return errors.New("no secret is configured, so that no signature can be checked")
	}
	for _, name := range []string{standardwebhooks.HeaderWebhookID, standardwebhooks.HeaderWebhookTimestamp, standardwebhooks.HeaderWebhookSignature} {
		if header.Get(name) == "" {
			return fmt.Errorf("%s is missing", name)
		}
	}
	seconds, err := strconv.ParseInt(header.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if err != nil {
		return fmt.Errorf("%s is not a number of seconds", standardwebhooks.HeaderWebhookTimestamp)
	}
	sent := time.Unix(seconds, 0)
	if sent.Before(now.Add(-maxAge)) || sent.After(now.Add(maxAge)) {
		return fmt.Errorf("signature is not of the last %s: check the clocks", maxAge)
	}
	// The library's own check of the time cannot be given a clock.
	if err := s.webhook.VerifyIgnoringTimestamp(body, header); err != nil {
		return errors.New("signature does not match: check the secret")
	}
	return nil
}

func (s Secret) sign(header http.Header, id string, at time.Time, body []byte) error {
	signature, err := s.webhook.Sign(id, at, body)
	if err != nil {
		return err
	}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return nil
}
