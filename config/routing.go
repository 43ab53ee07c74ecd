package config

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/survey"
)

// Routing says where cases go, and by whose hours they are followed up.
type Routing struct {
	// Default is of cases that no rule matches, and completes the rules.
	Default Place   `yaml:"-"`
	Rules   []Route `yaml:"-"`
	// Owner is the account attribute with the CRM's id of the owner, account.<name>, or "".
	Owner string `yaml:"owner"`
	// Managers are Slack user ids, by the CRM's ids of the owners whose managers they are.
	Managers map[string]string `yaml:"-"`
	Storm    survey.StormRule  `yaml:"storm"`
}

// Place is what a rule says of where a case goes; what is zero it leaves to the default.
type Place struct {
	// To is toOwner or "".
	To         string `yaml:"to"`
	Channel    string `yaml:"channel"`
	Language   string `yaml:"language"`
	Calendar   string `yaml:"calendar"`
	Manager    string `yaml:"manager"`
	Escalation string `yaml:"escalation"`
	// PersonalData says whether the channel may see names and comments, nil for yes.
	PersonalData *bool `yaml:"personal_data"`
	// hours is Calendar.
	hours *survey.Calendar
}

const toOwner = "owner"

// Route sends the cases that match it to a place.
type Route struct {
	// When are fields, account.name or account.<attribute>, and the text that each
	// must have.
	When map[string]string `yaml:"when"`
	// If is an expression over a case.
	If    string `yaml:"if"`
	Place `yaml:",inline"`
	// condition is If, or an expression in the place of When.
	condition *condition.Expression
}

const accountField = "account."

// RoutedCase is what the rules look at.
type RoutedCase struct {
	Case    survey.Case
	Contact survey.Contact
	Account survey.Account
	Owner   survey.Owner
	// Responses are those of the case, newest first.
	Responses []survey.Response
}

// Route returns where a case goes: by the first rule that matches, else by the default.
func (r Routing) Route(about RoutedCase) survey.CaseRoute {
	place, own := r.Default, true
	facts := condition.Facts{Account: about.Account, Contact: about.Contact, Response: latest(about.Responses), Now: about.Case.OpenedAt}
	if i := slices.IndexFunc(r.Rules, func(rule Route) bool { return rule.matches(facts) }); i >= 0 {
		place, own = r.Rules[i].over(r.Default), r.Rules[i].Channel != ""
	}
	route := survey.CaseRoute{
		Channel: place.Channel, ToOwner: place.To == toOwner, Language: place.Language, Calendar: place.hours,
		Manager: place.Manager, Escalation: place.Escalation, NoNames: place.noNames(),
	}
	if manager := r.Managers[about.Owner.ID]; manager != "" {
		route.Manager = manager
	}
	if to := whereabouts(about, route); !route.NoNames && (to != route.Channel || !own) {
		route.NoNames = r.noNamesIn(to)
	}
	return route
}

// whereabouts is where a case is, or goes where it has no message yet.
func whereabouts(about RoutedCase, route survey.CaseRoute) string {
	return cmp.Or(about.Case.Channel, route.Place(about.Owner))
}

// noNamesIn reports whether a channel is kept from personal data by whatever names it: a
// case is there for want of its owner, or because its rule was another when it was posted.
func (r Routing) noNamesIn(channel string) bool {
	return r.Default.Channel == channel && r.Default.noNames() || slices.ContainsFunc(r.Rules, func(rule Route) bool {
		return rule.Channel == channel && rule.over(r.Default).noNames()
	})
}

func (p Place) noNames() bool { return p.PersonalData != nil && !*p.PersonalData }

// latest is the newest response that counts, or the newest.
func latest(responses []survey.Response) survey.Response {
	for _, r := range responses {
		if r.State != survey.Withdrawn {
			return r
		}
	}
	if len(responses) > 0 {
		return responses[0]
	}
	return survey.Response{}
}

// OwnerOf returns the CRM's id of an account's owner, "" where there is none.
func (r Routing) OwnerOf(account survey.Account) string {
	return survey.OwnerOf(account, strings.TrimPrefix(r.Owner, accountField))
}

func (r Route) matches(about condition.Facts) bool {
	if r.condition != nil {
		return r.condition.Ask(about).Holds
	}
	for field, want := range r.When {
		name := strings.TrimPrefix(field, accountField)
		got := about.Account.Attributes[name]
		if name == "name" {
			got = about.Account.Name
		}
		if got != want {
			return false
		}
	}
	return true
}

