package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check refuses a filter on an unknown property, with an unknown operator, or without the operator's operands.
func (f *searchFilter) check(t *objectType, defs map[string]*Property) *refusal {
	if defs[f.PropertyName] == nil {
		return refusef(http.StatusBadRequest, "hubspot/search_property", "There was a problem with the request: no property %q of %s", f.PropertyName, t.name)
	}
	bad := false
	switch f.Operator {
	case "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN":
		bad = f.Value == ""
	case "BETWEEN":
		bad = f.Value == "" || f.HighValue == ""
	case "IN", "NOT_IN":
		bad = len(f.Values) == 0 || len(f.Values) > searchValuesMax
	case "HAS_PROPERTY", "NOT_HAS_PROPERTY":
	default:
		return refusef(http.StatusBadRequest, "hubspot/search_operator", "unknown operator %q", f.Operator)
	}
	if bad {
		return refusef(http.StatusBadRequest, "hubspot/search_operand", "operator %s on %q lacks its operands", f.Operator, f.PropertyName)
	}
	return nil
}

// matches tells whether a value of a property meets the filter. Only NOT_HAS_PROPERTY and the negations are met by a
// property without a value.
func (f *searchFilter) matches(p *Property, value string) bool {
	switch f.Operator {
	case "HAS_PROPERTY":
		return value != ""
	case "NOT_HAS_PROPERTY":
		return value == ""
	case "NEQ":
		return compareValues(p, value, f.Value) != 0
	case "NOT_IN":
		return !f.in(p, value)
	case "NOT_CONTAINS_TOKEN":
		return !containsToken(value, f.Value)
	}
	if value == "" {
		return false
	}
	switch f.Operator {
	case "EQ":
		return compareValues(p, value, f.Value) == 0
	case "LT":
		return compareValues(p, value, f.Value) < 0
	case "LTE":
		return compareValues(p, value, f.Value) <= 0
	case "GT":
		return compareValues(p, value, f.Value) > 0
	case "GTE":
		return compareValues(p, value, f.Value) >= 0
	case "BETWEEN":
		return compareValues(p, value, f.Value) >= 0 && compareValues(p, value, f.HighValue) <= 0
	case "IN":
		return f.in(p, value)
	default: // CONTAINS_TOKEN: check lets no other through
		return containsToken(value, f.Value)
	}
}

func (f *searchFilter) in(p *Property, value string) bool {
	return slices.ContainsFunc(f.Values, func(v string) bool { return compareValues(p, value, v) == 0 })
}

// containsToken looks for a word; "*" stands for the rest of a word at either end.
func containsToken(value, token string) bool {
	head, tail := strings.HasPrefix(token, "*"), strings.HasSuffix(token, "*")
	want := strings.ToLower(strings.Trim(token, "*"))
	for _, word := range strings.FieldsFunc(strings.ToLower(value), func(r rune) bool { return strings.ContainsRune(" ,;.@-_/", r) }) {
		switch {
		case word == want, head && tail && strings.Contains(word, want),
			head && strings.HasSuffix(word, want), tail && strings.HasPrefix(word, want):
			return true
		}
	}
	return strings.EqualFold(value, token)
}

func containsFold(value, text string) bool {
	return strings.Contains(strings.ToLower(value), strings.ToLower(text))
}

// compareValues orders two values as their property's type does; what cannot be read as that type is text, in any
// letter case.
func compareValues(p *Property, a, b string) int {
	switch p.Type {
	case "number":
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX == nil && errY == nil {
			return cmp.Compare(x, y)
		}
	case "date", "datetime":
		x, okX := parseTime(a)
		y, okY := parseTime(b)
		if okX && okY {
			return x.Compare(y)
		}
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

// parseTime reads a date, a date with time, or milliseconds since 1970.
func parseTime(value string) (time.Time, bool) {
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.UnixMilli(ms), true
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
