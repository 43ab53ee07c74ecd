package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// knownDimensions are those that all scores have, whatever is declared (store.ScoreQuery).
var knownDimensions = []string{"channel", "kind", "language", survey.OwnerDimension, "program", "touchpoint", "variant", "wave"}

// namesSomebody are attributes whose values say who somebody is, as CRMs call them.
var namesSomebody = []string{
	"address", "domain", "email", "firstname", "fullname", "hs_object_id", "id", "lastname", "login", "mail", "mobile", "mobilephone",
	"name", "phone", "surname", "tel", "telephone", "username", "website", "zip",
}

// wordEnd is where a word of an attribute's name ends: agent_name, agentName.
var wordEnd = regexp.MustCompile(`_|[a-z0-9][A-Z]`)

// tellsWho reports whether values of an attribute say who somebody is. Ids of others than the
// customer do not, and values that are listed are known not to.
func tellsWho(attribute string, listed bool) bool {
	last := attribute
	for _, end := range wordEnd.FindAllStringIndex(attribute, -1) {
		last = attribute[end[1]-1:]
	}
	last = strings.ToLower(strings.TrimPrefix(last, "_"))
	return slices.Contains(namesSomebody, strings.ToLower(attribute)) || !listed && last != "id" && slices.Contains(namesSomebody, last)
}

// categoryPattern is where a dimension may be read from.
var categoryPattern = regexp.MustCompile(`^((account|contact)\.[A-Za-z_][A-Za-z0-9_]*|event(\.[A-Za-z_][A-Za-z0-9_]*)+)$`)

const defaultMaxValues = 50

// decodeDimensions reads the dimensions that scores are counted by.
func (d *document) decodeDimensions(cfg *Config) {
	d.decodeList(path{"dimensions"}, &cfg.Dimensions)
	for i, one := range cfg.Dimensions {
		if one.MaxValues == 0 {
			cfg.Dimensions[i].MaxValues = defaultMaxValues
		}
	}
}

// checkDimensions reports dimensions that there are already, and those that are no categories.
func (d *document) checkDimensions(cfg *Config) {
	list := path{"dimensions"}
	d.checkIDs(list)
	for i, one := range cfg.Dimensions {
		at := list.join(strconv.Itoa(i))
		if slices.Contains(knownDimensions, one.ID) {
			d.add(at.join("id"), "%q is a dimension already: known are %s", one.ID, strings.Join(knownDimensions, ", "))
		}
		d.checkCategory(cfg, one, at)
	}
}

func (d *document) checkCategory(cfg *Config, one survey.Dimension, at path) {
	from := at.join("from")
	if d.failed(from) {
		return
	}
	attribute := one.From[strings.LastIndexByte(one.From, '.')+1:]
	object, field, _ := strings.Cut(one.From, ".")
	problem := ""
	switch {
	case object != "event":
		problem = d.unread(cfg, one.From)
	case strings.HasPrefix(field, "contact.") || strings.HasPrefix(field, "account."):
		problem = "is known without the event: want " + field
	}
	switch {
	case tellsWho(attribute, len(one.Values) > 0):
		d.add(from, "%s tells who somebody is, and is no category: a dimension's values are kept in the clear", one.From)
	case problem != "":
		d.add(from, "%s", problem)
	}
	for i, value := range one.Values {
		if survey.Category(value) != value {
			d.add(at.join("values", strconv.Itoa(i)), "would never count: want a category of at most 64 characters, without addresses and long numbers")
		}
	}
	if d.value(at.join("max_values")) != nil && len(one.Values) > 0 {
		d.addAtKey(at.join("max_values"), "values says which count")
	}
}
