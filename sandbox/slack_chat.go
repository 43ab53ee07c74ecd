package sandbox

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// Lengths of a message's text, in characters: beyond the first it is cut, an edit beyond the second is refused.
const (
	slackTextMax   = 40_000
	slackUpdateMax = 4_000
)

// botID is the bot behind botUserID.
const botID = "B0CXLOOP"

// content is what a message says, checked and with its ids filled in. A nil blocks or metadata was not given.
type content struct {
	text     string
	blocks   json.RawMessage
	metadata json.RawMessage
}

// readContent checks text, blocks and metadata; text or blocks must be there.
func (s *Sandbox) readContent(c *slackCall) (*content, *slackError) {
	if c.args["attachments"] != nil {
		return nil, slackErrorf("invalid_arguments", "legacy attachments are not known to this stand-in")
	}
	out := &content{text: c.str("text")}
	if md := c.str("markdown_text"); md != "" {
		if out.text != "" || c.args["blocks"] != nil {
			return nil, slackErrorf("markdown_text_conflict", "markdown_text cannot go with text or blocks")
		}
		out.text = md
	}
	if blocks, given := c.args["blocks"]; given {
		var e *slackError
		if out.blocks, e = s.readBlocks(blocks); e != nil {
			return nil, e
		}
	}
	if out.text == "" && out.blocks == nil {
		return nil, slackErrorf("no_text", "no message text provided")
	}
	if v, given := c.args["metadata"]; given {
		var e *slackError
		if out.metadata, e = readMetadata(v); e != nil {
			return nil, e
		}
	}
	if err := s.contract.slackCall(c.method, c.args); err != nil {
		return nil, slackInvalid("invalid_arguments", ruleContract, err.Error())
	}
	return out, nil
}

// readBlocks checks a message's blocks and returns them with every id filled in, nil where the list is empty.
func (s *Sandbox) readBlocks(v any) (json.RawMessage, *slackError) {
	list, ok := v.([]any)
	if !ok {
		return nil, slackErrorf("invalid_blocks_format", "blocks is not an array")
	}
	if b := checkBlocks(list, messageBlocksMax); b != nil {
		return nil, slackInvalid("invalid_blocks", "slack/"+b.rule, b.message())
	}
	if err := s.contract.slackBlocks(list); err != nil {
		return nil, slackInvalid("invalid_blocks", ruleContract, err.Error())
	}
	if len(list) == 0 {
		return nil, nil
	}
	fillIDs(list, func() string { return s.randomHex(5) })
	raw, err := json.Marshal(list)
	if err != nil {
		return nil, slackErrorf("invalid_blocks_format", "blocks: %v", err)
	}
	return raw, nil
}

// readMetadata wants an event_type with an event_payload, or an empty object, which removes metadata.
func readMetadata(v any) (json.RawMessage, *slackError) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, slackErrorf("invalid_metadata_format", "metadata is not an object")
	}
	if len(m) > 0 {
		t, _ := m["event_type"].(string)
		switch {
		case t == "" && m["event_payload"] == nil:
			return nil, nil // how slack-go's response_url messages say "none"
		case t == "":
			return nil, slackErrorf("invalid_metadata_schema", "metadata has no event_type")
		}
		if _, ok := m["event_payload"].(map[string]any); !ok {
			return nil, slackErrorf("invalid_metadata_schema", "metadata has no event_payload")
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, slackErrorf("invalid_metadata_format", "metadata: %v", err)
	}
	return raw, nil
}

// postable returns the channel that the bot may post to; the lock is held. Only posting takes a channel's name.
func (st *State) postable(idOrName string, byName bool) (*Channel, *slackError) {
	ch := st.channelsByID[idOrName]
	if ch == nil && byName {
		ch = st.Channel(idOrName)
	}
	switch {
	case ch == nil || ch.Private && ch.NotMember:
		return nil, slackErrorf("channel_not_found", "there is no channel %q", idOrName)
	case ch.NotMember:
		return nil, slackErrorf("not_in_channel", "the bot is not a member of %s", ch.ID)
	case ch.Archived:
		return nil, slackErrorf("is_archived", "channel %s is archived", ch.ID)
	}
	return ch, nil
}

