package sandbox

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// A response_url takes five answers in half an hour.
const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

// slackTrigger is a trigger_id: good for one view, soon after the interaction.
type slackTrigger struct {
	user    string
	expires time.Time
	used    bool
	view    string // that was opened by it
}

// slackResponse is what a response_url answers to.
type slackResponse struct {
	channel, ts, user string
	expires           time.Time
	uses              int
}

// newTrigger makes a trigger_id for a user's interaction.
func (s *Sandbox) newTrigger(user string) string {
	id := s.randomHex(10) + "." + s.randomHex(9) + "." + s.randomHex(32)
	now := s.now()
	s.slack.mu.Lock()
	defer s.slack.mu.Unlock()
	for old, t := range s.slack.triggers {
		// Kept past their end, so that a late call hears "expired" rather than "invalid".
		if now.Sub(t.expires) > time.Hour {
			delete(s.slack.triggers, old)
		}
	}
	s.slack.triggers[id] = &slackTrigger{user: user, expires: now.Add(triggerLife)}
	return id
}

// newResponseURL makes the response_url of an interaction with a message, "" where the sandbox has no address.
func (s *Sandbox) newResponseURL(channel, ts, user string) string {
	if s.opts.PublicURL == "" {
		return ""
	}
	token := s.randomHex(24)
	now := s.now()
	s.slack.mu.Lock()
	defer s.slack.mu.Unlock()
	for old, r := range s.slack.responses {
		if now.Sub(r.expires) > time.Hour {
			delete(s.slack.responses, old)
		}
	}
	s.slack.responses[token] = &slackResponse{channel: channel, ts: ts, user: user, expires: now.Add(responseLife)}
	return strings.TrimSuffix(s.opts.PublicURL, "/") + "/slack/response/" + token
}

// serveResponseURL takes an answer to an interaction: a new message, or an edit or the end of the one acted on.
func (s *Sandbox) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r, slackBodyMax)
	if err != nil && !errors.Is(err, errTooLarge) {
		return // the client has gone
	}
	e := s.respond(r, body)
	if e != nil {
		s.refuseSlack(w, r, e, body)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"ok": true})
}

func (s *Sandbox) respond(r *http.Request, body []byte) *slackError {
	c := &slackCall{method: "response_url"}
	if _, e := c.readArguments(r, body); e != nil {
		e.status = http.StatusBadRequest
		return e
	}
	if e := c.convertArguments(); e != nil {
		e.status = http.StatusBadRequest
		return e
	}
	in := &content{}
	if !c.bool("delete_original") {
		var e *slackError
		if in, e = s.readContent(c); e != nil {
			e.status = http.StatusBadRequest
			return e
		}
	}
	to, e := s.useResponse(r.PathValue("token"))
	if e != nil {
		return e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.applyResponse(c, in, to)
}

// useResponse spends one use of a response_url.
func (s *Sandbox) useResponse(token string) (*slackResponse, *slackError) {
	s.slack.mu.Lock()
	defer s.slack.mu.Unlock()
	to := s.slack.responses[token]
	var e *slackError
	switch {
	case to == nil:
		e = slackErrorf("invalid_url", "there is no such response_url")
	case s.now().After(to.expires):
		e = slackErrorf("expired_url", "the response_url is older than %s", responseLife)
	case to.uses >= responseUses:
		e = slackErrorf("used_url", "the response_url was used %d times", responseUses)
	default:
		to.uses++
		return to, nil
	}
	e.status = http.StatusNotFound
	return nil, e
}

// applyResponse does what an answer asks for; the lock is held.
func (s *Sandbox) applyResponse(c *slackCall, in *content, to *slackResponse) *slackError {
	original := s.st.Message(to.channel, to.ts)
	for _, m := range s.st.ephemerals {
		if m.Channel == to.channel && m.TS == to.ts {
			original = m
		}
	}
	switch {
	case c.bool("delete_original") || c.bool("replace_original"):
		if original == nil || original.Deleted {
			e := slackErrorf("message_not_found", "message %s is gone", to.ts)
			e.status = http.StatusNotFound
			return e
		}
		if c.bool("delete_original") {
			m := *original
			m.Deleted = true
			s.replaceMessage(&m)
		} else {
			s.edit(original, in)
		}
	case c.str("response_type") == "in_channel":
		m := &Message{Channel: to.channel, UserID: botUserID, Text: cutText(in.text), Blocks: in.blocks, Metadata: dropEmpty(in.metadata), ThreadTS: c.str("thread_ts")}
		s.stamp(m)
		s.st.addMessage(m, s.opts.Keep.Messages)
		s.touch()
	default:
		s.addEphemeral(&Message{Channel: to.channel, UserID: botUserID, Text: cutText(in.text), Blocks: in.blocks, EphemeralTo: to.user})
	}
	return nil
}
