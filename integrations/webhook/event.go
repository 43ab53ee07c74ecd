package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// What one body may hold.
const (
	MaxEvents = 500

	maxAttribute = 256 // bytes of id, source, type and subject
	maxDepth     = 16  // of arrays and objects in data
	// maxAhead is how far in the future an event may say that it happened.
	maxAhead = 24 * time.Hour
)

// ParseEvents reads one event, an array of events or {"events": […]}, with the
// attributes of CloudEvents 1.0: id, source and type are required, time is the
// moment of arrival where it is missing, others are ignored. data.contact.id is
// required, in one of type case.closed data.case.id in its place; what is told of orders,
// subscriptions and tickets is checked. Its errors are *crm.Rejection, name the place
// ("events[2].data.contact.id is missing") and quote no value.
func ParseEvents(body []byte, crmID string, received time.Time) ([]survey.Event, error) {
	raw, prefix, err := split(body, "event", "events")
	if err != nil {
		return nil, crm.Reject(http.StatusBadRequest, "%s", err)
	}
	if len(raw) == 0 || len(raw) > MaxEvents {
		return nil, crm.Reject(http.StatusBadRequest, "body has %d events: want 1 to %d", len(raw), MaxEvents)
	}
	events := make([]survey.Event, len(raw))
	for i, one := range raw {
		at := ""
		if prefix != "" {
			at = fmt.Sprintf("%s[%d]", prefix, i)
		}
		if events[i], err = parseEvent(one, crmID, received); err != nil {
			e, _ := errors.AsType[*fieldError](err)
			return nil, crm.Reject(http.StatusBadRequest, "%s %s", e.in(at), e.problem)
		}
	}
	return events, nil
}

// split finds the items of a body, one called item or several in a list, and how their
// places are called; "" for a single one.
func split(body []byte, item, list string) (items []json.RawMessage, prefix string, err error) {
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	if len(trimmed) == 0 {
		return nil, "", errors.New("body is empty")
	}
	switch trimmed[0] {
	case '[':
		if err := json.Unmarshal(body, &items); err != nil {
			return nil, "", notJSON(err)
		}
		return items, list, nil
	case '{':
		var object map[string]json.RawMessage
		if err := json.Unmarshal(body, &object); err != nil {
			return nil, "", notJSON(err)
		}
		several, ok := object[list]
		if !ok {
			return []json.RawMessage{body}, "", nil
		}
		if err := json.Unmarshal(several, &items); err != nil {
			return nil, "", fmt.Errorf("%s is not an array", list)
		}
		return items, list, nil
	}
	article := "a"
	if strings.ContainsAny(item[:1], "aeiou") {
		article = "an"
	}
	return nil, "", fmt.Errorf("body is neither %s %s nor an array of %s in JSON", article, item, list)
}

func notJSON(err error) error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("body is not JSON: %s (at byte %d)", e.Error(), e.Offset)
	}
	return errors.New("body is not JSON")
}

// fieldError is what is wrong with one field of an event.
type fieldError struct{ field, problem string }

func (e *fieldError) Error() string { return e.in("") + " " + e.problem }

// in names the field within a place.
func (e *fieldError) in(place string) string {
	switch {
	case e.field == "" && place == "":
		return "event"
	case e.field == "":
		return place
	case place == "":
		return e.field
	}
	return place + "." + e.field
}

func fault(field, format string, args ...any) *fieldError {
	return &fieldError{field: field, problem: fmt.Sprintf(format, args...)}
}

// parseEvent reads one event. Its errors are *fieldError.
func parseEvent(raw []byte, crmID string, received time.Time) (survey.Event, error) {
	object, err := decodeObject(raw)
	if err != nil {
		return survey.Event{}, err
	}
	event := survey.Event{CRM: crmID}
	for _, attribute := range []struct {
		name     string
		required bool
		into     *string
	}{{"id", true, &event.ID}, {"source", true, &event.Source}, {"type", true, &event.Type}, {"subject", false, &event.Subject}} {
		text, err := attributeOf(object, attribute.name, attribute.required)
		if err != nil {
			return survey.Event{}, err
		}
		*attribute.into = text
	}
	if event.Time, err = timeOf(object, received); err != nil {
		return survey.Event{}, err
	}
	if version, ok := object["specversion"]; ok && version != "1.0" {
		return survey.Event{}, fault("specversion", "is not 1.0")
	}
	if event.Type == eventCaseClosed && !namesContact(object) {
		event.Data, err = parseClosing(object)
	} else {
		event.Data, err = dataOf(object)
	}
	if err == nil {
		err = behaviourFault(event)
	}
	if err != nil {
		return survey.Event{}, err
	}
	return event, nil
}

