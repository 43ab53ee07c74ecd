package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Page sizes of Slack's lists.
const (
	slackPage       = 100
	slackHistoryMax = 999
	slackListMax    = 1000
)

func (s *Sandbox) authTest(*slackCall) (map[string]any, *slackError) {
	return map[string]any{
		"url": "https://sandbox.slack.com/", "team": "sandbox", "user": "cxloop", "team_id": s.opts.Slack.TeamID,
		"user_id": botUserID, "bot_id": botID, "is_enterprise_install": false,
	}, nil
}

// historyRange is the part of a channel's messages that a request asks for. Cursors hold the ts where the next page
// goes on, so that what was posted meanwhile moves nothing.
type historyRange struct {
	oldest, latest string
	inclusive      bool
	// forward pages run from oldest towards now: so they do where oldest is given without latest.
	forward bool
}

const (
	cursorBefore = "before:"
	cursorAfter  = "after:"
)

func readRange(c *slackCall) (historyRange, *slackError) {
	h := historyRange{oldest: c.str("oldest"), latest: c.str("latest"), inclusive: c.bool("inclusive")}
	for name, v := range map[string]string{"oldest": h.oldest, "latest": h.latest} {
		if _, err := strconv.ParseFloat(v, 64); v != "" && err != nil {
			return h, slackErrorf("invalid_ts_"+name, "%s %q is not a timestamp", name, v)
		}
	}
	if f, err := strconv.ParseFloat(h.oldest, 64); err == nil && f == 0 {
		h.oldest = ""
	}
	h.forward = h.oldest != "" && h.latest == ""
	cursor := c.str("cursor")
	if cursor == "" {
		return h, nil
	}
	raw, err := base64.StdEncoding.DecodeString(cursor)
	at, before := strings.CutPrefix(string(raw), cursorBefore)
	after := false
	if !before {
		at, after = strings.CutPrefix(string(raw), cursorAfter)
	}
	if err != nil || !before && !after {
		return h, slackErrorf("invalid_cursor", "cursor %q is not valid", cursor)
	}
	h.inclusive = false
	if after {
		h.oldest = at
	} else {
		h.latest = at
	}
	return h, nil
}

// bounds are the indexes in an ordered list of ts that the range takes in.
func (h historyRange) bounds(order []string) (from, to int) {
	to = len(order)
	if h.oldest != "" {
		from = sort.Search(len(order), func(i int) bool { return order[i] > h.oldest || h.inclusive && order[i] == h.oldest })
	}
	if h.latest != "" {
		to = sort.Search(len(order), func(i int) bool { return order[i] > h.latest || !h.inclusive && order[i] == h.latest })
	}
	return from, max(from, to)
}

// page takes up to limit messages of the channel itself (a thread's replies are part of its history only where they
// were broadcast), newest first, and the cursor of the next page, "" at the end.
func (h historyRange) page(l *messageLog, limit int) ([]*Message, string) {
	from, to := h.bounds(l.order)
	var page []*Message
	next := ""
	for n := range to - from {
		i := to - 1 - n
		if h.forward {
			i = from + n
		}
		m := l.byTS[l.order[i]]
		if m.Deleted || m.isReply() && !m.Broadcast {
			continue
		}
		if len(page) == limit {
			last := page[limit-1].TS
			next = cursorBefore + last
			if h.forward {
				next = cursorAfter + last
			}
			break
		}
		page = append(page, m)
	}
	if h.forward {
		slices.Reverse(page)
	}
	if next != "" {
		next = base64.StdEncoding.EncodeToString([]byte(next))
	}
	return page, next
}

func (s *Sandbox) history(c *slackCall) (map[string]any, *slackError) {
	limit, ok := c.number("limit", slackHistoryMax, slackPage)
	if !ok {
		return nil, slackErrorf("invalid_limit", "limit is not a number from 1 to %d", slackHistoryMax)
	}
	h, e := readRange(c)
	if e != nil {
		return nil, e
	}
	s.mu.Lock()
	ch := s.st.channelsByID[c.str("channel")]
	if e = readable(ch, c.str("channel")); e == nil && ch.NotMember {
		e = slackErrorf("not_in_channel", "the bot is not a member of %s", ch.ID)
	}
	var page []*Message
	next := ""
	if e == nil {
		page, next = h.page(s.st.messages[ch.ID], limit)
	}
	s.mu.Unlock()
	if e != nil {
		return nil, e
	}
	messages := make([]json.RawMessage, 0, len(page))
	for _, m := range page {
		messages = append(messages, s.messageJSON(m, c.bool("include_all_metadata")))
	}
	answer := map[string]any{"messages": messages, "has_more": next != "", "pin_count": 0}
	if next != "" {
		answer["response_metadata"] = map[string]any{"next_cursor": next}
	}
	return answer, nil
}

