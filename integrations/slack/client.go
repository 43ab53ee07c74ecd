// Package slack speaks to Slack: it posts and updates the messages of cases,
// looks up who clicked, and reads signed interactions.
package slack

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"github.com/cxloop/cxloop/integrations"
)

const vendor = "slack"

// DefaultBaseURL is Slack's own.
const DefaultBaseURL = "https://slack.com"

const (
	callTimeout = 10 * time.Second
	maxAnswer   = 4 << 20
)

// Options configure a client. BotToken is required.
type Options struct {
	// BaseURL is DefaultBaseURL where it is ""; methods are below its /api/.
	BaseURL  string
	BotToken string
	// AppToken opens the connections of Listen, "" where nothing is listened to.
	AppToken string
	// PerChannel is how many messages a second are posted in each channel by this client;
	// 0 sets no limit.
	PerChannel float64
}

// Client is one Slack workspace. It is safe for concurrent use and repeats
// nothing by itself. Its errors are *integrations.Error.
type Client struct {
	api *slack.Client
	// sockets says that there is a token for them.
	sockets bool
	posts   channelPaces
}

// New makes a client. It makes no call.
func New(o Options) (*Client, error) {
	if o.BotToken == "" {
		return nil, errors.New("slack: bot token is required")
	}
	base, err := integrations.BaseURL(o.BaseURL, DefaultBaseURL)
	if err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	client := integrations.NewHTTPClient(callTimeout, maxAnswer)
	client.Transport = readableWaits{client.Transport}
	api := slack.New(o.BotToken, slack.OptionAPIURL(base+"/api/"), slack.OptionHTTPClient(client), slack.OptionAppLevelToken(o.AppToken))
	return &Client{
		api: api, sockets: o.AppToken != "",
		posts: channelPaces{perSecond: o.PerChannel, byChannel: map[string]*channelPace{}},
	}, nil
}

// readableWaits gives refusals for too many calls a Retry-After that slack-go can
// read, or none: from another it makes an error that tells nothing of the refusal.
type readableWaits struct{ http.RoundTripper }

// RoundTrip makes a call.
func (t readableWaits) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		wait := integrations.RetryAfterOf(resp.Header, time.Now())
		resp.Header.Del("Retry-After")
		if wait > 0 {
			resp.Header.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		}
	}
	return resp, err
}

// Message is what a channel reads.
type Message struct {
	// Text stands for the blocks in notifications, at most 4,000 characters.
	Text   string
	Blocks []slack.Block
	// Metadata names what the message is about; it is how a message is found
	// again. It is not set where EventType is "".
	Metadata slack.SlackMetadata
	// ThreadTS is the ts of the message that Post answers in its thread, "" for a
	// message of the channel's own. Update leaves a message where it is.
	ThreadTS string
	// Broadcast shows a reply in the channel as well.
	Broadcast bool
}

func (m Message) options() []slack.MsgOption {
	options := []slack.MsgOption{
		slack.MsgOptionText(m.Text, false),
		// Without blocks this clears those that an updated message had.
		slack.MsgOptionBlocks(m.Blocks...),
	}
	if m.Metadata.EventType != "" {
		options = append(options, slack.MsgOptionMetadata(m.Metadata))
	}
	return options
}

// Post posts a message and returns the channel's id and the message's ts, which
// name it in Update. The channel is an id, or a name that Slack resolves.
func (c *Client) Post(ctx context.Context, channel string, m Message) (channelID, ts string, err error) {
	options := append(m.options(), slack.MsgOptionDisableLinkUnfurl())
	if m.ThreadTS != "" {
		options = append(options, slack.MsgOptionTS(m.ThreadTS))
		if m.Broadcast {
			options = append(options, slack.MsgOptionBroadcast())
		}
	}
	if err := c.posts.take(ctx, channel, m.ThreadTS != ""); err != nil {
		return "", "", err
	}
	channelID, ts, err = c.api.PostMessageContext(ctx, channel, options...)
	if err == nil && (channelID == "" || ts == "") {
		err = errNoResult
	}
	if err != nil {
		return "", "", typed("chat.postMessage", false, err)
	}
	return channelID, ts, nil
}

// Update replaces a message. It may be repeated.
func (c *Client) Update(ctx context.Context, channelID, ts string, m Message) error {
	_, got, _, err := c.api.UpdateMessageContext(ctx, channelID, ts, m.options()...)
	if err == nil && got == "" {
		err = errNoResult
	}
	return typed("chat.update", true, err)
}

// Ephemeral tells one user something in a channel that nobody else sees.
func (c *Client) Ephemeral(ctx context.Context, channelID, user, text string) error {
	ts, err := c.api.PostEphemeralContext(ctx, channelID, user, slack.MsgOptionText(text, true))
	if err == nil && ts == "" {
		err = errNoResult
	}
	return typed("chat.postEphemeral", false, err)
}
