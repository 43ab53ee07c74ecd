package hubspot

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// text is a value that HubSpot writes as text here and as a number or a boolean
// there.
type text string

// UnmarshalJSON takes any JSON value but arrays and objects; null is "".
func (t *text) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"':
		return json.Unmarshal(raw, (*string)(t))
	case '[', '{':
		return &json.UnmarshalTypeError{Value: "object or array", Type: reflect.TypeFor[string]()}
	case 'n':
		*t = ""
	default:
		*t = text(raw)
	}
	return nil
}

// jsonReason says what is wrong with JSON, and where, without quoting it.
func jsonReason(err error) string {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		at := ""
		if e.Field != "" {
			at = "." + e.Field
		}
		got, _, _ := strings.Cut(e.Value, " ")
		return fmt.Sprintf("%s: want %s, got %s", at, wanted[e.Type.Kind()], got)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf(": %s (at byte %d)", e.Error(), e.Offset)
	}
	return ": cannot be read"
}

var wanted = map[reflect.Kind]string{
	reflect.Int64: "a whole number", reflect.String: "text", reflect.Slice: "an array", reflect.Struct: "an object",
}
