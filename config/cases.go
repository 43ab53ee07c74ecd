package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// Cases is what teams are shown of cases.
type Cases struct {
	survey.CaseFacts `yaml:",squash"`
	// PageFor is how long after the end of a case its page opens by its link; 0 for no pages.
	PageFor survey.Span `yaml:"page_for"`
}

// The placeholders in the address of a CRM's records.
const (
	recordObject = "{object}"
	recordID     = "{id}"
)

// hubSpotTypes are HubSpot's ids of the kinds of records.
var hubSpotTypes = map[string]string{survey.ObjectContact: "0-1", survey.ObjectAccount: "0-2"}

// mostRecordURL is the longest address of a record, in bytes: Slack takes no longer texts
// with it.
const mostRecordURL = 1000

// RecordURL is the address of a contact or an account in its CRM, "" where the
// configuration tells none.
func (c *Config) RecordURL(crm string, object survey.Object) string {
	for _, one := range c.CRM {
		if one.ID != crm || one.RecordURL == "" {
			continue
		}
		kind := object.Type
		if one.Type == HubSpot {
			kind = hubSpotTypes[kind]
		}
		address := strings.NewReplacer(recordObject, kind, recordID, url.PathEscape(object.ID)).Replace(one.RecordURL)
		if len(address) <= mostRecordURL {
			return address
		}
	}
	return ""
}

var factPattern = regexp.MustCompile(`^(account|contact)\.[A-Za-z_][A-Za-z0-9_]*$`)

// checkRecordURL takes the address of a record with its id left open.
func checkRecordURL(text string) error {
	if !strings.Contains(text, recordID) {
		return errors.New("want {id} where the record's id stands, for example https://app.hubspot.com/contacts/12345678/record/{object}/{id}")
	}
	address := strings.NewReplacer(recordObject, "contact", recordID, "1").Replace(text)
	if strings.ContainsAny(address, "{}<>|") {
		return errors.New("want no other placeholder than {object} and {id}, and no < > |")
	}
	_, err := parseURL(address)
	return err
}

// checkCaseFacts reports facts that no case would have.
func (d *document) checkCaseFacts(cfg *Config) {
	at := path{"cases"}
	for name, field := range map[string]string{
		"value": cfg.Cases.Worth, "renewal": cfg.Cases.Renewal, "segment": cfg.Cases.Segment, "churn_risk": cfg.Cases.ChurnRisk,
	} {
		if problem := d.unread(cfg, field); problem != "" && !d.failed(at.join(name)) {
			d.add(at.join(name), "%s", problem)
		}
	}
	if cfg.Cases.Currency != "" && cfg.Cases.Worth == "" {
		d.addAtKey(at.join("currency"), "there is no value to have a currency")
	}
}

// unread says why no contact or account would have a field, "" where one may: where it is not
// known what CRMs send, as of others than HubSpot and of one with a mistake.
func (d *document) unread(cfg *Config, field string) string {
	object, name, _ := strings.Cut(field, ".")
	_, declared := cfg.Terms.Fields[field]
	if field == "" || declared || d.failed(path{"crm"}) || d.failed(path{"fields"}) {
		return ""
	}
	for _, c := range cfg.CRM {
		if c.Type != HubSpot {
			return ""
		}
	}
	list := "company_properties"
	if object == survey.ObjectContact {
		list = "contact_properties"
	}
	return fmt.Sprintf("no CRM is asked for it: add %s to %s of one, or declare it in fields", name, list)
}
