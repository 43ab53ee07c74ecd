package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

const vendor = "webhook"

const (
	callTimeout = 10 * time.Second
	maxAnswer   = 64 << 10 // it is not read, but for the connection's sake
	batchSize   = 100
)

// Options configure a CRM of type webhook. ID and Secret are required.
type Options struct {
	// ID is the configured id of the CRM.
	ID string
	// Secret signs what comes in and what goes out: whsec_ and base64, as Standard
	// Webhooks has it.
	Secret string
	// PushURL takes the values that cxloop writes back; where it is "", nothing is
	// written back.
	PushURL string
}

// CRM is any system that can send and take signed webhooks.
type CRM struct {
	id      string
	secret  Secret
	pushURL string
	http    *http.Client
	now     func() time.Time
}

var (
	_ crm.CRM         = (*CRM)(nil)
	_ crm.Receiver    = (*CRM)(nil)
	_ crm.CaseTeller  = (*CRM)(nil)
	_ crm.CaseWatcher = (*CRM)(nil)
)

// New makes a CRM. It makes no call.
func New(o Options) (*CRM, error) {
	if o.ID == "" {
		return nil, errors.New("webhook: id is required")
	}
	secret, err := NewSecret(o.Secret)
	if err != nil {
		return nil, fmt.Errorf("webhook %s: %w", o.ID, err)
	}
	if o.PushURL != "" {
		u, err := url.Parse(o.PushURL)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("webhook %s: push URL is not an address", o.ID)
		}
		if err := integrations.CheckScheme(u); err != nil {
			return nil, fmt.Errorf("webhook %s: push URL: %w", o.ID, err)
		}
	}
	return &CRM{
		id: o.ID, secret: secret, pushURL: o.PushURL,
		http: integrations.NewHTTPClient(callTimeout, maxAnswer), now: time.Now,
	}, nil
}

// Receive verifies a delivery and reads its events; see ParseEvents.
func (c *CRM) Receive(d crm.Delivery) ([]survey.Event, error) {
	if err := c.secret.Verify(d.Header, d.Body, d.Received); err != nil {
		return nil, crm.Reject(http.StatusUnauthorized, "%s", err)
	}
	return ParseEvents(d.Body, c.id, d.Received)
}

// Resolve finds nothing: the events of this type carry their contacts.
func (c *CRM) Resolve(context.Context, []survey.Object) (crm.Resolution, error) {
	return crm.Resolution{}, nil
}

// BatchSize is the most updates that one Push takes.
func (c *CRM) BatchSize() int { return batchSize }

// message is what is posted to the push URL.
type message struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      any    `json:"data"`
}

type pushedData struct {
	CRM        string         `json:"crm"`
	ObjectType string         `json:"object_type"`
	Updates    []pushedUpdate `json:"updates"`
}

type pushedUpdate struct {
	ID     string            `json:"id"`
	Values map[string]string `json:"values"`
}

// Push posts a signed webhook of type records.updated to the push URL. Any 2xx
// takes all rows: this protocol refuses none by itself.
func (c *CRM) Push(ctx context.Context, objectType string, updates []crm.Update) ([]crm.Refusal, error) {
	if c.pushURL == "" || len(updates) == 0 {
		return nil, nil
	}
	data := pushedData{CRM: c.id, ObjectType: objectType, Updates: make([]pushedUpdate, len(updates))}
	for i, u := range updates {
		data.Updates[i] = pushedUpdate(u)
	}
	return nil, c.post(ctx, "records.updated", "", data)
}

// post posts a signed webhook. Without an id it gets that of its body.
func (c *CRM) post(ctx context.Context, kind, id string, data any) error {
	now := c.now()
	body, err := json.Marshal(message{Type: kind, Timestamp: now.UTC().Format(time.RFC3339Nano), Data: data})
	if err != nil {
		return &integrations.Error{Vendor: vendor, Kind: integrations.Permanent, Code: "encode", Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.pushURL, bytes.NewReader(body))
	if err != nil {
		return &integrations.Error{Vendor: vendor, Kind: integrations.Permanent, Code: "request", Err: errors.New("push URL cannot be called")}
	}
	req.Header.Set("Content-Type", "application/json")
	if id == "" {
		sum := sha256.Sum256(body)
		id = "msg_" + hex.EncodeToString(sum[:12])
	}
	if err := c.secret.sign(req.Header, id, now, body); err != nil {
		return &integrations.Error{Vendor: vendor, Kind: integrations.Permanent, Code: "sign", Err: err}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return integrations.NoAnswer(vendor, true, err)
	}
	defer resp.Body.Close()               //nolint:errcheck // nothing is read from it
	_, _ = io.Copy(io.Discard, resp.Body) // so that the connection is used again
	return c.refused(resp)
}

// nowhere is the error of what has to be posted without a push URL.
func (c *CRM) nowhere() error {
	return &integrations.Error{
		Vendor: vendor, Kind: integrations.Permanent, Code: "push_url", Err: errors.New("there is no push URL"),
		Hint: "give crm " + c.id + " a push_url, which takes the leads",
	}
}

// refused types an answer, or returns nil for a 2xx. Values may be set again, so
// that nothing is ambiguous.
func (c *CRM) refused(resp *http.Response) error {
	status := resp.StatusCode
	if status >= 200 && status < 300 {
		return nil
	}
	e := &integrations.Error{
		Vendor: vendor, Kind: integrations.Permanent, Code: strconv.Itoa(status),
		Err: errors.New("push URL refused the message"),
	}
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		e.Kind = integrations.RetryAfter
	default:
		if status >= 500 {
			e.Kind = integrations.RetryAfter
			break
		}
		e.Hint = "check the push URL of crm " + c.id + " and its secret"
	}
	if e.Kind == integrations.RetryAfter {
		e.After = integrations.RetryAfterOf(resp.Header, c.now())
	}
	return e
}
