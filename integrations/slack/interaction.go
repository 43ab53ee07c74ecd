package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
)

// The types of the interactions that cxloop knows.
const (
	TypeBlockActions   = "block_actions"   // somebody pressed a button
	TypeViewSubmission = "view_submission" // somebody sent a modal
)

// Interaction is what a user did with a message or a modal.
type Interaction struct {
	// Type is TypeBlockActions, TypeViewSubmission, or another that has neither Actions
	// nor View.
	Type string
	User string // id
	// Trigger lets one modal be opened within three seconds; "" where there is none.
	Trigger string
	Actions []Action
	// View is what was sent; nil for another type.
	View *Submission
}

// Action is one press of a button.
type Action struct {
	ActionID string
	Value    string
	// TS is Slack's time of the press, unique for the user and the message.
	TS string
}

// Submission is a modal as a user sent it.
type Submission struct {
	// ID names the view, and so the submission: a view that was taken is closed, and one
	// whose sending is repeated has the same id.
	ID         string
	CallbackID string
	// Metadata is the view's private metadata, as it was opened with.
	Metadata string
	// Values are what its input blocks hold, by block id: a text, or the id of what was
	// chosen, a date as 2006-01-02. What holds nothing, or several, is left out.
	Values map[string]string
}

type payload struct {
	Type string `json:"type"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	TriggerID string `json:"trigger_id"`
	Actions   []struct {
		ActionID string `json:"action_id"`
		Value    string `json:"value"`
		ActionTS string `json:"action_ts"`
	} `json:"actions"`
	View *struct {
		ID              string `json:"id"`
		CallbackID      string `json:"callback_id"`
		PrivateMetadata string `json:"private_metadata"`
		State           struct {
			// By block id and action id.
			Values map[string]map[string]element `json:"values"`
		} `json:"state"`
	} `json:"view"`
}

// element is what an input element holds; which of its fields counts depends on its type.
type element struct {
	Value          string `json:"value"`
	SelectedUser   string `json:"selected_user"`
	SelectedDate   string `json:"selected_date"`
	SelectedOption struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

func (e element) held() string {
	for _, value := range []string{e.Value, e.SelectedUser, e.SelectedDate, e.SelectedOption.Value} {
		if value != "" {
			return value
		}
	}
	return ""
}

// ParseInteraction reads the raw body of a verified request. Nothing but the
// body is looked at: a query is outside of the signature. Its error names the
// place and may be told to the sender.
func ParseInteraction(body []byte) (Interaction, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Interaction{}, errors.New("body is not a form")
	}
	if len(form["payload"]) != 1 {
		return Interaction{}, fmt.Errorf("form has %d fields payload: want one", len(form["payload"]))
	}
	return ParsePayload([]byte(form.Get("payload")))
}

// ParsePayload reads the payload of an interaction, as it also comes over a socket.
func ParsePayload(raw []byte) (Interaction, error) {
	var p payload
	if err := json.Unmarshal(raw, &p); err != nil {
		return Interaction{}, fmt.Errorf("payload%s", jsonReason(err))
	}
	in := Interaction{Type: p.Type, User: p.User.ID, Trigger: p.TriggerID}
	for i, a := range p.Actions {
		if a.ActionID == "" || a.ActionTS == "" {
			return Interaction{}, fmt.Errorf("payload.actions[%d]: action_id or action_ts is missing", i)
		}
		in.Actions = append(in.Actions, Action{ActionID: a.ActionID, Value: a.Value, TS: a.ActionTS})
	}
	if in.Type == TypeViewSubmission {
		in.View = p.submission()
	}
	if missing := in.missing(); missing != "" {
		return Interaction{}, fmt.Errorf("payload.%s is missing", missing)
	}
	return in, nil
}

func (p payload) submission() *Submission {
	if p.View == nil {
		return nil
	}
	s := &Submission{ID: p.View.ID, CallbackID: p.View.CallbackID, Metadata: p.View.PrivateMetadata, Values: map[string]string{}}
	for block, elements := range p.View.State.Values {
		// An input block has one element.
		for _, action := range slices.Sorted(maps.Keys(elements)) {
			if held := elements[action].held(); held != "" {
				s.Values[block] = held
				break
			}
		}
	}
	return s
}

func (in Interaction) missing() string {
	switch {
	case in.Type == "":
		return "type"
	case in.User == "":
		return "user.id"
	case in.Type == TypeBlockActions && len(in.Actions) == 0:
		return "actions"
	case in.Type == TypeViewSubmission && in.View == nil:
		return "view"
	case in.Type == TypeViewSubmission && in.View.ID == "":
		return "view.id"
	}
	return ""
}

// jsonReason says what is wrong with JSON, and where, without quoting it.
func jsonReason(err error) string {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
		return fmt.Sprintf(".%s is of the wrong type", e.Field)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf(": %s (at byte %d)", e.Error(), e.Offset)
	}
	return " is not a JSON object"
}
