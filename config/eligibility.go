package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// newContactRules are the rules with the defaults of the trade.
func newContactRules() survey.ContactRules {
	return survey.ContactRules{
		Quarantine:      survey.Span(30 * day),
		TouchpointAgain: survey.Span(90 * day),
		PerAccount:      survey.AccountCap{Within: survey.Span(30 * day)},
	}
}

// decodeContactRules decodes the lists of the rules.
func (d *document) decodeContactRules(rules *survey.ContactRules) {
	d.decodeList(path{"contact_rules", "blocked_domains"}, &rules.BlockedDomains)
	d.decodeList(path{"contact_rules", "not_when"}, &rules.NotWhen)
}

// checkEligibility looks for rules of whom to ask that could not work.
func (d *document) checkEligibility(rules survey.ContactRules) {
	at := path{"contact_rules"}
	if d.failed(at) {
		return
	}
	for _, kind := range slices.Sorted(maps.Keys(rules.Quarantines)) {
		if gap := rules.Quarantines[kind]; gap <= rules.Quarantine {
			d.add(at.join("quarantines", string(kind)), "%s adds nothing: the quarantine keeps any two surveys %s apart", gap, rules.Quarantine)
		}
	}
	if rules.PerYear > 0 && rules.PerMonth > rules.PerYear {
		d.add(at.join("per_month"), "%d adds nothing: per_year allows %d", rules.PerMonth, rules.PerYear)
	}
	d.checkAccountCap(rules.PerAccount, at.join("per_account"))
	for i, fields := range rules.NotWhen {
		for field := range fields {
			if !notWhenField(field) {
				d.addAtKey(at.join("not_when", strconv.Itoa(i), field), "want contact.<attribute>, account.<attribute> or account.name, for example account.tier")
			}
		}
	}
	for i := range d.ids(path{"programs"}) {
		if tenure := (path{"programs", strconv.Itoa(i), "tenure"}); d.text(tenure) != "" && rules.CustomerSince == "" {
			d.addAtKey(tenure, "needs contact_rules.customer_since: the contact's attribute that tells since when, for example createdate")
		}
	}
}

func (d *document) checkAccountCap(limit survey.AccountCap, at path) {
	switch {
	case d.value(at.join("within")) != nil && limit.Invitations == 0:
		d.add(at.join("invitations"), "is required: how many surveys an account gets within %s", limit.Within)
	case limit.Invitations > 0 && limit.Within == 0:
		d.add(at.join("within"), "0 limits nothing")
	}
}

// ownFields are a contact's fields that are no attributes.
var ownFields = []string{"id", "email", "first_name", "last_name", "locale", "timezone"}

func notWhenField(field string) bool {
	of, name, _ := strings.Cut(field, ".")
	switch of {
	case "contact":
		return name != "" && !slices.Contains(ownFields, name)
	case "account":
		return name != "" && name != "id"
	}
	return false
}
