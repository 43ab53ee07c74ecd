package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// isReply tells whether a message stands in the thread of another one.
func (m *Message) isReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// threadable refuses a message that has no thread to post in; the lock is held. Slack's documents say not to answer a
// reply: the answer would stand in no thread that anybody sees.
func (st *State) threadable(ch *Channel, ts string) *slackError {
	switch parent := st.Message(ch.ID, ts); {
	case parent == nil || parent.Deleted:
		return slackErrorf("thread_not_found", "there is no message %s in %s", ts, ch.ID)
	case parent.isReply():
		return slackErrorf("invalid_thread_ts", "message %s is a reply: its thread is that of %s", ts, parent.ThreadTS)
	}
	return nil
}

// threadReplies returns a message and the replies to it, oldest first.
func (s *Sandbox) threadReplies(c *slackCall) (map[string]any, *slackError) {
	limit, ok := c.number("limit", slackListMax, slackListMax)
	if !ok {
		return nil, slackErrorf("invalid_limit", "limit is not a number from 1 to %d", slackListMax)
	}
	after, e := threadCursor(c.str("cursor"))
	if e != nil {
		return nil, e
	}
	h, e := readRange(&slackCall{method: c.method, args: withoutCursor(c.args)})
	if e != nil {
		return nil, e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.st.channelsByID[c.str("channel")]
	if e := readable(ch, c.str("channel")); e != nil {
		return nil, e
	}
	if ch.NotMember {
		return nil, slackErrorf("not_in_channel", "the bot is not a member of %s", ch.ID)
	}
	parent := s.st.Message(ch.ID, c.str("ts"))
	if parent == nil {
		return nil, slackErrorf("thread_not_found", "there is no message %s in %s", c.str("ts"), ch.ID)
	}
	messages, next := []json.RawMessage{s.messageJSON(parent, c.bool("include_all_metadata"))}, ""
	replies := s.st.messages[ch.ID].replies[parent.TS]
	from, to := h.bounds(replies)
	for _, ts := range replies[from:to] {
		m := s.st.Message(ch.ID, ts)
		if m == nil || m.Deleted || ts <= after {
			continue
		}
		if len(messages) == limit+1 { // the first message comes with every page, as at Slack
			break
		}
		messages, next = append(messages, s.messageJSON(m, c.bool("include_all_metadata"))), ts
	}
	if len(messages) <= limit || next == replies[to-1] {
		next = ""
	} else {
		next = base64.StdEncoding.EncodeToString([]byte(cursorAfter + next))
	}
	return map[string]any{"messages": messages, "has_more": next != "", "response_metadata": map[string]any{"next_cursor": next}}, nil
}

// threadCursor is the ts behind which a page goes on, "" at the start.
func threadCursor(cursor string) (after string, e *slackError) {
	if cursor == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(cursor)
	after, ok := strings.CutPrefix(string(raw), cursorAfter)
	if err != nil || !ok {
		return "", slackErrorf("invalid_cursor", "cursor %q is not valid", cursor)
	}
	return after, nil
}

func withoutCursor(args map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range args {
		if name != "cursor" {
			out[name] = v
		}
	}
	return out
}

// openConversation returns the channel in which the app and one user write to each other alone. Messages to several
// people are not stood in for.
func (s *Sandbox) openConversation(c *slackCall) (map[string]any, *slackError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id := c.str("channel"); id != "" {
		ch := s.st.channelsByID[id]
		if ch == nil || ch.User == "" {
			return nil, slackErrorf("channel_not_found", "there is no direct message channel %q", id)
		}
		return map[string]any{"channel": conversation(c, ch), "no_op": true, "already_open": true}, nil
	}
	switch users := c.str("users"); {
	case users == "":
		return nil, slackErrorf("users_list_not_supplied", "neither users nor a channel is given")
	case strings.Contains(users, ","):
		return nil, slackErrorf("invalid_arguments", "messages to several people are not known to this stand-in")
	}
	u := s.st.User(c.str("users"))
	switch {
	case u == nil:
		return nil, slackErrorf("user_not_found", "there is no user %q", c.str("users"))
	case u.Deleted:
		return nil, slackErrorf("user_disabled", "user %s is deactivated", u.ID)
	case u.Bot:
		return nil, slackErrorf("cannot_dm_bot", "user %s is a bot", u.ID)
	}
	id := "D" + strings.TrimPrefix(u.ID, "U")
	ch, known := s.st.channelsByID[id]
	if !known {
		ch = &Channel{ID: id, User: u.ID, Private: true}
		s.st.addChannel(ch)
		s.touch()
	}
	answer := map[string]any{"channel": conversation(c, ch)}
	if known {
		answer["no_op"], answer["already_open"] = true, true
	}
	return answer, nil
}

// conversation is all of a channel where that was asked for, else its id.
func conversation(c *slackCall, ch *Channel) map[string]any {
	if c.bool("return_im") {
		return channelJSON(ch)
	}
	return map[string]any{"id": ch.ID}
}
