package survey

import "time"

// ContactRules are the limits that hold across all programs.
type ContactRules struct {
	// Quarantine is the gap between any two invitations of a contact, at least
	// 24 h in a configuration.
	Quarantine Span `json:"quarantine"`
}

// Rule names why a contact was not asked.
type Rule string

// The rules that can say no, in the order in which they are asked.
const (
	// RuleNoContact: the event's record leads to no contact in the CRM.
	RuleNoContact Rule = "no_contact"
	// RuleNoAddress: the contact has no e-mail address.
	RuleNoAddress Rule = "no_address"
	// RuleUnsubscribed: the contact unsubscribed.
	RuleUnsubscribed Rule = "unsubscribed"
	// RuleCondition: the trigger's condition does not hold for the contact or account.
	RuleCondition Rule = "condition"
	// RuleAudience: the contact is not of the program's audience.
	RuleAudience Rule = "audience"
	// RuleAgainAfter: this program asked the contact not long enough ago.
	RuleAgainAfter Rule = "again_after"
	// RuleQuarantine: some program asked the contact not long enough ago.
	RuleQuarantine Rule = "quarantine"
)

// AdmissionFacts are what the rules see of one contact, read in the transaction
// that records the decision.
type AdmissionFacts struct {
	Found        bool      `json:"found"`
	HasAddress   bool      `json:"has_address"`
	Unsubscribed bool      `json:"unsubscribed,omitempty"`
	LastInvited  time.Time `json:"last_invited,omitzero"` // by any program
	LastByThis   time.Time `json:"last_by_this,omitzero"` // by the program that asks
	Verdicts
}

// Admit decides whether a program may ask a contact at a moment. It returns the
// rule that says no, or "".
func Admit(p Program, rules ContactRules, facts AdmissionFacts, now time.Time) Rule {
	within := func(last time.Time, gap Span) bool {
		return !last.IsZero() && now.Before(last.Add(gap.Std()))
	}
	switch {
	case !facts.Found:
		return RuleNoContact
	case !facts.HasAddress:
		return RuleNoAddress
	case facts.Unsubscribed:
		return RuleUnsubscribed
	case !facts.Condition.holds():
		return RuleCondition
	case !facts.Audience.holds():
		return RuleAudience
	case within(facts.LastByThis, p.AgainAfter):
		return RuleAgainAfter
	case within(facts.LastInvited, rules.Quarantine):
		return RuleQuarantine
	}
	return ""
}

// InvitationState is where an invitation stands.
type InvitationState string

// The states of an invitation. Admitted is a reservation: the contact counts as
// asked, the mail is not sent yet.
const (
	InvitationAdmitted   InvitationState = "admitted"
	InvitationSuppressed InvitationState = "suppressed"
	InvitationSent       InvitationState = "sent"
	InvitationResponded  InvitationState = "responded"
	InvitationExpired    InvitationState = "expired"
	InvitationCancelled  InvitationState = "cancelled"
	// InvitationUnknown: the mail may or may not have gone out, nobody can tell;
	// it is not sent again.
	InvitationUnknown InvitationState = "unknown"
)
