package config

import (
	"errors"
	"maps"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/survey"
)

// takeTerms moves the sections whose keys are the user's own from settings to a map:
// viper would lower the case of their keys, and cut them at dots.
func takeTerms(file, others map[string]any) {
	for _, section := range []string{"fields", "segments"} {
		if v, ok := file[section]; ok {
			others[section] = v
			delete(file, section)
		}
	}
	routing, _ := file["routing"].(map[string]any)
	for _, name := range []string{"default", "managers"} {
		if v, ok := routing[name].(map[string]any); ok {
			others["routing."+name] = v
			delete(routing, name)
		}
	}
}

// decodeTerms reads fields and segments and makes the language of them.
func (d *document) decodeTerms(cfg *Config) {
	d.decodeList(path{"fields"}, &cfg.Terms.Fields)
	d.decodeList(path{"segments"}, &cfg.Terms.Segments)
	d.checkFields(cfg.Terms.Fields)
	d.checkSegmentNames(cfg.Terms.Segments)
	if d.failed(path{"fields"}) || d.failed(path{"segments"}) {
		return
	}
	terms := survey.Terms{Fields: crmFields(cfg.CRM), Segments: cfg.Terms.Segments}
	maps.Copy(terms.Fields, cfg.Terms.Fields)
	cfg.Terms = terms
	language, err := condition.New(terms)
	if err != nil {
		panic("config: the environment of expressions does not fit: " + err.Error())
	}
	for name, wrong := range language.Wrong {
		d.addInside(path{"segments", name}, wrong)
	}
	d.language = language
}

// crmFields are the fields that are known by the CRMs that are read.
func crmFields(crms []CRM) map[string]survey.FieldType {
	known := map[string]survey.FieldType{}
	for _, c := range crms {
		if c.Type != HubSpot {
			continue
		}
		for _, name := range hubSpotFields {
			known[condition.Event+"."+name] = survey.FieldText
		}
		for _, name := range c.ContactProperties {
			known[condition.Contact+"."+name] = survey.FieldText
		}
		for _, name := range append([]string{"region", "tier", "segment", "hubspot_owner_id"}, c.CompanyProperties...) {
			known[condition.Account+"."+name] = survey.FieldText
		}
	}
	return known
}

var (
	fieldPath   = regexp.MustCompile(`^(event(\.[A-Za-z_][A-Za-z0-9_]*)+|(contact|account)\.[A-Za-z_][A-Za-z0-9_]*)$`)
	segmentName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
)

func (d *document) checkFields(fields map[string]survey.FieldType) {
	for name := range fields {
		at := path{"fields", name}
		switch {
		case strings.HasPrefix(name, "event.contact.") || strings.HasPrefix(name, "event.account."):
			d.addAtKey(at, "write %s: what an event tells of people is kept with them", strings.TrimPrefix(name, "event."))
		case !fieldPath.MatchString(name):
			d.addAtKey(at, "want event.<path>, contact.<attribute> or account.<attribute>, in letters, digits and _")
		case condition.Usual(name):
			d.addAtKey(at, "is always known, as text")
		}
		for other := range fields {
			if strings.HasPrefix(other, name+".") {
				d.addAtKey(at, "cannot have a value and hold %s too", other)
			}
		}
	}
}

func (d *document) checkSegmentNames(segments map[string]string) {
	for name := range segments {
		if !segmentName.MatchString(name) {
			d.addAtKey(path{"segments", name}, "want small letters, digits and _, for example large_customer")
		}
	}
}

// compile reads the expression at a path; nil where there is none, or a wrong one.
func (d *document) compile(at path, scope condition.Scope) *condition.Expression {
	n := d.value(at)
	if d.language == nil || n == nil || n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || d.failed(at) {
		return nil
	}
	e, err := d.language.Compile(scope, n.Value)
	if wrong, ok := errors.AsType[condition.Mistakes](err); ok {
		d.addInside(at, wrong)
		return nil
	}
	return e
}

// programConditions checks the expressions of the program at a path, and returns the
// terms that they use.
func (d *document) programConditions(at path) survey.Terms {
	var uses survey.Terms
	scope := condition.OfProgram
	if survey.Kind(d.text(at.join("kind"))) == survey.Relational {
		scope = condition.OfSegment // there is no event
	}
	for _, place := range []path{at.join("trigger", "when"), at.join("audience")} {
		if e := d.compile(place, scope); e != nil {
			d.language.Use(e, &uses)
		}
	}
	return uses
}
