package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The answers that Slack takes to a modal that was sent (docs: view_submission).
const (
	answerErrors = "errors"
	answerClear  = "clear"
	answerUpdate = "update"
)

// viewInput is an input block of a view.
type viewInput struct {
	Type     string `json:"type"`
	BlockID  string `json:"block_id"`
	Optional bool   `json:"optional"`
	Label    struct {
		Text string `json:"text"`
	} `json:"label"`
	Element inputElement `json:"element"`
}

// inputElement is what is filled in; which fields count depends on its type.
type inputElement struct {
	element
	InitialUser   string `json:"initial_user"`
	InitialDate   string `json:"initial_date"`
	InitialValue  string `json:"initial_value"`
	InitialOption struct {
		Value string `json:"value"`
	} `json:"initial_option"`
	MinLength int `json:"min_length"`
	MaxLength int `json:"max_length"`
}

// initial is what the element holds before anybody fills it in.
func (e inputElement) initial() string {
	for _, v := range []string{e.InitialUser, e.InitialDate, e.InitialValue, e.InitialOption.Value} {
		if v != "" {
			return v
		}
	}
	return ""
}

// Submit sends an open view as its user would, its inputs filled in by block id: a text, the value of an option, a
// user's id, a date such as 2026-11-24. What is not named holds what the app put there. The error is ErrNotFound for a
// view that is not open, tells what Slack would not let be sent, or why no answer came. The view is closed unless the
// app says otherwise; an answer that Slack does not take is Interaction.Error.
func (s *Sandbox) Submit(viewID string, values map[string]string) (*Interaction, error) {
	v, view, err := s.shownView(viewID)
	if err != nil {
		return nil, err
	}
	if view["submit"] == nil {
		return nil, fmt.Errorf("view %s has no button to send it: %w", viewID, ErrNotFound)
	}
	state, err := s.fill(view, values)
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", viewID, err)
	}
	u := s.slackUser(v.UserID)
	view["state"] = map[string]any{"values": state}
	trigger := s.newTrigger(v.UserID)
	payload := map[string]any{
		"type":       "view_submission",
		"team":       map[string]any{"id": s.opts.Slack.TeamID, "domain": "sandbox"},
		"user":       map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": s.opts.Slack.TeamID},
		"api_app_id": s.opts.Slack.AppID, "token": "verification_token", "trigger_id": trigger, "view": view,
		"response_urls": []any{}, "is_enterprise_install": false, "enterprise": nil,
	}
	callback, _ := view["callback_id"].(string)
	in, err := s.interact(Interaction{Type: "view_submission", UserID: v.UserID, Action: callback, View: v.ID}, payload, trigger)
	if err != nil || in.Status < 200 || in.Status > 299 {
		return in, err // the view stays, and Slack says that it did not work
	}
	return in, s.answered(v, in.Response)
}

// ClickThrough presses a button as Click does and, where the app opens a form that can be sent, sends it as Submit does.
// It returns the interaction that came last.
func (s *Sandbox) ClickThrough(channel, ts, actionID, userID string, values map[string]string) (*Interaction, error) {
	in, err := s.Click(channel, ts, actionID, userID)
	if err != nil || in.View == "" {
		return in, err
	}
	return s.Submit(in.View, values)
}

// CloseView closes a view as its user would, by its cancel button. The app is not told.
func (s *Sandbox) CloseView(viewID string) error {
	v, _, err := s.shownView(viewID)
	if err == nil {
		s.replaceView(v.ID, func(v *View) { v.Open = false })
	}
	return err
}

// shownView returns a view that is open, and its JSON decoded.
func (s *Sandbox) shownView(id string) (v View, decoded map[string]any, err error) {
	s.mu.Lock()
	at := slices.IndexFunc(s.st.Views, func(v *View) bool { return v.ID == id && v.Open })
	if at >= 0 {
		v = *s.st.Views[at]
	}
	s.mu.Unlock()
	if at < 0 {
		return v, nil, fmt.Errorf("open view %q: %w", id, ErrNotFound)
	}
	return v, decoded, json.Unmarshal(v.JSON, &decoded)
}

func (s *Sandbox) slackUser(id string) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.st.User(id); u != nil {
		return *u
	}
	return User{ID: id}
}

// replaceView publishes a changed version of a view.
func (s *Sandbox) replaceView(id string, change func(*View)) {
	s.change(func(st *State) {
		for i, old := range st.Views {
			if old.ID == id {
				v := *old
				change(&v)
				st.Views[i] = &v
			}
		}
	})
}

