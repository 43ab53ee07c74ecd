package sandbox

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// SendGrid's delivery of events (docs: event webhook): arrays gathered for 30 s or up to 768 KB, anything but 2xx
// repeated for a day.
const (
	mailEventsMax     = 1000
	mailEventsTimeout = 10 * time.Second
	mailEventsRetries = 12
)

// mailEvent is one event as SendGrid writes it, with the mail's custom arguments among its own keys.
type mailEvent map[string]any

// mailEventQueue holds the events that wait for a delivery; guarded by the sandbox's lock.
type mailEventQueue struct {
	pending []mailEvent
	wake    chan struct{}
}

func (q *mailEventQueue) init() { q.wake = make(chan struct{}, 1) }

// emitMail queues what becomes of a mail; the lock is held.
func (s *Sandbox) emitMail(m *Mail) { s.tellMail(m, fateOf(m.To.Email)...) }

// tellMail queues events of a mail; the lock is held.
func (s *Sandbox) tellMail(m *Mail, what ...mailEvent) {
	if s.opts.SendGrid.EventsURL == "" {
		return
	}
	for _, told := range what {
		e := mailEvent{}
		for name, value := range m.CustomArgs {
			e[name] = value
		}
		maps.Copy(e, told)
		maps.Copy(e, mailEvent{
			"email": m.To.Email, "timestamp": s.now().Unix(), "sg_event_id": s.eventID(), "sg_message_id": m.ID,
			"smtp-id": "<" + m.SendID + "@sandbox>",
		})
		if len(m.Categories) > 0 {
			e["category"] = m.Categories
		}
		s.mailEvents.pending = append(s.mailEvents.pending, e)
	}
	select {
	case s.mailEvents.wake <- struct{}{}:
	default:
	}
}

// eventID makes an sg_event_id; the lock is held.
func (s *Sandbox) eventID() string {
	raw := binary.BigEndian.AppendUint64(nil, s.rng.Uint64())
	return base64.URLEncoding.EncodeToString(binary.BigEndian.AppendUint64(raw, s.rng.Uint64()))
}

// deliverMailEvents sends what is queued until the context ends, one array after the other.
func (s *Sandbox) deliverMailEvents(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.mailEvents.wake:
		}
		pause(ctx, s.opts.SendGrid.EventsLinger)
		for events := s.nextMailEvents(); len(events) > 0 && ctx.Err() == nil; events = s.nextMailEvents() {
			if err := s.deliverEvents(ctx, events); err != nil && ctx.Err() == nil {
				s.log.Warn("events of mails are lost", "events", len(events), "error", err)
			}
		}
	}
}

func (s *Sandbox) nextMailEvents() []mailEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.mailEvents.pending), mailEventsMax)
	events := s.mailEvents.pending[:n:n]
	s.mailEvents.pending = s.mailEvents.pending[n:]
	return events
}

// deliverEvents tries until an answer is 2xx, the retries are spent, or the context ends.
func (s *Sandbox) deliverEvents(ctx context.Context, events []mailEvent) error {
	body, err := json.Marshal(events)
	if err != nil {
		return fmt.Errorf("encode events: %w", err)
	}
	body = append(body, "\r\n"...)
	for n := 0; ; n++ {
		if err = s.postEvents(ctx, body); err == nil || n == mailEventsRetries || ctx.Err() != nil {
			return err
		}
		pause(ctx, min(s.opts.SendGrid.EventsRetryBase<<n, time.Minute))
	}
}

func (s *Sandbox) postEvents(ctx context.Context, body []byte) error {
	timestamp := strconv.FormatInt(s.now().Unix(), 10)
	signature, err := signEvents(s.eventsKey, timestamp, body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, mailEventsTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opts.SendGrid.EventsURL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "SendGrid Event API")
	req.Header.Set("X-Twilio-Email-Event-Webhook-Signature", signature)
	req.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", timestamp)
	resp, err := s.opts.HTTPClient.Do(req)
	if err != nil {
		return fmt.Errorf("post events: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing left to do with it
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("post events: status %d", resp.StatusCode)
	}
	return nil
}

// signEvents makes the signature of a delivery: ECDSA over SHA-256 of timestamp and raw body, in base64.
func signEvents(key *ecdsa.PrivateKey, timestamp string, body []byte) (string, error) {
	sum := sha256.Sum256(append([]byte(timestamp), body...))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign events: %w", err)
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

// openEventsKey takes the key of the options, or makes one.
func (s *Sandbox) openEventsKey() (err error) {
	if s.eventsKey = s.opts.SendGrid.EventsKey; s.eventsKey == nil {
		s.eventsKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return err
}

// EventsPublicKey is what an app checks SendGrid's events by, as the vendor shows it: base64 of the key's DER.
func EventsPublicKey(key *ecdsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "", fmt.Errorf("encode the public key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(der), nil
}
