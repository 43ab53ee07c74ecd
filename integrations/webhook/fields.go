package webhook

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
)

// maxItems is the most answers or comments in one body: each is a few transactions.
const maxItems = 100

// parseItems reads one item, an array of them or {"<list>": […]}, each by parse. Its
// errors are *crm.Rejection and name the place.
func parseItems[T any](body []byte, item, list string, parse func(map[string]any) (T, error)) ([]T, error) {
	raw, prefix, err := split(body, item, list)
	if err != nil {
		return nil, crm.Reject(http.StatusBadRequest, "%s", err)
	}
	if len(raw) == 0 || len(raw) > maxItems {
		return nil, crm.Reject(http.StatusBadRequest, "body has %d %s: want 1 to %d", len(raw), list, maxItems)
	}
	out := make([]T, len(raw))
	for i, one := range raw {
		object, err := decodeObject(one)
		if err == nil {
			out[i], err = parse(object)
		}
		if e, ok := errors.AsType[*fieldError](err); ok {
			at := item
			if prefix != "" {
				at = prefix + "[" + strconv.Itoa(i) + "]"
			} else if e.field != "" {
				at = ""
			}
			return nil, crm.Reject(http.StatusBadRequest, "%s %s", e.in(at), e.problem)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// longText reads an optional text of at most so many characters, whatever its lines.
func longText(object map[string]any, name string, check func(string) error) (string, error) {
	value, ok := object[name]
	if !ok || value == nil {
		return "", nil
	}
	text, isText := value.(string)
	if !isText {
		return "", fault(name, "is not text")
	}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if err := check(text); err != nil {
		return "", fault(name, "%s", strings.TrimPrefix(err.Error(), name+" "))
	}
	return text, nil
}

// wholeNumber reads a number of JSON, or one in quotes, as most tools that fill in a
// template write it.
func wholeNumber(value any, name string) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", fault(name, "is missing")
	case json.Number:
		return v.String(), nil
	case string:
		return v, nil
	}
	return "", fault(name, "is not a number")
}

// timeWithin is timeOf for what may be at most so old.
func timeWithin(object map[string]any, received time.Time, oldest time.Duration) (time.Time, error) {
	at, err := timeOf(object, received)
	switch {
	case err != nil:
		return time.Time{}, err
	case at.Before(received.Add(-oldest)):
		return time.Time{}, fault("time", "is more than %d days ago", int(oldest/(24*time.Hour)))
	case at.After(received): // clocks differ
		return received.UTC(), nil
	}
	return at, nil
}