// fill makes a view's state of what a person fills in, and refuses what Slack's own form would not let be sent.
func (s *Sandbox) fill(view map[string]any, values map[string]string) (map[string]any, error) {
	raw, err := json.Marshal(view["blocks"])
	if err != nil {
		return nil, err
	}
	var inputs []viewInput
	if err := json.Unmarshal(raw, &inputs); err != nil {
		return nil, err
	}
	state, known := map[string]any{}, map[string]bool{}
	for _, in := range inputs {
		if in.Type != "input" {
			continue
		}
		known[in.BlockID] = true
		value, given := values[in.BlockID]
		if !given {
			value = in.Element.initial()
		}
		held, err := s.hold(in, value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", in.BlockID, err)
		}
		held["type"] = in.Element.Type
		state[in.BlockID] = map[string]any{in.Element.ActionID: held}
	}
	for _, id := range slices.Sorted(maps.Keys(values)) {
		if !known[id] {
			return nil, fmt.Errorf("input %q: %w", id, ErrNotFound)
		}
	}
	return state, nil
}

// hold is the state of one element.
func (s *Sandbox) hold(in viewInput, value string) (map[string]any, error) {
	if value == "" && !in.Optional {
		return nil, errors.New("please complete this required field")
	}
	switch in.Element.Type {
	case "plain_text_input":
		n := utf8.RuneCountInString(value)
		if value != "" && n < in.Element.MinLength || in.Element.MaxLength > 0 && n > in.Element.MaxLength {
			return nil, fmt.Errorf("%d characters are too few or too many", n)
		}
		return map[string]any{"value": orNull(value)}, nil
	case "datepicker":
		if _, err := time.Parse(time.DateOnly, value); value != "" && err != nil {
			return nil, fmt.Errorf("%q is not a date", value)
		}
		return map[string]any{"selected_date": orNull(value)}, nil
	case "users_select":
		if value != "" && s.slackUser(value).Name == "" {
			return nil, fmt.Errorf("user %q: %w", value, ErrNotFound)
		}
		return map[string]any{"selected_user": orNull(value)}, nil
	case "static_select", "radio_buttons":
		for _, o := range in.Element.Options {
			if o.Value == value {
				return map[string]any{"selected_option": map[string]any{"text": o.Text, "value": o.Value}}, nil
			}
		}
		if value != "" {
			return nil, fmt.Errorf("option %q: %w", value, ErrNotFound)
		}
		return map[string]any{"selected_option": nil}, nil
	}
	return nil, fmt.Errorf("elements of type %s cannot be filled in here", in.Element.Type)
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// answered does with a view what the app answered.
func (s *Sandbox) answered(v View, response string) error {
	var answer struct {
		ResponseAction string            `json:"response_action"`
		Errors         map[string]string `json:"errors"`
		View           map[string]any    `json:"view"`
	}
	if strings.TrimSpace(response) != "" {
		if err := json.Unmarshal([]byte(response), &answer); err != nil {
			return s.refuseAnswer(v, "view_answer", "the answer is not JSON")
		}
	}
	switch answer.ResponseAction {
	case "", answerClear:
		s.replaceView(v.ID, func(v *View) { v.Open = false })
	case answerErrors:
		if len(answer.Errors) == 0 {
			return s.refuseAnswer(v, "view_errors", "the answer names no errors")
		}
		for block := range answer.Errors {
			if !isInput(v.JSON, block) {
				return s.refuseAnswer(v, "view_errors", fmt.Sprintf("%q is no input block of the view", block))
			}
		}
		s.replaceView(v.ID, func(v *View) { v.Errors = answer.Errors })
	case answerUpdate:
		if e := s.checkView(&slackCall{method: "response_action", args: map[string]any{"view": answer.View}}, answer.View); e != nil {
			return s.refuseAnswer(v, "view_update", e.Error())
		}
		raw, err := json.Marshal(s.viewJSON(&v, answer.View))
		if err != nil {
			return err
		}
		s.replaceView(v.ID, func(v *View) { v.JSON, v.Errors = raw, nil })
	default:
		return s.refuseAnswer(v, "view_answer", fmt.Sprintf("response_action %q is not known to this stand-in", answer.ResponseAction))
	}
	return nil
}

// refuseAnswer notes an answer that Slack would not take: the user is told that it did not work.
func (s *Sandbox) refuseAnswer(v View, rule, detail string) error {
	s.recordRefusal(Slack, &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/view_submission"}}, refusef(0, "slack/"+rule, "%s", detail), nil)
	return fmt.Errorf("view %s: Slack takes no such answer: %s", v.ID, detail)
}

func isInput(view json.RawMessage, block string) bool {
	var v struct {
		Blocks []viewInput `json:"blocks"`
	}
	return json.Unmarshal(view, &v) == nil && slices.ContainsFunc(v.Blocks, func(b viewInput) bool { return b.Type == "input" && b.BlockID == block })
}
