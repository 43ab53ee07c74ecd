// Package sendgrid sends mail over SendGrid's v3 API.
package sendgrid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sendgrid/rest"
	"github.com/sendgrid/sendgrid-go"
	"github.com/sendgrid/sendgrid-go/helpers/mail"

	"github.com/cxloop/cxloop/integrations"
)

const vendor = "sendgrid"

// DefaultBaseURL is SendGrid's own; accounts in the EU have
// https://api.eu.sendgrid.com.
const DefaultBaseURL = "https://api.sendgrid.com"

const (
	callTimeout = 20 * time.Second
	maxAnswer   = 1 << 20
)

// Options configure a client. APIKey is required.
type Options struct {
	// BaseURL is DefaultBaseURL where it is "".
	BaseURL string
	APIKey  string
}

// Client is one SendGrid account. It is safe for concurrent use: each Send has
// a request of its own, because sendgrid-go's client keeps the body of a send in
// itself, and mails the wrong people when it is shared. Nothing is repeated.
type Client struct {
	options Options
	http    *rest.Client
	now     func() time.Time
}

// New makes a client. It makes no call.
func New(o Options) (*Client, error) {
	if o.APIKey == "" {
		return nil, errors.New("sendgrid: API key is required")
	}
	base, err := integrations.BaseURL(o.BaseURL, DefaultBaseURL)
	if err != nil {
		return nil, fmt.Errorf("sendgrid: %w", err)
	}
	o.BaseURL = base
	return &Client{
		options: o,
		http:    &rest.Client{HTTPClient: integrations.NewHTTPClient(callTimeout, maxAnswer)},
		now:     time.Now,
	}, nil
}

// Send hands a mail over and returns SendGrid's id of the call, which the ids of
// all its messages start with. Its errors are *integrations.Error. A mail that
// breaks one of SendGrid's limits is Permanent without a call. A Permanent error has
// no hint only where the mail may be taken for other recipients.
func (c *Client) Send(ctx context.Context, m Mail) (messageID string, err error) {
	if hint, err := m.check(); err != nil {
		return "", &integrations.Error{Vendor: vendor, Kind: integrations.Permanent, Code: "invalid", Hint: hint, Err: err}
	}
	request := sendgrid.GetRequest(c.options.APIKey, "/v3/mail/send", c.options.BaseURL)
	request.Method = rest.Post
	request.Body = mail.GetRequestBody(m.body())
	resp, err := c.http.SendWithContext(ctx, request)
	switch {
	case resp == nil:
		return "", integrations.NoAnswer(vendor, false, err)
	case resp.StatusCode == http.StatusAccepted:
		return http.Header(resp.Headers).Get("X-Message-Id"), nil
	}
	return "", c.refused(resp)
}

// refused types an answer that is not 202.
func (c *Client) refused(resp *rest.Response) error {
	fields := refusedFields(resp.Body)
	e := &integrations.Error{
		Vendor: vendor, Kind: integrations.Permanent, Code: strconv.Itoa(resp.StatusCode),
		Err: errors.New(describe(fields)),
	}
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests:
		e.Kind, e.After = integrations.RetryAfter, c.wait(http.Header(resp.Headers))
	case status == http.StatusBadRequest:
		e.Hint = hintOf(fields)
	case status == http.StatusUnauthorized:
		e.Hint = "check sendgrid.api_key"
	case status == http.StatusForbidden:
		e.Hint = "give the API key the right to send mail, and verify the sender address"
	case status == http.StatusNotFound, status >= 300 && status < 400:
		e.Hint = "check sendgrid.base_url"
	case status < 300, status == http.StatusRequestTimeout, status >= 500:
		e.Kind = integrations.Ambiguous
	}
	return e
}

// wait reads how long a rate limit lasts; 0 where the answer does not say.
func (c *Client) wait(h http.Header) time.Duration {
	now := c.now()
	if after := integrations.RetryAfterOf(h, now); after > 0 {
		return after
	}
	reset, err := strconv.ParseInt(strings.TrimSpace(h.Get("X-RateLimit-Reset")), 10, 64)
	if err != nil {
		return 0
	}
	return max(0, time.Unix(reset, 0).Sub(now))
}
