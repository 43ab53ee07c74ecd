package sandbox

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
)

// maxAction caps the body of an action, in bytes.
const maxAction = 16 << 10

// serveAction does what a button of the page says.
func (p *playground) serveAction(w http.ResponseWriter, r *http.Request) {
	// A form of another web page cannot send this type, so that this holds also for browsers that tell no origin.
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		fail(w, http.StatusUnsupportedMediaType, "want Content-Type application/json")
		return
	}
	body, err := readBody(w, r, maxAction)
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	var result any
	switch r.PathValue("action") {
	case "play":
		result, err = p.doPlay(body)
	case "set":
		result, err = p.doSet(body)
	case "click":
		result, err = p.doClick(body)
	case "submit":
		result, err = p.doSubmit(body)
	case "close":
		result, err = p.doClose(body)
	case "mail":
		result, err = p.doMail(body)
	case "sms":
		result, err = p.doSMS(body)
	default:
		err = ErrNotFound
	}
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, result)
	case errors.Is(err, ErrNotFound):
		fail(w, http.StatusNotFound, err.Error())
	case errors.Is(err, errTooManyRuns):
		fail(w, http.StatusTooManyRequests, err.Error())
	default:
		fail(w, http.StatusBadRequest, err.Error())
	}
}

// doPlay starts a scenario.
func (p *playground) doPlay(body []byte) (any, error) {
	var in struct{ Scenario string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	id, err := p.play(in.Scenario)
	return map[string]int{"run": id}, err
}

// doSet changes a property as a person would in the CRM.
func (p *playground) doSet(body []byte) (any, error) {
	var in struct{ Type, ID, Name, Value string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	if readOnlyProperties[in.Name] {
		return nil, errors.New(in.Name + " is computed by the CRM and cannot be set")
	}
	return struct{}{}, p.s.SetProperty(in.Type, in.ID, in.Name, in.Value, SourceUser)
}

// doClick presses a button, or chooses from a menu where there is a value, as a Slack user.
func (p *playground) doClick(body []byte) (any, error) {
	var in struct{ Channel, TS, Action, User, Value string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	act := p.s.Click
	if in.Value != "" {
		act = func(channel, ts, action, user string) (*Interaction, error) {
			return p.s.Select(channel, ts, action, user, in.Value)
		}
	}
	answer, err := act(in.Channel, in.TS, in.Action, in.User)
	if err != nil {
		return nil, err
	}
	return map[string]any{"status": answer.Status, "response": answer.Response}, nil
}

// doSubmit sends a modal that was filled in.
func (p *playground) doSubmit(body []byte) (any, error) {
	var in struct {
		View   string
		Values map[string]string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	answer, err := p.s.Submit(in.View, in.Values)
	if err != nil {
		return nil, err
	}
	return map[string]any{"status": answer.Status, "response": answer.Response}, nil
}

// doClose closes a modal.
func (p *playground) doClose(body []byte) (any, error) {
	var in struct{ View string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	return struct{}{}, p.s.CloseView(in.View)
}

// doMail has SendGrid tell something of a mail.
func (p *playground) doMail(body []byte) (any, error) {
	var in struct{ ID, Fate string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	return struct{}{}, p.s.TellMail(in.ID, in.Fate)
}

// doSMS has a customer send an SMS.
func (p *playground) doSMS(body []byte) (any, error) {
	var in struct{ From, Body string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	return struct{}{}, p.s.ReplySMS(in.From, in.Body)
}
