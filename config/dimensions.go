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
	"address", "domain", "email", "first_name", "firstname", "fullname", "hs_object_id", "id", "last_name", "lastname", "mobile", "mobilephone",
	"name", "owner_email", "phone", "website", "zip",
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
	case slices.Contains(namesSomebody, strings.ToLower(attribute)):
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
