package config

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

// checkTriggers reports triggers that nothing can fire, also of programs that have
// other mistakes.
func (d *document) checkTriggers(cfg *Config) {
	// Where POST /v1/events is open, scripts send events of their own for the contacts
	// of any CRM.
	tokens := d.value(path{"security", "api_tokens"})
	open := !cfg.Security.EventsSecret.Empty() || tokens != nil && len(tokens.Content) > 0
	known := slices.DeleteFunc(d.ids(path{"crm"}), func(id string) bool { return id == "" })
	for i := range d.ids(path{"programs"}) {
		at := path{"programs", strconv.Itoa(i), "trigger"}
		d.checkKnownCRM(at.join("crm"), known)
		if d.onHubSpot(at) && !d.failed(at) {
			d.checkHubSpotTrigger(at, open)
		}
	}
}

// checkKnownCRM reports the name of a CRM that is not configured.
func (d *document) checkKnownCRM(at path, known []string) {
	n := d.value(at)
	if n == nil || n.Kind != yaml.ScalarNode || slices.Contains(known, n.Value) || d.failed(at) {
		return
	}
	text := "no crm has the id " + strconv.Quote(n.Value)
	if near := nearest(n.Value, known); near != "" {
		text += ": did you mean " + near + "?"
	} else if len(known) > 0 {
		text += ": known are " + strings.Join(known, ", ")
	}
	d.add(at, "%s", text)
}

// onHubSpot reports whether a trigger listens to HubSpot CRMs alone.
func (d *document) onHubSpot(trigger path) bool {
	only := d.text(trigger.join("crm"))
	found := false
	for i, id := range d.ids(path{"crm"}) {
		if only != "" && id != only {
			continue
		}
		if CRMType(d.text(path{"crm", strconv.Itoa(i), "type"})) != HubSpot {
			return false
		}
		found = true
	}
	return found
}

// text returns the scalar at a path, "" where there is none.
func (d *document) text(at path) string {
	if n := d.value(at); n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}

// What integrations/hubspot makes of HubSpot's webhooks.
var (
	hubSpotObjects = []string{survey.ObjectContact, survey.ObjectAccount, survey.ObjectDeal, survey.ObjectTicket}
	hubSpotChanges = []string{"changed", "created", "deleted"}
	hubSpotFields  = []string{"property", "value"}
)

// hubSpotCompany is HubSpot's own name of an account.
const hubSpotCompany = "company"

func (d *document) checkHubSpotTrigger(at path, open bool) {
	kind := d.text(at.join("event"))
	object, change, _ := strings.Cut(kind, ".")
	ofHubSpot := slices.Contains(hubSpotObjects, object)
	switch {
	case kind == "":
	case ofHubSpot && slices.Contains(hubSpotChanges, change):
		d.checkHubSpotWhere(at.join("where"), object, change)
	case ofHubSpot || object == hubSpotCompany:
		d.add(at.join("event"), "HubSpot sends no %q: %s", kind, hubSpotKind(object, change))
	case !open:
		d.add(at.join("event"), "HubSpot sends no %q, and without security.api_tokens or events_secret nobody else can: %s", kind, hubSpotKind(object, change))
	}
}

// hubSpotKind says which type may have been meant.
func hubSpotKind(object, change string) string {
	if object == hubSpotCompany {
		object = survey.ObjectAccount
	}
	var known []string
	for _, o := range hubSpotObjects {
		for _, c := range hubSpotChanges {
			known = append(known, o+"."+c)
		}
	}
	meant := object + "." + change
	if !slices.Contains(known, meant) {
		meant = nearest(meant, known)
	}
	if meant != "" {
		return "did you mean " + meant + "?"
	}
	return "want contact, account, deal or ticket, and .changed, .created or .deleted"
}

func (d *document) checkHubSpotWhere(at path, object, change string) {
	where := d.value(at)
	if where == nil || where.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(where.Content); i += 2 {
		name, value := where.Content[i].Value, where.Content[i+1].Value
		switch {
		case change != "changed":
			d.addAtKey(at.join(name), "HubSpot tells no property of what is %s: only %s.changed has a where", change, object)
		case !slices.Contains(hubSpotFields, name):
			d.addAtKey(at.join(name), "a change in HubSpot has property and value: want where: {property: %s, value: %s}", name, value)
		}
	}
}