// behaviourFault is what is wrong with what an event tells of a purchase, a subscription
// or a ticket.
func behaviourFault(event survey.Event) error {
	if _, _, err := survey.BehaviourOf(event); err != nil {
		if f, ok := errors.AsType[*survey.FieldFault](err); ok {
			return fault("data."+f.Field, "%s", f.Problem)
		}
		return err
	}
	return nil
}

// decodeObject reads one JSON object, with its numbers as they are written. Its errors
// are *fieldError.
func decodeObject(raw []byte) (object map[string]any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil || object == nil {
		return nil, fault("", "is not a JSON object")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fault("", "is followed by something else")
	}
	return object, nil
}

func attributeOf(object map[string]any, name string, required bool) (string, error) {
	value, ok := object[name]
	text, isText := value.(string)
	switch {
	case !ok && required:
		return "", fault(name, "is missing")
	case !ok:
		return "", nil
	case !isText:
		return "", fault(name, "is not text")
	case text == "" && required:
		return "", fault(name, "is empty")
	case len(text) > maxAttribute:
		return "", fault(name, "has %d bytes: at most %d are taken", len(text), maxAttribute)
	}
	return text, nil
}

func timeOf(object map[string]any, received time.Time) (time.Time, error) {
	text, err := attributeOf(object, "time", false)
	if err != nil {
		return time.Time{}, err
	}
	if text == "" {
		return received.UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return time.Time{}, fault("time", "is not of the form 2006-01-02T15:04:05Z (RFC 3339)")
	case at.After(received.Add(maxAhead)):
		return time.Time{}, fault("time", "is more than %s in the future", maxAhead)
	}
	return at.UTC(), nil
}

// dataOf reads data, which has to name a contact.
func dataOf(object map[string]any) (map[string]any, error) {
	value, ok := object["data"]
	if !ok {
		return nil, fault("data.contact.id", "is missing")
	}
	data, ok := value.(map[string]any)
	if !ok {
		return nil, fault("data", "is not an object")
	}
	if !shallow(data, maxDepth) {
		return nil, fault("data", "is nested deeper than %d levels", maxDepth)
	}
	plain(data)
	return data, checkPeople(data, "data.")
}

// checkPeople checks the contact, which has to be there, and the account of an object
// whose fields' places begin with a prefix, and makes their ids text.
func checkPeople(data map[string]any, prefix string) error {
	contact, err := objectOf(data, prefix, "contact")
	if err != nil {
		return err
	}
	if err := checkID(contact, prefix+"contact.id", true); err != nil {
		return err
	}
	if email, ok := contact["email"]; ok && email != nil && email != "" {
		if text, isText := email.(string); !isText || !survey.ValidAddress(text) {
			return fault(prefix+"contact.email", "is not an e-mail address")
		}
	}
	account, err := objectOf(data, prefix, "account")
	if err != nil || account == nil {
		return err
	}
	return checkID(account, prefix+"account.id", false)
}

func objectOf(data map[string]any, prefix, name string) (map[string]any, error) {
	value, ok := data[name]
	if !ok || value == nil {
		return nil, nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fault(prefix+name, "is not an object")
	}
	return object, nil
}

// checkID checks an id and makes it text.
func checkID(object map[string]any, field string, required bool) error {
	switch id := object["id"].(type) {
	case string:
		if id != "" {
			if len(id) > maxAttribute {
				return fault(field, "has %d bytes: at most %d are taken", len(id), maxAttribute)
			}
			return nil
		}
	case float64:
		object["id"] = strconv.FormatFloat(id, 'f', -1, 64)
		return nil
	case nil:
	default:
		return fault(field, "is neither text nor a number")
	}
	if required {
		return fault(field, "is missing")
	}
	return nil
}

func shallow(value any, levels int) bool {
	var children []any
	switch v := value.(type) {
	case map[string]any:
		for _, child := range v {
			children = append(children, child)
		}
	case []any:
		children = v
	default:
		return true
	}
	if levels == 0 {
		return false
	}
	for _, child := range children {
		if !shallow(child, levels-1) {
			return false
		}
	}
	return true
}

// maxExact is the first whole number that a float64 cannot tell from its
// neighbour.
const maxExact = 1 << 53

// plain replaces, in place, the numbers of decoded JSON: by float64, or by their
// text where that would make another number of a long id.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		f, err := v.Float64()
		if err != nil || f >= maxExact || f <= -maxExact {
			return v.String()
		}
		return f
	case map[string]any:
		for name, child := range v {
			v[name] = plain(child)
		}
	case []any:
		for i, child := range v {
			v[i] = plain(child)
		}
	}
	return value
}
