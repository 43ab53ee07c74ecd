package slack

import (
	"context"

	"github.com/slack-go/slack"
)

// Permalink returns the address at which those who may read a message find it.
func (c *Client) Permalink(ctx context.Context, channelID, ts string) (string, error) {
	address, err := c.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channelID, Ts: ts})
	if err == nil && address == "" {
		err = errNoResult
	}
	if err != nil {
		return "", typed("chat.getPermalink", true, err)
	}
	return address, nil
}
