package slack

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"
)

// historyPage is how many messages are read at once.
const historyPage = 200

// FindMessage looks through what was posted in a channel since a moment, by Slack's
// clock, for a message whose metadata has an event type and a value in its payload. It
// returns the message's ts, "" where there is none. The channel is an id: the app
// needs the scope channels:history, or groups:history in a private channel.
func (c *Client) FindMessage(ctx context.Context, channelID string, since time.Time, eventType, field, value string) (ts string, err error) {
	params := &slack.GetConversationHistoryParameters{
		ChannelID: channelID, Oldest: fmt.Sprintf("%d.%06d", since.Unix(), since.Nanosecond()/1000),
		Inclusive: true, IncludeAllMetadata: true, Limit: historyPage,
	}
	for {
		page, err := c.api.GetConversationHistoryContext(ctx, params)
		if err != nil {
			return "", typed("conversations.history", true, err)
		}
		for _, m := range page.Messages {
			if m.Metadata.EventType == eventType && m.Metadata.EventPayload[field] == value {
				return m.Timestamp, nil
			}
		}
		next := page.ResponseMetaData.NextCursor
		if next == "" || next == params.Cursor {
			return "", nil
		}
		params.Cursor = next
	}
}
