// Package twilio sends SMS over Twilio's API of 2010-04-01 and reads its webhooks.
package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations"
)

const vendor = "twilio"

// DefaultBaseURL is Twilio's own.
const DefaultBaseURL = "https://api.twilio.com"

const (
	callTimeout = 20 * time.Second
	maxAnswer   = 1 << 20
)

// Options configure a client. AccountSID, From, and AuthToken or the API key are
// required.
type Options struct {
	// BaseURL is DefaultBaseURL where it is "".
	BaseURL    string
	AccountSID string
	AuthToken  string
	// APIKey and APISecret sign in instead of AuthToken where they are given.
	APIKey, APISecret string
	// From is a number in the form of E.164, or the SID of a messaging service (MG…).
	From string
	// Rate is how many messages are sent a second; 0 sets no limit.
	Rate float64
}

// Client is one Twilio account. It is safe for concurrent use. Nothing is repeated.
type Client struct {
	options  Options
	messages string // address of the account's messages
	http     *http.Client
	pace     integrations.Pace
	now      func() time.Time
}

// New makes a client. It makes no call.
func New(o Options) (*Client, error) {
	if o.AccountSID == "" || o.From == "" || o.AuthToken == "" && o.APIKey == "" {
		return nil, errors.New("twilio: account SID, sender, and auth token or API key are required")
	}
	base, err := integrations.BaseURL(o.BaseURL, DefaultBaseURL)
	if err != nil {
		return nil, fmt.Errorf("twilio: %w", err)
	}
	return &Client{
		options: o, messages: base + "/2010-04-01/Accounts/" + url.PathEscape(o.AccountSID) + "/Messages.json",
		http: integrations.NewHTTPClient(callTimeout, maxAnswer), pace: integrations.NewPace(o.Rate), now: time.Now,
	}, nil
}

// Message is one SMS.
type Message struct {
	// To is a number in the form of E.164.
	To   string
	Body string
	// StatusCallback is where Twilio tells what becomes of it.
	StatusCallback string
}

// Send hands a message over and returns its SID. Its errors are *integrations.Error; see
// NumberEventOf for those that tell something of the number. A Permanent error has no
// hint only where messages to other numbers may be taken.
func (c *Client) Send(ctx context.Context, m Message) (sid string, err error) {
	if err := c.pace.Take(ctx, vendor); err != nil {
		return "", err
	}
	form := url.Values{"To": {m.To}, "Body": {m.Body}, "StatusCallback": {m.StatusCallback}}
	if strings.HasPrefix(c.options.From, "MG") {
		form.Set("MessagingServiceSid", c.options.From)
	} else {
		form.Set("From", c.options.From)
	}
	var made resource
	if err := c.call(ctx, http.MethodPost, c.messages, form.Encode(), &made); err != nil {
		return "", err
	}
	return made.SID, nil
}

// resource is what Twilio keeps of a message.
type resource struct {
	SID         string `json:"sid"`
	Body        string `json:"body"`
	Direction   string `json:"direction"`
	DateCreated string `json:"date_created"` // after RFC 2822
}

// Found is what became of a message in doubt.
type Found struct {
	// SID is that of the message, "" where it is not there.
	SID string
	// Unreadable: there are messages that may be it, but the account keeps no texts.
	Unreadable bool
}

// pageSize is how many messages a look-up reads, the newest first: many more than anybody
// gets within minutes.
const pageSize = 100

// Find looks for a message to a number, made since a moment of real time, whose text
// holds a tag. Its errors are *integrations.Error.
func (c *Client) Find(ctx context.Context, to string, since time.Time, tag string) (Found, error) {
	// DateSent is not asked for: what waits in Twilio's queue has none yet.
	query := url.Values{"To": {to}, "PageSize": {strconv.Itoa(pageSize)}}
	var page struct {
		Messages []resource `json:"messages"`
	}
	if err := c.call(ctx, http.MethodGet, c.messages+"?"+query.Encode(), "", &page); err != nil {
		return Found{}, err
	}
	var found Found
	for _, m := range page.Messages {
		made, err := time.Parse(time.RFC1123Z, m.DateCreated)
		if err == nil && made.Before(since) || m.Direction == "inbound" {
			continue
		}
		if strings.Contains(m.Body, tag) {
			return Found{SID: m.SID}, nil
		}
		found.Unreadable = found.Unreadable || m.Body == ""
	}
	return found, nil
}

// call makes a call and reads its answer. One that reads may be repeated.
func (c *Client) call(ctx context.Context, method, address, form string, into any) error {
	reads := method == http.MethodGet
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		return &integrations.Error{Vendor: vendor, Kind: integrations.Permanent, Code: "request", Hint: "check twilio.base_url", Err: errors.New("no request can be made")}
	}
	req.Header.Set("Accept", "application/json")
	if !reads {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.options.APIKey != "" {
		req.SetBasicAuth(c.options.APIKey, c.options.APISecret)
	} else {
		req.SetBasicAuth(c.options.AccountSID, c.options.AuthToken)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return integrations.NoAnswer(vendor, reads, err)
	}
	defer resp.Body.Close() //nolint:errcheck // the answer is read, or given up
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return integrations.NoAnswer(vendor, reads, err)
	case resp.StatusCode >= 300:
		return c.refused(reads, resp, body)
	case json.Unmarshal(body, into) != nil:
		return unclear(reads, strconv.Itoa(resp.StatusCode), errors.New("the answer is not Twilio's JSON"))
	}
	return nil
}
