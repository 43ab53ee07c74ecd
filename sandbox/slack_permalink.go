package sandbox

import "strings"

// permalink returns the address of a message, as those in the workspace have it.
func (s *Sandbox) permalink(c *slackCall) (map[string]any, *slackError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.st.channelsByID[c.str("channel")]
	if e := readable(ch, c.str("channel")); e != nil {
		return nil, e
	}
	m := s.st.Message(ch.ID, c.str("message_ts"))
	if m == nil || m.Deleted {
		return nil, slackErrorf("message_not_found", "there is no message %q in %s", c.str("message_ts"), ch.ID)
	}
	address := "https://sandbox.slack.com/archives/" + ch.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	return map[string]any{"channel": ch.ID, "permalink": address}, nil
}
