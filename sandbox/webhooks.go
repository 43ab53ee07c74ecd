package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// HubSpot's delivery rules (webhooks guide and error handling): arrays of at most 100 events, 10 requests at once,
// 5 seconds for an answer, up to 10 retries with jitter.
const (
	webhookBatch       = 100
	webhookConcurrency = 10
	webhookTimeout     = 5 * time.Second
	webhookRetries     = 10
)

// webhookQueue holds the events that wait for a delivery; guarded by the sandbox's lock.
type webhookQueue struct {
	pending []WebhookEvent
	wake    chan struct{}
}

func (q *webhookQueue) init() { q.wake = make(chan struct{}, 1) }

func (q *webhookQueue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// emit queues a webhook if the property is subscribed; the lock is held.
func (s *Sandbox) emit(t *objectType, id, name, value string, at time.Time, by origin) {
	if s.opts.HubSpot.WebhookURL == "" || !slices.Contains(s.opts.HubSpot.Subscriptions, name) {
		return
	}
	objectID, _ := strconv.ParseInt(id, 10, 64) // ids are made by create, always numbers
	e := WebhookEvent{
		EventID: s.rng.Int64N(1 << 32), SubscriptionID: s.subscriptionID(t, name),
		PortalID: s.opts.HubSpot.PortalID, AppID: s.opts.HubSpot.AppID, OccurredAt: at.UnixMilli(),
		ObjectID: objectID, PropertyName: name, PropertyValue: value, ChangeSource: by.source, SourceID: by.id,
	}
	if s.opts.HubSpot.ClassicEvents {
		e.SubscriptionType = t.singular + ".propertyChange"
	} else {
		sensitive := false
		e.SubscriptionType, e.ObjectTypeID, e.IsSensitive = "object.propertyChange", t.id, &sensitive
	}
	s.webhooks.pending = append(s.webhooks.pending, e)
	s.st.Counts.WebhookEvents++
	s.webhooks.signal()
}

// subscriptionID stays the same over restarts: receivers tell duplicates by it.
func (s *Sandbox) subscriptionID(t *objectType, name string) int64 {
	object := slices.IndexFunc(objectTypes, func(o objectType) bool { return o.name == t.name })
	return int64(6_527_000 + slices.Index(s.opts.HubSpot.Subscriptions, name)*len(objectTypes) + object)
}

// deliverWebhooks sends what is queued until the context ends, after what an earlier run left undelivered.
func (s *Sandbox) deliverWebhooks(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, webhookConcurrency)
	for _, d := range s.undelivered() {
		wg.Go(func() {
			if acquire(ctx, slots) {
				s.deliver(ctx, d, slots)
			}
		})
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.webhooks.wake:
		}
		pause(ctx, s.opts.HubSpot.Linger)
		for {
			// A slot first: while all are busy, events gather into fuller arrays.
			if !acquire(ctx, slots) {
				return
			}
			d := s.nextDelivery()
			if d == nil {
				<-slots
				break
			}
			wg.Go(func() { s.deliver(ctx, d, slots) })
		}
	}
}

// acquire takes one of the places for requests under way; false where the context ended first.
func acquire(ctx context.Context, slots chan<- struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Sandbox) undelivered() []*Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*Delivery
	for _, d := range s.st.Deliveries {
		if d.Status == DeliveryPending {
			out = append(out, d)
		}
	}
	return out
}

// nextDelivery makes a delivery of what waits, nil where nothing does.
func (s *Sandbox) nextDelivery() *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.webhooks.pending), webhookBatch)
	if n == 0 {
		return nil
	}
	s.nextID++
	d := &Delivery{ID: s.nextID, Events: slices.Clone(s.webhooks.pending[:n]), At: s.now(), Status: DeliveryPending}
	s.webhooks.pending = s.webhooks.pending[n:]
	s.st.Deliveries = capped(s.st.Deliveries, d, s.opts.Keep.Deliveries)
	s.touch()
	return d
}

// deliver tries until an answer is 2xx, the retries are spent, or the context ends. A slot is held when it is called,
// and given back while it waits and when it returns.
func (s *Sandbox) deliver(ctx context.Context, d *Delivery, slots chan struct{}) {
	for {
		n := len(d.Attempts)
		status, err := s.postWebhook(ctx, d.Events, n)
		<-slots
		if ctx.Err() != nil {
			return
		}
		d = d.after(Attempt{At: s.now(), Status: status}, err)
		s.replaceDelivery(d)
		if d.Status != DeliveryPending {
			return
		}
		pause(ctx, time.Duration(float64(s.opts.HubSpot.RetryBase<<n)*s.jitter()))
		if !acquire(ctx, slots) {
			return
		}
	}
}

// after is the delivery with one more attempt.
func (d *Delivery) after(a Attempt, err error) *Delivery {
	next := *d
	switch {
	case err != nil:
		a.Error = err.Error()
	case a.Status >= 200 && a.Status < 300:
		next.Status = DeliveryDelivered
	}
	next.Attempts = append(slices.Clone(d.Attempts), a)
	if next.Status == DeliveryPending && len(next.Attempts) > webhookRetries {
		next.Status = DeliveryFailed
	}
	return &next
}

// jitter is a factor of 0.5 to 1.5.
func (s *Sandbox) jitter() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return 0.5 + s.rng.Float64()
}

func (s *Sandbox) replaceDelivery(d *Delivery) {
	s.change(func(st *State) {
		// Ids grow along the list.
		i, ok := slices.BinarySearchFunc(st.Deliveries, d.ID, func(x *Delivery, id int64) int { return int(x.ID - id) })
		if ok {
			st.Deliveries[i] = d
		}
	})
}

func (s *Sandbox) postWebhook(ctx context.Context, events []WebhookEvent, attempt int) (int, error) {
	sent := slices.Clone(events)
	for i := range sent {
		sent[i].AttemptNumber = attempt
	}
	body, err := json.Marshal(sent)
	if err != nil {
		return 0, fmt.Errorf("encode webhook: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opts.HubSpot.WebhookTarget, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("make webhook: %w", err)
	}
	ts := strconv.FormatInt(s.now().UnixMilli(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client)")
	req.Header.Set("X-HubSpot-Request-Timestamp", ts)
	req.Header.Set("X-HubSpot-Signature-Version", "v3")
	req.Header.Set("X-HubSpot-Signature-v3", signHubSpot(s.opts.HubSpot.ClientSecret, http.MethodPost, s.opts.HubSpot.WebhookURL, body, ts))
	resp, err := s.opts.HTTPClient.Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return 0, fmt.Errorf("no answer within %s", webhookTimeout)
		}
		return 0, fmt.Errorf("post webhook: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing left to do with it
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, nil
}

// hubSpotDecode is the table of the v3 signature (docs: validating requests): only these are decoded in the URI.
var hubSpotDecode = strings.NewReplacer("%3A", ":", "%2F", "/", "%3F", "?", "%40", "@", "%21", "!", "%24", "$",
	"%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%2C", ",", "%3B", ";")

// signHubSpot makes the v3 signature: base64 of HMAC-SHA256 over method, URI, body and timestamp.
func signHubSpot(secret, method, uri string, body []byte, timestampMillis string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(method))
	mac.Write([]byte(hubSpotDecode.Replace(uri)))
	mac.Write(body)
	mac.Write([]byte(timestampMillis))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// pause sleeps, or less if the context ends.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