// readable refuses a channel that is not there, or private without the bot.
func readable(ch *Channel, id string) *slackError {
	if ch == nil || ch.Private && ch.NotMember {
		return slackErrorf("channel_not_found", "there is no channel %q", id)
	}
	return nil
}

func (s *Sandbox) channelInfo(c *slackCall) (map[string]any, *slackError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.st.channelsByID[c.str("channel")]
	if e := readable(ch, c.str("channel")); e != nil {
		return nil, e
	}
	return map[string]any{"channel": channelJSON(ch)}, nil
}

func channelJSON(ch *Channel) map[string]any {
	if ch.User != "" {
		return map[string]any{"id": ch.ID, "is_im": true, "user": ch.User, "is_user_deleted": false, "is_archived": false, "is_open": true}
	}
	return map[string]any{
		"id": ch.ID, "name": ch.Name, "name_normalized": ch.Name, "is_channel": !ch.Private, "is_group": ch.Private, "is_im": false,
		"is_mpim": false, "is_private": ch.Private, "is_archived": ch.Archived, "is_general": ch.Name == "general", "is_member": !ch.NotMember,
	}
}

func (s *Sandbox) listChannels(c *slackCall) (map[string]any, *slackError) {
	limit, ok := c.number("limit", slackListMax, slackPage)
	if !ok {
		return nil, slackErrorf("invalid_limit", "limit is not a number from 1 to %d", slackListMax)
	}
	public, private, direct := true, false, false
	if types := c.str("types"); types != "" {
		public = false
		for t := range strings.SplitSeq(types, ",") {
			switch strings.TrimSpace(t) {
			case "public_channel":
				public = true
			case "private_channel":
				private = true
			case "im":
				direct = true
			case "mpim":
			default:
				return nil, slackErrorf("invalid_types", "%q is not a type of conversation", t)
			}
		}
	}
	after := ""
	if cursor := c.str("cursor"); cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		if after, ok = strings.CutPrefix(string(raw), cursorAfter); err != nil || !ok {
			return nil, slackErrorf("invalid_cursor", "cursor %q is not valid", cursor)
		}
	}
	s.mu.Lock()
	all := slices.Clone(s.st.Channels)
	s.mu.Unlock()
	slices.SortFunc(all, func(a, b *Channel) int { return strings.Compare(a.ID, b.ID) })
	channels, next := []any{}, ""
	last := ""
	for _, ch := range all {
		wanted := public && !ch.Private || private && ch.Private && !ch.NotMember
		if ch.User != "" {
			wanted = direct
		}
		if ch.ID <= after || !wanted || ch.Archived && c.bool("exclude_archived") {
			continue
		}
		if len(channels) == limit {
			next = base64.StdEncoding.EncodeToString([]byte(cursorAfter + last))
			break
		}
		channels, last = append(channels, channelJSON(ch)), ch.ID
	}
	return map[string]any{"channels": channels, "response_metadata": map[string]any{"next_cursor": next}}, nil
}

func (s *Sandbox) userInfo(c *slackCall) (map[string]any, *slackError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.st.User(c.str("user"))
	if u == nil {
		return nil, slackErrorf("user_not_found", "there is no user %q", c.str("user"))
	}
	return map[string]any{"user": s.userJSON(u, c.bool("include_locale"))}, nil
}

// userByEmail finds active people only: for anyone else the answer is users_not_found.
func (s *Sandbox) userByEmail(c *slackCall) (map[string]any, *slackError) {
	email := strings.ToLower(strings.TrimSpace(c.str("email")))
	if email == "" {
		return nil, missingArgument("email")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.st.usersByEmail[email]
	if u == nil || u.Deleted {
		e := slackErrorf("users_not_found", "nobody active has that address")
		e.expected = true
		return nil, e
	}
	return map[string]any{"user": s.userJSON(u, false)}, nil
}

func (s *Sandbox) userJSON(u *User, locale bool) map[string]any {
	v := map[string]any{
		"id": u.ID, "team_id": s.opts.Slack.TeamID, "name": u.Name, "deleted": u.Deleted, "real_name": u.RealName, "tz": u.TZ, "is_bot": u.Bot,
		"profile": map[string]any{"real_name": u.RealName, "display_name": u.Name, "email": u.Email, "team": s.opts.Slack.TeamID},
	}
	if locale {
		v["locale"] = u.Locale
	}
	return v
}