var timestampPattern = regexp.MustCompile(`^\d{10}\.\d{6}$`)

func (s *Sandbox) postMessage(c *slackCall) (map[string]any, *slackError) {
	if c.str("channel") == "" {
		return nil, missingArgument("channel")
	}
	in, e := s.readContent(c)
	if e != nil {
		return nil, e
	}
	m := &Message{UserID: botUserID, Text: cutText(in.text), Blocks: in.blocks, Metadata: dropEmpty(in.metadata), ThreadTS: c.str("thread_ts")}
	m.Broadcast = m.ThreadTS != "" && c.bool("reply_broadcast")
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, e := s.st.postable(c.str("channel"), true)
	if e != nil {
		return nil, e
	}
	if e := s.slackAllowed("post/"+ch.ID, slackPostRate, slackPostBurst); e != nil {
		return nil, e
	}
	if m.ThreadTS != "" {
		if !timestampPattern.MatchString(m.ThreadTS) {
			return nil, slackErrorf("invalid_thread_ts", "thread_ts %q is not a timestamp", m.ThreadTS)
		}
		if e := s.st.threadable(ch, m.ThreadTS); e != nil {
			return nil, e
		}
	}
	m.Channel = ch.ID
	s.stamp(m)
	s.st.addMessage(m, s.opts.Keep.Messages)
	s.touch()
	return map[string]any{"channel": ch.ID, "ts": m.TS, "message": s.messageJSON(m, true)}, nil
}

// stamp gives a message its time and its ts, which is later than every earlier one; the lock is held.
func (s *Sandbox) stamp(m *Message) {
	m.At = s.now()
	s.lastTS = max(s.lastTS+1, m.At.UnixMicro())
	m.TS = slackTime(time.UnixMicro(s.lastTS))
}

func cutText(text string) string {
	if utf8.RuneCountInString(text) <= slackTextMax {
		return text
	}
	return string([]rune(text)[:slackTextMax])
}

// dropEmpty turns the metadata that removes metadata into none.
func dropEmpty(metadata json.RawMessage) json.RawMessage {
	if string(metadata) == "{}" {
		return nil
	}
	return metadata
}

func missingArgument(name string) *slackError {
	return slackInvalid("invalid_arguments", "slack/invalid_arguments", "missing required field: "+name)
}

