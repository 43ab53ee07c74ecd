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
// returns the message's ts, "" where there is none. Replies in threads are not looked
// through: see FindReply. The channel is an id: the app needs the scope
// channels:history, groups:history in a private channel, or im:history in a direct
// message.
func (c *Client) FindMessage(ctx context.Context, channelID string, since time.Time, eventType, field, value string) (ts string, err error) {
	params := &slack.GetConversationHistoryParameters{
		ChannelID: channelID, Oldest: timestamp(since), Inclusive: true, IncludeAllMetadata: true, Limit: historyPage,
	}
	return find(eventType, field, value, func(cursor string) ([]slack.Message, string, error) {
		params.Cursor = cursor
		page, err := c.api.GetConversationHistoryContext(ctx, params)
		if err != nil {
			return nil, "", typed("conversations.history", true, err)
		}
		return page.Messages, page.ResponseMetaData.NextCursor, nil
	})
}

// FindReply is FindMessage in the thread of a message.
func (c *Client) FindReply(ctx context.Context, channelID, threadTS string, since time.Time, eventType, field, value string) (ts string, err error) {
	params := &slack.GetConversationRepliesParameters{
		ChannelID: channelID, Timestamp: threadTS, Oldest: timestamp(since), Inclusive: true, IncludeAllMetadata: true, Limit: historyPage,
	}
	return find(eventType, field, value, func(cursor string) ([]slack.Message, string, error) {
		params.Cursor = cursor
		page, _, next, err := c.api.GetConversationRepliesContext(ctx, params)
		if err != nil {
			return nil, "", typed("conversations.replies", true, err)
		}
		return page, next, nil
	})
}

// find goes through the pages of messages until one has what is looked for.
func find(eventType, field, value string, read func(cursor string) ([]slack.Message, string, error)) (ts string, err error) {
	for cursor := ""; ; {
		messages, next, err := read(cursor)
		if err != nil {
			return "", err
		}
		for _, m := range messages {
			if m.Metadata.EventType == eventType && m.Metadata.EventPayload[field] == value {
				return m.Timestamp, nil
			}
		}
		if next == "" || next == cursor {
			return "", nil
		}
		cursor = next
	}
}

// timestamp is a moment as Slack writes it.
func timestamp(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }
