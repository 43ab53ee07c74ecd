package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
)

// invalidValue is why HubSpot does not take a value, in its own words.
type invalidValue struct {
	code, message string
}

// checkValues refuses unknown and read-only properties, and values that are not of their property's type; defs are
// the definitions of the object type.
func (s *Sandbox) checkValues(defs map[string]*Property, values map[string]string) *refusal {
	type entry struct {
		IsValid bool   `json:"isValid"`
		Message string `json:"message"`
		Error   string `json:"error"`
		Name    string `json:"name"`
		Text    string `json:"localizedErrorMessage"`
		Portal  int64  `json:"portalId"`
	}
	var entries []entry
	var details []errorDetail
	for _, name := range slices.Sorted(maps.Keys(values)) {
		bad := checkValue(defs[name], name, values[name])
		if bad == nil {
			continue
		}
		entries = append(entries, entry{Message: bad.message, Error: bad.code, Name: name, Text: bad.message, Portal: s.opts.HubSpot.PortalID})
		details = append(details, errorDetail{Message: bad.message, Code: bad.code, Context: map[string][]string{"propertyName": {name}}})
	}
	if entries == nil {
		return nil
	}
	list, _ := json.Marshal(entries) // strings and numbers only
	ref := refusef(http.StatusBadRequest, "hubspot/"+strings.ToLower(details[0].Code), "Property values were not valid: %s", list)
	ref.errors = details
	return ref
}

func checkValue(p *Property, name, value string) *invalidValue {
	switch {
	case p == nil:
		return &invalidValue{"PROPERTY_DOESNT_EXIST", fmt.Sprintf("Property %q does not exist", name)}
	case p.ReadOnly:
		return &invalidValue{"READ_ONLY_VALUE", fmt.Sprintf("%q is a read only property; its value cannot be set.", name)}
	case len(value) > hubSpotValueMax:
		return &invalidValue{"VALUE_TOO_LONG", fmt.Sprintf("%s was too long: at most %d characters are allowed", name, hubSpotValueMax)}
	case value == "":
		return nil
	case name == "email":
		if a, err := mail.ParseAddress(value); err != nil || a.Address != value {
			return &invalidValue{"INVALID_EMAIL", fmt.Sprintf("Email address %s is invalid", value)}
		}
	}
	switch p.Type {
	case "number":
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return &invalidValue{"INVALID_INTEGER", fmt.Sprintf("%s was not a valid number.", value)}
		}
	case "bool":
		if value != "true" && value != "false" {
			return &invalidValue{"INVALID_OPTION", fmt.Sprintf("%s was not one of the allowed options: true, false", value)}
		}
	case "date":
		if t, ok := parseTime(value); !ok || !t.Equal(t.UTC().Truncate(24*time.Hour)) {
			return &invalidValue{"INVALID_DATE", fmt.Sprintf("%s is not a date: want YYYY-MM-DD, or milliseconds at midnight UTC", value)}
		}
	case "datetime":
		if _, ok := parseTime(value); !ok {
			return &invalidValue{"INVALID_DATE", fmt.Sprintf("%s is not a date with time: want ISO 8601 or milliseconds", value)}
		}
	case "enumeration":
		return checkOptions(p, value)
	}
	return nil
}

// checkOptions holds a value against the options; several are separated by semicolons in a checkbox property. The
// stand-in's own enumerations list no options and take any.
func checkOptions(p *Property, value string) *invalidValue {
	if len(p.Options) == 0 {
		return nil
	}
	values := []string{value}
	if p.FieldType == "checkbox" {
		values = strings.Split(strings.TrimPrefix(value, ";"), ";")
	}
	for _, v := range values {
		if !slices.ContainsFunc(p.Options, func(o PropertyOption) bool { return o.Value == v }) {
			return &invalidValue{"INVALID_OPTION", fmt.Sprintf("%s was not one of the allowed options of %q", v, p.Name)}
		}
	}
	return nil
}

// checkWrite is checkValues and, for contacts, that no other contact has the address; the lock is held. id is the
// record to be written, "" for a new one.
func (s *Sandbox) checkWrite(t *objectType, id string, values map[string]string) *refusal {
	if ref := s.checkValues(s.st.properties[t.name], values); ref != nil {
		return ref
	}
	if email := values["email"]; t.name == Contacts && email != "" {
		if old := s.st.ContactByEmail(email); old != nil && old.ID != id {
			return refusef(http.StatusConflict, "hubspot/unique_email", "Contact already exists. Existing ID: %s", old.ID)
		}
	}
	return nil
}
