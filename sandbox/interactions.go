package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Slack gives an app 3 seconds to acknowledge an interaction, and its trigger_id lives as long.
const (
	interactionTimeout = 3 * time.Second
	triggerLife        = 3 * time.Second
)

// element is what an interaction needs of a Block Kit element.
type element struct {
	Type     string          `json:"type"`
	ActionID string          `json:"action_id"`
	BlockID  string          `json:"block_id"`
	Text     json.RawMessage `json:"text"`
	Value    string          `json:"value"`
	URL      string          `json:"url"`
	Style    string          `json:"style"`
	Options  []struct {
		Text  json.RawMessage `json:"text"`
		Value string          `json:"value"`
	} `json:"options"`
}

// DeleteMessage deletes a message as somebody in the channel may.
func (s *Sandbox) DeleteMessage(channel, ts string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.st.Message(channel, ts)
	if old == nil || old.Deleted {
		return fmt.Errorf("there is no message %s in %s", ts, channel)
	}
	m := *old
	m.Deleted = true
	s.replaceMessage(&m)
	return nil
}

// Click presses a button of a message as a user would: it sends a block_actions interaction to the app, signed by HTTP
// or over Socket Mode, and keeps what it answered. The error is ErrNotFound for an unknown message, user or action, or says why no answer
// came; an answer other than 2xx is no error, see Interaction.Status.
func (s *Sandbox) Click(channel, ts, actionID, userID string) (*Interaction, error) {
	return s.act(channel, ts, actionID, userID, "")
}

// Select chooses an option of a menu of a message, by the option's value or, for users_select, by the user's id.
func (s *Sandbox) Select(channel, ts, actionID, userID, value string) (*Interaction, error) {
	return s.act(channel, ts, actionID, userID, value)
}

func (s *Sandbox) act(channel, ts, actionID, userID, selected string) (*Interaction, error) {
	s.mu.Lock()
	c, u := s.st.Channel(channel), s.st.User(userID)
	var m *Message
	if c != nil {
		m = s.st.Message(c.ID, ts)
		for _, e := range s.st.ephemerals {
			if m == nil && e.Channel == c.ID && e.TS == ts {
				m = e
			}
		}
	}
	s.mu.Unlock()
	if m == nil || m.Deleted {
		return nil, fmt.Errorf("message %s in %s: %w", ts, channel, ErrNotFound)
	}
	if u == nil {
		return nil, fmt.Errorf("slack user %q: %w", userID, ErrNotFound)
	}
	e, ok := findElement(m.Blocks, actionID)
	if !ok {
		return nil, fmt.Errorf("action %q of message %s: %w", actionID, ts, ErrNotFound)
	}
	action, err := actionOf(e, selected, s.now())
	if err != nil {
		return nil, err
	}
	trigger := s.newTrigger(u.ID)
	payload := map[string]any{
		"type":         "block_actions",
		"user":         map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": s.opts.Slack.TeamID},
		"api_app_id":   s.opts.Slack.AppID,
		"token":        "verification_token",
		"container":    map[string]any{"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": m.EphemeralTo != ""},
		"trigger_id":   trigger,
		"team":         map[string]any{"id": s.opts.Slack.TeamID, "domain": "sandbox"},
		"enterprise":   nil,
		"channel":      map[string]any{"id": c.ID, "name": c.Name},
		"message":      s.messageJSON(m, true),
		"state":        map[string]any{"values": map[string]any{}},
		"response_url": s.newResponseURL(c.ID, m.TS, u.ID),
		"actions":      []any{action},
	}
	if payload["response_url"] == "" {
		delete(payload, "response_url")
	}
	return s.interact(Interaction{Type: "block_actions", UserID: u.ID, Channel: c.ID, TS: m.TS, Action: actionID}, payload, trigger)
}

// findElement looks an interactive element up by its action id in actions blocks and section accessories.
func findElement(blocks json.RawMessage, actionID string) (element, bool) {
	var parsed []struct {
		BlockID   string    `json:"block_id"`
		Elements  []element `json:"elements"`
		Accessory *element  `json:"accessory"`
	}
	if json.Unmarshal(blocks, &parsed) != nil {
		return element{}, false
	}
	for _, b := range parsed {
		if b.Accessory != nil {
			b.Elements = append(b.Elements, *b.Accessory)
		}
		for _, e := range b.Elements {
			if e.ActionID == actionID {
				e.BlockID = b.BlockID
				return e, true
			}
		}
	}
	return element{}, false
}

// actionOf is the element of an interaction's actions array.
func actionOf(e element, selected string, now time.Time) (map[string]any, error) {
	a := map[string]any{"type": e.Type, "action_id": e.ActionID, "block_id": e.BlockID, "action_ts": slackTime(now)}
	switch e.Type {
	case "button", "workflow_button":
		a["text"] = e.Text
		if e.Value != "" {
			a["value"] = e.Value
		}
		if e.URL != "" {
			a["url"] = e.URL
		}
		if e.Style != "" {
			a["style"] = e.Style
		}
		return a, nil
	case "users_select":
		a["selected_user"] = selected
		return a, nil
	case "static_select", "overflow", "radio_buttons":
		for _, o := range e.Options {
			if o.Value == selected {
				a["selected_option"] = map[string]any{"text": o.Text, "value": o.Value}
				return a, nil
			}
		}
		return nil, fmt.Errorf("option %q of %q: %w", selected, e.ActionID, ErrNotFound)
	}
	return nil, fmt.Errorf("element %q of type %s cannot be acted on", e.ActionID, e.Type)
}

// slackTime formats a time as Slack's ts does: seconds, a dot, microseconds.
func slackTime(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// interact sends an interaction's payload, and keeps it with its answer and the view that its trigger opened.
func (s *Sandbox) interact(in Interaction, payload map[string]any, trigger string) (*Interaction, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("encode interaction: %w", err)
	}
	in.Payload, in.At = raw, s.now()
	if s.opts.Slack.AppToken == "" {
		in.Status, in.Response, err = s.postInteraction(raw)
	} else if in.Response, err = s.sendEnvelope(raw); err == nil {
		in.Status = http.StatusOK
	}
	if err != nil {
		in.Error = err.Error()
	}
	in.View = cmp.Or(in.View, s.opened(trigger))
	s.change(func(st *State) {
		s.nextID++
		in.ID = s.nextID
		st.Interactions = capped(st.Interactions, &in, s.opts.Keep.Interactions)
	})
	if err != nil {
		return &in, fmt.Errorf("interaction not answered: %w", err)
	}
	return &in, nil
}

func (s *Sandbox) postInteraction(payload []byte) (int, string, error) {
	if s.opts.Slack.InteractionsURL == "" {
		return 0, "", errors.New("no interactions url is configured")
	}
	body := []byte(url.Values{"payload": {string(payload)}}.Encode())
	ctx, cancel := context.WithTimeout(context.Background(), interactionTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opts.Slack.InteractionsURL, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	ts := strconv.FormatInt(s.now().Unix(), 10)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	req.Header.Set("X-Slack-Request-Timestamp", ts)
	req.Header.Set("X-Slack-Signature", signSlack(s.opts.Slack.SigningSecret, ts, body))
	resp, err := s.opts.HTTPClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing left to do with it
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, string(answer), err
}

// signSlack makes the v0 signature: hex of HMAC-SHA256 over "v0:ts:body".
func signSlack(secret, ts string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + ts + ":"))
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}
