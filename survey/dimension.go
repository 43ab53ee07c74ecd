package survey

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Dimension is a category of customers by which scores are counted apart.
type Dimension struct {
	// ID names it for good.
	ID string `yaml:"id"`
	// From is the attribute that it is read from: contact.<attribute> or account.<attribute>,
	// or a field of the event after which they are asked: event.<field>.
	From string `yaml:"from"`
	// Values are those that count, all without any. Others count as OtherValue.
	Values []string `yaml:"values"`
	// MaxValues is how many values count, those that come first.
	MaxValues int `yaml:"max_values"`
}

// OwnerDimension is the dimension of the account's owner. Its values are the CRM's ids.
const OwnerDimension = "owner"

// OtherValue stands for all values that do not count.
const OtherValue = "(other)"

// longestCategory is how long a category's name may be, in characters. What is longer is text.
const longestCategory = 64

// personal is in what tells of a person: an address, or a number as long as a phone's.
var personal = regexp.MustCompile(`@|\d([ ./()-]?\d){6}`)

// Category returns a value as a category's name, OtherValue where it looks like something
// that somebody wrote, an address or a number: such a value is not to be kept in the clear.
func Category(value string) string {
	value = strings.TrimSpace(value)
	odd := utf8.RuneCountInString(value) > longestCategory || personal.MatchString(value) ||
		strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) })
	if odd || !utf8.ValidString(value) {
		return OtherValue
	}
	return value
}

// Dimensions are those that the configuration declares, and the owner. The zero Dimensions
// tell nothing of anybody.
type Dimensions struct {
	// OwnerOf returns the CRM's id of an account's owner, "" for none.
	OwnerOf  func(Account) string
	Declared []Dimension
}

// For are the dimensions that the answers of a program may have: of an anonymous one none,
// for they would tell who gave them.
func (d Dimensions) For(p Program) Dimensions {
	if p.Anonymous {
		return Dimensions{}
	}
	return d
}

// Any reports whether there are any.
func (d Dimensions) Any() bool { return d.OwnerOf != nil || len(d.Declared) > 0 }

// eventField begins what is read from an event.
const eventField = "event."

// OfEvent returns what an event says of the dimensions that are read from it, by dimension.
func (d Dimensions) OfEvent(e Event) map[string]string {
	var out map[string]string
	for _, one := range d.Declared {
		field, is := strings.CutPrefix(one.From, eventField)
		if !is {
			continue
		}
		if value, said := e.Field(field); said {
			if out == nil {
				out = map[string]string{}
			}
			out[one.ID] = value
		}
	}
	return out
}

// Of returns the values that a contact, its account and what OfEvent found have, by
// dimension. What is not known has none.
func (d Dimensions) Of(contact Contact, account Account, event map[string]string) map[string]string {
	out := map[string]string{}
	if d.OwnerOf != nil {
		out[OwnerDimension] = ownerID(d.OwnerOf(account))
	}
	for _, one := range d.Declared {
		out[one.ID] = one.of(contact, account, event)
	}
	maps.DeleteFunc(out, func(_, value string) bool { return value == "" })
	return out
}

// ownerID is an owner's id, "" of what is none: a mail address is not kept.
func ownerID(id string) string {
	if utf8.RuneCountInString(id) > longestCategory || strings.ContainsAny(id, "@ \t\n") {
		return ""
	}
	return id
}

func (d Dimension) of(contact Contact, account Account, event map[string]string) string {
	object, attribute, _ := strings.Cut(d.From, ".")
	value := account.Attributes[attribute]
	switch {
	case object == ObjectContact:
		value = contact.Attributes[attribute]
	case strings.HasPrefix(d.From, eventField):
		value = event[d.ID]
	}
	value = Category(value)
	if value != "" && len(d.Values) > 0 && !slices.Contains(d.Values, value) {
		return OtherValue
	}
	return value
}
