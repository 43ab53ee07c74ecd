package webhook

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// Invitation is a wish to ask somebody in the moment.
type Invitation struct {
	// ID is the caller's own, by which a repetition is known.
	ID      string
	Program string
	// Event carries the contact, the account and further data.
	Event survey.Event
}

// ParseInvitation reads {id, program, contact, account, data} in JSON. id, program and
// contact.id are required. Its errors are *crm.Rejection, name the place and quote no
// value.
func ParseInvitation(body []byte, crmID string) (Invitation, error) {
	in, err := parseInvitation(body, crmID)
	if e, ok := errors.AsType[*fieldError](err); ok {
		return Invitation{}, crm.Reject(http.StatusBadRequest, "%s %s", e.in("body"), e.problem)
	}
	return in, err
}

func parseInvitation(body []byte, crmID string) (in Invitation, err error) {
	object, err := decodeObject(body)
	if err != nil {
		return in, err
	}
	if err := onlyFields(object, "id", "program", "contact", "account", "data"); err != nil {
		return in, err
	}
	if in.ID, err = attributeOf(object, "id", true); err != nil {
		return in, err
	}
	if in.Program, err = attributeOf(object, "program", true); err != nil {
		return in, err
	}
	data, err := objectOf(object, "", "data")
	if err != nil {
		return in, err
	}
	in.Event, err = eventAbout(object, data, crmID)
	return in, err
}

// onlyFields refuses what nobody would look at: most often it is a field written wrong.
func onlyFields(object map[string]any, known ...string) error {
	for name := range object {
		if !slices.Contains(known, name) {
			return fault("", "has an unknown field: known are %s", strings.Join(known, ", "))
		}
	}
	return nil
}

// eventAbout is an event with data and the contact and the account of an object beside
// it.
func eventAbout(object, data map[string]any, crmID string) (survey.Event, error) {
	all := map[string]any{}
	for name, value := range data {
		all[name] = value
	}
	for _, name := range []string{"contact", "account"} {
		all[name] = object[name]
	}
	if !shallow(all, maxDepth) {
		return survey.Event{}, fault("data", "is nested deeper than %d levels", maxDepth)
	}
	plain(all)
	return survey.Event{CRM: crmID, Data: all}, checkPeople(all, "")
}
