// Package llm asks a large language model behind an address that takes OpenAI's chat
// completions, of a vendor's or of one's own.
package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/cxloop/cxloop/integrations"
)

const vendor = "language_model"

// example is what an address looks like; there is no default, since texts go there.
const example = "https://api.openai.com/v1"

// A call takes 25 seconds at most: people wait for it before a page.
const (
	callTimeout = 25 * time.Second
	maxAnswer   = 1 << 20
)

// Options configure a client. BaseURL and Model are required.
type Options struct {
	// BaseURL is what /chat/completions is below.
	BaseURL string
	// APIKey is "" where none is wanted, as of a model on this machine.
	APIKey string
	Model  string
	// Observe is told of each call, whoever makes it; nil tells nobody.
	Observe integrations.Observer
}

// Client is safe for concurrent use. Nothing is repeated.
type Client struct {
	address, key, model string
	http                *http.Client
	observe             integrations.Observer
	now                 func() time.Time
}

// New makes a client. It makes no call.
func New(o Options) (*Client, error) {
	if o.BaseURL == "" || o.Model == "" {
		return nil, errors.New("llm: address and model are required")
	}
	base, err := integrations.BaseURL(o.BaseURL, example)
	if err != nil {
		return nil, fmt.Errorf("llm: %w", err)
	}
	return &Client{
		address: base + "/chat/completions", key: o.APIKey, model: o.Model,
		http: integrations.NewHTTPClient(callTimeout, maxAnswer), observe: o.Observe, now: time.Now,
	}, nil
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// answer is what is read of a chat completion.
type answer struct {
	Choices []struct {
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
	} `json:"choices"`
}

// Ask returns what the model writes, told what to do and given a text to do it with. It
// changes nothing, and may be repeated. Its errors are *integrations.Error.
func (c *Client) Ask(ctx context.Context, instruction, text string) (string, error) {
	// No more than the least that all such servers take.
	body, err := json.Marshal(struct {
		Model    string    `json:"model"`
		Messages []message `json:"messages"`
	}{c.model, []message{{"system", instruction}, {"user", text}}})
	if err != nil {
		return "", failure(integrations.Permanent, "request", "", errors.New("no request can be made"))
	}
	if c.observe != nil { // in the place of the vendor's for whom it is asked
		ctx = integrations.WithObserver(ctx, c.observe)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address, bytes.NewReader(body))
	if err != nil {
		return "", failure(integrations.Permanent, "request", "check language_model.base_url", errors.New("no request can be made"))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return "", integrations.NoAnswer(vendor, true, err)
	}
	defer resp.Body.Close() //nolint:errcheck // the answer is read, or given up
	told, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return "", integrations.NoAnswer(vendor, true, err)
	case resp.StatusCode != http.StatusOK:
		return "", c.refused(resp)
	}
	return read(told)
}

// read takes the text out of an answer.
func read(body []byte) (string, error) {
	var a answer
	if json.Unmarshal(body, &a) != nil {
		return "", failure(integrations.Permanent, "200", "check language_model.base_url", errors.New("the answer is not that of a chat completion"))
	}
	for _, choice := range a.Choices {
		if text := strings.TrimSpace(strings.Map(printable, choice.Message.Content)); text != "" {
			return text, nil
		}
	}
	return "", failure(integrations.RetryAfter, "200", "", errors.New("the model wrote nothing"))
}

// printable drops what a terminal would obey: a comment may have had the model write it.
func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

// hints are by HTTP status.
var hints = map[int]string{
	http.StatusUnauthorized:          "check language_model.api_key",
	http.StatusForbidden:             "check language_model.api_key: it may not use this model",
	http.StatusNotFound:              "check language_model.base_url and language_model.model",
	http.StatusBadRequest:            "check language_model.model",
	http.StatusRequestEntityTooLarge: "check language_model.model: it takes less text",
}

// refused types an answer that is none. The server's own words are left out: they may
// repeat what was sent.
func (c *Client) refused(resp *http.Response) error {
	status := resp.StatusCode
	code := strconv.Itoa(status)
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		e := failure(integrations.RetryAfter, code, "", errors.New("the server is busy, or failed"))
		e.After = integrations.RetryAfterOf(resp.Header, c.now())
		return e
	}
	return failure(integrations.Permanent, code, hints[status], errors.New("the server refused"))
}

func failure(kind integrations.ErrorKind, code, hint string, err error) *integrations.Error {
	return &integrations.Error{Vendor: vendor, Kind: kind, Code: code, Hint: hint, Err: err}
}
