package condition

import (
	"time"

	"github.com/cxloop/cxloop/survey"
)

// AskRules are the expressions that decide about asks in all programs. The zero value
// keeps nobody from being asked.
type AskRules struct {
	// Consent holds where marketing is consented to, OpenTicket where a ticket is open;
	// nil is not looked at.
	Consent, OpenTicket *Expression
}

// Tell adds to facts what the rules say of a contact and its account at a moment. What
// has no answer counts against the ask.
func (r AskRules) Tell(facts *survey.AskFacts, contact survey.Contact, account survey.Account, now time.Time) {
	about := Facts{Contact: contact, Account: account, Now: now}
	facts.NoConsent = r.Consent != nil && !r.Consent.Ask(about).Holds
	if r.OpenTicket != nil {
		said := r.OpenTicket.Ask(about)
		facts.OpenTicket = said.Holds || said.Unanswered() != ""
	}
}

// Fields are the fields that an expression uses, its segments' too, in no order.
func (e *Expression) Fields() []string {
	fields := make([]string, 0, len(e.fields))
	for path := range e.fields {
		fields = append(fields, path)
	}
	return fields
}