func (s *Sandbox) postEphemeral(c *slackCall) (map[string]any, *slackError) {
	for _, name := range []string{"channel", "user"} {
		if c.str(name) == "" {
			return nil, missingArgument(name)
		}
	}
	in, e := s.readContent(c)
	if e != nil {
		return nil, e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, e := s.st.postable(c.str("channel"), true)
	if e != nil {
		return nil, e
	}
	u := s.st.User(c.str("user"))
	if u == nil || u.Deleted || u.Bot {
		return nil, slackErrorf("user_not_in_channel", "user %q is not in %s", c.str("user"), ch.ID)
	}
	m := &Message{Channel: ch.ID, UserID: botUserID, Text: cutText(in.text), Blocks: in.blocks, ThreadTS: c.str("thread_ts"), EphemeralTo: u.ID}
	s.addEphemeral(m)
	return map[string]any{"message_ts": m.TS}, nil
}

// addEphemeral publishes a message that one user sees; the lock is held.
func (s *Sandbox) addEphemeral(m *Message) {
	s.stamp(m)
	s.st.ephemerals = capped(s.st.ephemerals, m, s.opts.Keep.Messages)
	s.touch()
}

func (s *Sandbox) updateMessage(c *slackCall) (map[string]any, *slackError) {
	for _, name := range []string{"channel", "ts"} {
		if c.str(name) == "" {
			return nil, missingArgument(name)
		}
	}
	in, e := s.readContent(c)
	if e != nil {
		return nil, e
	}
	if n := utf8.RuneCountInString(in.text); n > slackUpdateMax {
		return nil, slackErrorf("msg_too_long", "the text has %d characters, an edit may have %d", n, slackUpdateMax)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, e := s.st.postable(c.str("channel"), false)
	if e != nil {
		return nil, e
	}
	old := s.st.Message(ch.ID, c.str("ts"))
	switch {
	case old == nil || old.Deleted:
		return nil, slackErrorf("message_not_found", "there is no message %s in %s", c.str("ts"), ch.ID)
	case old.UserID != botUserID:
		return nil, slackErrorf("cant_update_message", "message %s belongs to %s", old.TS, old.UserID)
	}
	m := s.edit(old, in)
	return map[string]any{"channel": ch.ID, "ts": m.TS, "text": m.Text, "message": s.messageJSON(m, true)}, nil
}

// edit publishes a new version of a message; the lock is held. Text without blocks removes the blocks, while
// metadata stays until it is replaced.
func (s *Sandbox) edit(old *Message, in *content) *Message {
	m := *old
	m.Edits = slices.Clone(old.Edits)
	m.Edits = capped(m.Edits, MessageVersion{Text: old.Text, Blocks: old.Blocks, At: cmp.Or(old.EditedAt, old.At)}, s.opts.Keep.History)
	m.EditedAt = s.now()
	m.Text, m.Blocks = in.text, in.blocks
	if in.metadata != nil {
		m.Metadata = dropEmpty(in.metadata)
	}
	s.replaceMessage(&m)
	return &m
}

// replaceMessage publishes a message in place of its former version; the lock is held.
func (s *Sandbox) replaceMessage(m *Message) {
	if m.EphemeralTo != "" {
		for i, e := range s.st.ephemerals {
			if e.TS == m.TS {
				s.st.ephemerals[i] = m
			}
		}
	} else {
		s.st.messages[m.Channel].byTS[m.TS] = m
	}
	s.touch()
}

// messageJSON is a message as Slack returns it; metadata is shown only where it was asked for.
func (s *Sandbox) messageJSON(m *Message, metadata bool) json.RawMessage {
	type edited struct {
		User string `json:"user"`
		TS   string `json:"ts"`
	}
	body := struct {
		Type       string          `json:"type"`
		Subtype    string          `json:"subtype,omitempty"`
		User       string          `json:"user"`
		BotID      string          `json:"bot_id,omitempty"`
		AppID      string          `json:"app_id,omitempty"`
		Text       string          `json:"text"`
		Team       string          `json:"team"`
		TS         string          `json:"ts"`
		ThreadTS   string          `json:"thread_ts,omitempty"`
		ReplyCount int             `json:"reply_count,omitempty"`
		Edited     *edited         `json:"edited,omitempty"`
		Blocks     json.RawMessage `json:"blocks,omitempty"`
		Metadata   json.RawMessage `json:"metadata,omitempty"`
	}{
		Type: "message", User: m.UserID, Text: m.Text, Team: s.opts.Slack.TeamID, TS: m.TS, ThreadTS: m.ThreadTS,
		ReplyCount: m.ReplyCount, Blocks: m.Blocks,
	}
	if m.UserID == botUserID {
		body.BotID, body.AppID = botID, s.opts.Slack.AppID
	}
	if m.Broadcast {
		body.Subtype = "thread_broadcast"
	}
	if !m.EditedAt.IsZero() {
		body.Edited = &edited{User: m.UserID, TS: slackTime(m.EditedAt)}
	}
	if metadata {
		body.Metadata = m.Metadata
	}
	raw, err := json.Marshal(body)
	if err != nil {
		// Only raw JSON that a state file brought in broken can fail here.
		return json.RawMessage(`{"type":"message"}`)
	}
	return raw
}