// over completes a rule's place by the default one. Whoever does not write to: owner means
// the channel.
func (p Place) over(base Place) Place {
	p.Channel = cmp.Or(p.Channel, base.Channel)
	p.Language = cmp.Or(p.Language, base.Language)
	p.Manager = cmp.Or(p.Manager, base.Manager)
	p.Escalation = cmp.Or(p.Escalation, base.Escalation)
	if p.hours == nil {
		p.hours = base.hours
	}
	if p.PersonalData == nil {
		p.PersonalData = base.PersonalData
	}
	return p
}

// UnmarshalYAML leaves a condition that is an expression to checkRouting.
func (r *Route) UnmarshalYAML(n *yaml.Node) error {
	type plain Route
	out := *n
	if _, when := child(n, "when"); when != nil && when.Kind == yaml.ScalarNode {
		out.Content = slices.Clone(n.Content)
		for i := 0; i+1 < len(out.Content); i += 2 {
			if out.Content[i].Value == "when" {
				out.Content = slices.Delete(out.Content, i, i+2)
				break
			}
		}
	}
	return out.Decode((*plain)(r))
}

var (
	routingDefault = path{"routing", "default"}
	routingRules   = path{"routing", "rules"}
)

// decodeRouting reads what viper cannot; channel is routing.default where that is a text.
func (d *document) decodeRouting(channel string, cfg *Config) {
	r := &cfg.Routing
	if n := d.value(routingDefault); n != nil && n.Kind == yaml.MappingNode {
		d.decodeList(routingDefault, &r.Default)
	} else {
		r.Default.Channel = channel
	}
	d.decodeList(routingRules, &r.Rules)
	d.decodeList(path{"routing", "managers"}, &r.Managers)
	r.Default.hours = d.teamCalendar(routingDefault.join("calendar"), cfg.Calendars)
	for i := range r.Rules {
		r.Rules[i].hours = d.teamCalendar(routingRules.join(strconv.Itoa(i), "calendar"), cfg.Calendars)
	}
}

// checkRouting compiles the rules that are expressions, and looks for what is missing.
func (d *document) checkRouting(cfg *Config) {
	r := &cfg.Routing
	if n := d.value(routingDefault); n != nil && n.Kind == yaml.MappingNode && r.Default.Channel == "" && !d.failed(routingDefault) {
		d.add(routingDefault.join("channel"), "is required: it takes what goes nowhere else")
	}
	for i := range r.Rules {
		d.checkRoute(&r.Rules[i], routingRules.join(strconv.Itoa(i)))
	}
	if w := r.Storm.Within; w <= 0 && r.Storm.After > 0 {
		d.add(path{"routing", "storm", "within"}, "0 is no span: say after: 0 for no digests")
	}
	d.checkOwnerField(cfg)
}

func (d *document) checkRoute(rule *Route, at path) {
	when, expression := d.value(at.join("when")), d.value(at.join("if"))
	switch {
	case when == nil && expression == nil:
		d.add(at.join("if"), "is required: an expression, or when with fields")
	case when != nil && expression != nil:
		d.addAtKey(at.join("if"), "when is there too: one of the two is enough")
	case expression != nil:
		rule.condition = d.compile(at.join("if"), condition.OfCase)
	default:
		rule.condition = d.compile(at.join("when"), condition.OfAccount)
	}
	if rule.Channel == "" && rule.To == "" {
		d.add(at.join("channel"), "is required, or to: owner")
	}
	for field := range rule.When {
		if name, ok := strings.CutPrefix(field, accountField); !ok || name == "" {
			d.addAtKey(at.join("when", field), "want account.name or account.<attribute>, for example account.region")
		}
	}
}

// checkOwnerField reports an attribute that no CRM would be asked for.
func (d *document) checkOwnerField(cfg *Config) {
	at := path{"routing", "owner"}
	field := cfg.Routing.Owner
	if field == "" || d.failed(at) || d.failed(path{"crm"}) || d.failed(path{"fields"}) {
		return
	}
	known := slices.DeleteFunc(slices.Sorted(maps.Keys(cfg.Terms.Fields)), func(name string) bool { return !strings.HasPrefix(name, accountField) })
	if slices.Contains(known, field) {
		return
	}
	if near := nearest(field, known); near != "" {
		d.add(at, "%s is not known: did you mean %s?", field, near)
		return
	}
	d.add(at, "%s is not known: add it to the company_properties of a CRM, or to fields", field)
}
