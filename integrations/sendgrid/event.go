package sendgrid

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// The custom arguments by which an event tells which mail it is about.
const (
	ArgKind = "cxloop_kind"
	ArgID   = "cxloop_id"
)

// The headers of a signed delivery of events.
const (
	signatureHeader = "X-Twilio-Email-Event-Webhook-Signature"
	timestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp"
)

// SendGrid repeats a delivery for a day (docs: event webhook) and does not say whether
// it is signed anew then. A repetition proves what the first one did, so that a replay
// does no harm.
const (
	eventsMaxAge  = 25 * time.Hour
	eventsMaxLead = 5 * time.Minute
)

// EventVerifier checks that events come from the SendGrid account whose webhook has a
// public key.
type EventVerifier struct{ key *ecdsa.PublicKey }

// NewEventVerifier reads the key as SendGrid shows it: base64 of a P-256 key's DER.
func NewEventVerifier(publicKey string) (*EventVerifier, error) {
	der, err := base64.StdEncoding.DecodeString(publicKey)
	if err != nil {
		return nil, errors.New("public key is not base64")
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("public key is not a key in DER")
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("public key is not of ECDSA on P-256")
	}
	return &EventVerifier{key}, nil
}

// Verify checks the signature of a delivery's raw body at a moment of real time.
func (v *EventVerifier) Verify(h http.Header, body []byte, now time.Time) error {
	timestamp, signature := h.Get(timestampHeader), h.Get(signatureHeader)
	if timestamp == "" || signature == "" {
		return fmt.Errorf("%s or %s is missing", signatureHeader, timestampHeader)
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%s is not a number of seconds", timestampHeader)
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > eventsMaxAge || age < -eventsMaxLead {
		return errors.New("signature is not of the last day")
	}
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return fmt.Errorf("%s is not base64", signatureHeader)
	}
	hash := sha256.New()
	hash.Write([]byte(timestamp))
	hash.Write(body)
	if !ecdsa.VerifyASN1(v.key, hash.Sum(nil), sig) {
		return errors.New("signature does not match")
	}
	return nil
}

// Event is what became of one mail.
type Event struct {
	// ID is the event's own; a repetition has the same.
	ID string `json:"sg_event_id"`
	// Type is processed, deferred, delivered, dropped, bounce and others.
	Type string `json:"event"`
	// MessageID starts with the id of the call; it may be "".
	MessageID string `json:"sg_message_id"`
	// Kind and ItemID are the mail's custom arguments, "" of a mail that is not
	// cxloop's.
	Kind   string `json:"cxloop_kind"`
	ItemID string `json:"cxloop_id"`
	// Email is whom the mail went to. It is kept as a keyed hash alone.
	Email string `json:"email"`
	// Timestamp is in seconds since 1970.
	Timestamp int64 `json:"timestamp"`
	// Reason is why a mail was dropped or bounced; BounceType is that of a bounce.
	Reason     string `json:"reason"`
	BounceType string `json:"type"`
}

// Why SendGrid drops a mail: the addresses on its own lists (docs: event webhook,
// dropped). Other reasons say nothing of the address.
var dropped = map[string]survey.MailEvent{
	"Bounced Address": survey.MailBounced, "Invalid": survey.MailBounced,
	"Unsubscribed Address": survey.MailUnsubscribed, "Spam Reporting Address": survey.MailUnsubscribed,
}

// Told is what an event tells of its mail, which may be nothing that counts.
func (e Event) Told() []survey.MailEvent {
	switch e.Type {
	case "delivered":
		return []survey.MailEvent{survey.MailDelivered}
	case "bounce":
		// Blocked and expired are temporary; older deliveries have no type.
		if e.BounceType == "bounce" || e.BounceType == "" {
			return []survey.MailEvent{survey.MailBounced}
		}
		return []survey.MailEvent{survey.MailBlocked}
	case "dropped":
		if why, known := dropped[e.Reason]; known {
			return []survey.MailEvent{survey.MailDropped, why}
		}
		return []survey.MailEvent{survey.MailDropped}
	case "spamreport":
		return []survey.MailEvent{survey.MailComplaint}
	case "unsubscribe", "group_unsubscribe":
		return []survey.MailEvent{survey.MailUnsubscribed}
	case "open":
		return []survey.MailEvent{survey.MailOpened}
	case "click":
		return []survey.MailEvent{survey.MailClicked}
	}
	return nil
}

// ParseEvents reads a delivery, without events that were repeated in it.
func ParseEvents(body []byte) ([]Event, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, errors.New("body is not a JSON array")
	}
	seen := make(map[string]bool, len(raw))
	events := make([]Event, 0, len(raw))
	for i, one := range raw {
		var e Event
		if !bytes.HasPrefix(one, []byte("{")) || json.Unmarshal(one, &e) != nil {
			return nil, fmt.Errorf("event %d is not an object of SendGrid's", i)
		}
		if e.ID != "" && seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		events = append(events, e)
	}
	return events, nil
}
