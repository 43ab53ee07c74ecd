// Package hubspot speaks to HubSpot: it reads contacts and companies, writes the
// cx_* properties and reads the webhooks. Paths are the dated ones
// (/crm/objects/2026-09/…), which replace v1 to v4.
package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

const vendor = "hubspot"

// What New takes where an option is not set.
const (
	DefaultBaseURL = "https://api.hubapi.com"
	DefaultVersion = "2026-09"
)

const (
	callTimeout = 10 * time.Second // of one try
	allTimeout  = 25 * time.Second // of all tries with their waits
	maxAnswer   = 16 << 20         // 100 records with every property stay well below

	// A call that fails is repeated at once this often, when the wait is short;
	// longer waits are the caller's, who holds no connection meanwhile.
	maxRepeats    = 2
	maxInCallWait = 2 * time.Second
	firstWait     = 200 * time.Millisecond
)

// Options configure a client. ID and Token are required.
type Options struct {
	// ID is the configured id of the CRM.
	ID string
	// BaseURL is DefaultBaseURL where it is "".
	BaseURL string
	// Version is the dated version of the paths, DefaultVersion where it is "".
	Version string
	// Token is the access token of the app.
	Token string
	// ClientSecret of the app signs webhooks; without it none is taken.
	ClientSecret string
	// AppID is the app whose writes are cxloop's own; "" is the app that the
	// webhooks belong to.
	AppID string
	// ContactProperties and CompanyProperties become attributes, besides those
	// that are always read.
	ContactProperties []string
	CompanyProperties []string
	// Region is the one of phone numbers that are written without a country, two capital
	// letters, or "".
	Region string
	// Tickets are where the tickets of cases go.
	Tickets Pipeline
	// Behaviour is what is read of what customers did.
	Behaviour Behaviour
	// Clock stamps the contacts that are read.
	Clock survey.Clock
}

// Client is one HubSpot account. It is safe for concurrent use.
type Client struct {
	options Options
	base    string
	http    *retryablehttp.Client
	// once makes the calls that must not be repeated when they may have done their work.
	once *retryablehttp.Client
	// Searches have a limit of their own besides that of all other calls.
	pace, searchPace *pace
	now              func() time.Time
}

var (
	_ crm.CRM         = (*Client)(nil)
	_ crm.Receiver    = (*Client)(nil)
	_ crm.Filer       = (*Client)(nil)
	_ crm.CaseWatcher = (*Client)(nil)
)

// New makes a client. It makes no call.
func New(o Options) (*Client, error) {
	if o.ID == "" || o.Token == "" {
		return nil, errors.New("hubspot: id and token are required")
	}
	base, err := integrations.BaseURL(o.BaseURL, DefaultBaseURL)
	if err != nil {
		return nil, fmt.Errorf("hubspot: %w", err)
	}
	if o.Version == "" {
		o.Version = DefaultVersion
	}
	c := &Client{options: o, base: base, pace: newPace(), searchPace: newSearchPace(), now: time.Now}
	c.options.Tickets = c.options.Tickets.complete()
	connections := integrations.NewHTTPClient(callTimeout, maxAnswer)
	c.http, c.once = c.caller(connections, c.repeatable), c.caller(connections, c.refusedOnly)
	return c, nil
}

func (c *Client) caller(connections *http.Client, again retryablehttp.CheckRetry) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   connections,
		RetryMax:     maxRepeats,
		RetryWaitMin: firstWait,
		RetryWaitMax: maxInCallWait,
		CheckRetry:   again,
		Backoff:      c.wait,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// repeatable says whether a call is made again at once. All but those that make something
// may be: reads, and writes that set a value.
func (c *Client) repeatable(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return true, nil
	}
	wait, later := c.waitOf(resp)
	return later && wait <= maxInCallWait, nil
}

// refusedOnly is repeatable for a call that must not do its work twice.
func (c *Client) refusedOnly(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if err != nil || !didNothing(resp.StatusCode) {
		return false, ctx.Err()
	}
	return c.repeatable(ctx, resp, nil)
}

func (c *Client) wait(low, high time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := low << attempt
	if resp != nil {
		asked, _ := c.waitOf(resp)
		wait = max(wait, asked)
	}
	return min(wait+rand.N(wait/4+1), high)
}

// answer is a status below 300 and its body.
type answer struct {
	status int
	body   []byte
}

// call sends JSON and returns the answer. Its errors are *integrations.Error.
func (c *Client) call(ctx context.Context, method, path string, in any) (answer, error) {
	return c.callBy(ctx, c.http, method, path, in)
}

// callOnce is call for what must not be done twice: its error is Ambiguous where it may
// have been done.
func (c *Client) callOnce(ctx context.Context, method, path string, in any) (answer, error) {
	return c.callBy(ctx, c.once, method, path, in)
}

func (c *Client) callBy(ctx context.Context, client *retryablehttp.Client, method, path string, in any) (answer, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return answer{}, &integrations.Error{Vendor: vendor, Kind: integrations.Permanent, Code: "encode", Err: fmt.Errorf("%s: %w", path, err)}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, allTimeout)
	defer cancel()
	pace := c.pace
	if isSearch(path) {
		pace = c.searchPace
	}
	if err := pace.take(ctx); err != nil {
		return answer{}, err
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return answer{}, &integrations.Error{Vendor: vendor, Kind: integrations.Permanent, Code: "request", Err: fmt.Errorf("%s: %w", path, err)}
	}
	req.Header.Set("Authorization", "Bearer "+c.options.Token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, integrations.NoAnswer(vendor, client == c.http, err)
	}
	defer resp.Body.Close() //nolint:errcheck // the answer is read, or given up
	pace.follow(resp.Header)
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, integrations.NoAnswer(vendor, client == c.http, err)
	}
	if resp.StatusCode >= 300 {
		err := c.refused(path, resp, raw)
		if client == c.once && err.Kind == integrations.RetryAfter && !didNothing(resp.StatusCode) {
			err.Kind = integrations.Ambiguous
		}
		return answer{}, err
	}
	return answer{status: resp.StatusCode, body: raw}, nil
}

// decode reads an answer.
func (a answer) decode(path string, into any) error {
	if err := json.NewDecoder(bytes.NewReader(a.body)).Decode(into); err != nil {
		return &integrations.Error{Vendor: vendor, Kind: integrations.RetryAfter, Code: "answer", Err: fmt.Errorf("%s: %w", path, err)}
	}
	return nil
}

func (c *Client) objects(objectType, action string) string {
	return "/crm/objects/" + c.options.Version + "/" + objectType + "/" + action
}
