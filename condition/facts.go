package condition

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"

	"github.com/cxloop/cxloop/survey"
)

// Facts are what an expression is asked about. What is not known stays zero.
type Facts struct {
	Event   survey.Event
	Contact survey.Contact
	Account survey.Account
	// Response is known where its Program is.
	Response survey.Response
	Now      time.Time
}

// facts collect what an expression did not find.
type facts struct {
	Facts
	missing, invalid []string
}

// ResolveName implements interpreter.Activation.
func (f *facts) ResolveName(name string) (any, bool) {
	if name == Now {
		return f.Now, true
	}
	return f, slices.Contains(roots, name)
}

// Parent implements interpreter.Activation.
func (f *facts) Parent() cel.Activation { return nil }

// errMissing is of a field without a value, errInvalid of one with a value of another
// type, errUnknown of a segment that has no answer.
var (
	errMissing = errors.New("a field has no value")
	errInvalid = errors.New("a field's value is of another type")
	errUnknown = errors.New("a segment has no answer")
)

// text returns a field's value, "" where there is none.
func (f *facts) text(path string) string {
	object, name, _ := strings.Cut(path, ".")
	switch object {
	case Contact:
		return contactText(&f.Contact, name)
	case Account:
		return accountText(&f.Account, name)
	case Response:
		return responseText(&f.Response, name)
	}
	text, _ := f.Event.Field(name)
	return text
}

func contactText(c *survey.Contact, name string) string {
	switch name {
	case "id":
		return c.ID
	case "email":
		return c.Email
	case "phone":
		return c.Phone
	case "first_name":
		return c.FirstName
	case "last_name":
		return c.LastName
	case "locale":
		return c.Locale
	case "timezone":
		return c.Timezone
	}
	return c.Attributes[name]
}

func accountText(a *survey.Account, name string) string {
	switch name {
	case "id":
		return a.ID
	case "name":
		return a.Name
	}
	return a.Attributes[name]
}

// object reports whether the event or the response has an object at a path.
func (f *facts) object(path string) bool {
	if path == answersOf {
		return len(f.Response.Answers) > 0
	}
	var at any = f.Event.Data
	for _, name := range strings.Split(path, ".")[1:] {
		m, ok := at.(map[string]any)
		if !ok {
			return false
		}
		at = m[name]
	}
	_, ok := at.(map[string]any)
	return ok
}

func (f *facts) value(path string, kind survey.FieldType) (any, error) {
	text := f.text(path)
	if text == "" {
		f.missing = append(f.missing, path)
		return nil, errMissing
	}
	value, err := read(text, kind)
	if err != nil {
		f.invalid = append(f.invalid, path)
	}
	return value, err
}

func read(text string, kind survey.FieldType) (any, error) {
	switch kind {
	case survey.FieldNumber:
		return parseNumber(text)
	case survey.FieldBoolean:
		return parseBoolean(text)
	case survey.FieldTime:
		return ParseTime(text)
	}
	return text, nil
}

// parseNumber takes decimal numbers alone, without separators of thousands.
func parseNumber(text string) (float64, error) {
	text = strings.TrimSpace(text)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, errInvalid
	}
	return n, nil
}

func parseBoolean(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errInvalid
}

// ParseTime takes RFC 3339, a date alone (its midnight, UTC), and milliseconds since
// 1970, as HubSpot has them in some places.
func ParseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	if millis, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) >= 12 && len(text) <= 14 {
		return time.UnixMilli(millis).UTC(), nil
	}
	return time.Time{}, errInvalid
}
