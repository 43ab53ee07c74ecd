package survey

import (
	"strconv"
	"time"
)

// Rule names why a contact was not asked.
type Rule string

// The rules that can say no, in the order in which they are asked; RuleOpenCase comes
// before RuleAgainAfter.
const (
	// RuleNoContact: the event's record leads to no contact in the CRM.
	RuleNoContact Rule = "no_contact"
	// RuleNoAccount: the event of an audit does not name the account to be audited.
	RuleNoAccount Rule = "no_account"
	// RuleNoAddress: the contact has no e-mail address.
	RuleNoAddress Rule = "no_address"
	// RuleNoPhone: the contact of a program that asks by SMS has no phone number.
	RuleNoPhone Rule = "no_phone"
	// RuleBounced: a mail to the contact's address came back for good, or its number
	// takes no SMS.
	RuleBounced Rule = "bounced"
	// RuleUnsubscribed: the contact unsubscribed, or another one with its address.
	RuleUnsubscribed Rule = "unsubscribed"
	// RuleUnsubscribedProgram: the contact unsubscribed from this program's mails, or
	// another one with its address.
	RuleUnsubscribedProgram Rule = "unsubscribed_program"
	// RuleCondition: the trigger's condition does not hold for the contact or account.
	RuleCondition Rule = "condition"
	// RuleAudience: the contact is not of the program's audience.
	RuleAudience Rule = "audience"
	// RuleBlockedDomain: nobody is asked at the address's domain.
	RuleBlockedDomain Rule = "blocked_domain"
	// RuleNotWhen: contact and account fit a condition of ContactRules.NotWhen.
	RuleNotWhen Rule = "not_when"
	// RuleTenure: the contact is not long enough a customer for the program, or the
	// CRM does not tell since when.
	RuleTenure Rule = "tenure"
	// RuleSampling: the contact is not in the program's sample.
	RuleSampling Rule = "sampling"
	// RuleAgainAfter: this program asked the contact not long enough ago.
	RuleAgainAfter Rule = "again_after"
	// RuleTouchpointAgain: another program at the touchpoint asked the contact not
	// long enough ago.
	RuleTouchpointAgain Rule = "touchpoint_again"
	// RuleQuarantines: a program of this kind asked the contact not long enough ago.
	RuleQuarantines Rule = "quarantines"
	// RuleQuarantine: some program asked the contact not long enough ago.
	RuleQuarantine Rule = "quarantine"
	// RulePerMonth and RulePerYear: the contact was asked often enough in 30 or 365
	// days.
	RulePerMonth Rule = "per_month"
	RulePerYear  Rule = "per_year"
	// RulePerAccount: contacts of the account were asked often enough.
	RulePerAccount Rule = "per_account"
	// RuleDailyCap: the program has its number of mails on the day.
	RuleDailyCap Rule = "daily_cap"
	// RuleDailyCapOfAll: all programs together have theirs.
	RuleDailyCapOfAll Rule = "daily_cap_of_all"
	// RuleOutranked: a better program took the reservation over. It is never asked:
	// the better program's admission sets it.
	RuleOutranked Rule = "outranked"
)

// AdmissionFacts are what the rules saw of one contact. They tell nothing of the
// person but counts, moments and whether a rule applies.
type AdmissionFacts struct {
	Found            bool      `json:"found"`
	HasAddress       bool      `json:"has_address"`
	HasPhone         bool      `json:"has_phone,omitempty"`  // where the program asks by SMS
	ByLink           bool      `json:"by_link,omitempty"`    // no mail is sent
	NoAccount        bool      `json:"no_account,omitempty"` // to be audited
	Bounced          bool      `json:"bounced,omitempty"`    // the address, or the number, is dead
	Unsubscribed     bool      `json:"unsubscribed,omitempty"`
	LeftProgram      bool      `json:"unsubscribed_program,omitempty"`
	BlockedDomain    bool      `json:"blocked_domain,omitempty"`
	NotWhen          int       `json:"not_when,omitempty"` // the condition that fits, from 1
	Tenure           Tenure    `json:"tenure,omitempty"`
	NotSampled       bool      `json:"not_sampled,omitempty"`
	OpenCase         bool      `json:"open_case,omitempty"`
	LastInvited      time.Time `json:"last_invited,omitzero"`       // by any program
	LastByThis       time.Time `json:"last_by_this,omitzero"`       // by the program that asks
	LastAtTouchpoint time.Time `json:"last_at_touchpoint,omitzero"` // by other programs
	LastOfKind       time.Time `json:"last_of_kind,omitzero"`       // by programs of the kind
	InMonth          int       `json:"in_month,omitempty"`          // in 30 days
	InYear           int       `json:"in_year,omitempty"`           // in 365 days
	InAccount        int       `json:"in_account,omitempty"`
	OnDay            int       `json:"on_day,omitempty"`        // by the program that asks
	OnDayByAll       int       `json:"on_day_by_all,omitempty"` // by all programs
	// Limit is the parameter of the rule that said no, as it was then.
	Limit string `json:"limit,omitempty"`
	// Outranks are the invitations whose reservations were taken over.
	Outranks []string `json:"outranks,omitempty"`
	// OutrankedBy is the program that took this reservation over.
	OutrankedBy string `json:"outranked_by,omitempty"`
	Verdicts
}

// Admit decides whether a program may ask a contact at a moment. It returns the
// rule that says no, or "".
func Admit(p Program, rules ContactRules, facts AdmissionFacts, now time.Time) Rule {
	if rule := admitPerson(p.Channel, facts); rule != "" {
		return rule
	}
	within := func(last time.Time, gap Span) bool {
		return !last.IsZero() && now.Before(last.Add(gap.Std()))
	}
	full := func(count, most int) bool { return most > 0 && count >= most }
	switch {
	case within(facts.LastByThis, p.AgainAfter):
		return RuleAgainAfter
	case within(facts.LastAtTouchpoint, rules.TouchpointAgain):
		return RuleTouchpointAgain
	case within(facts.LastOfKind, rules.Quarantines[p.Kind]):
		return RuleQuarantines
	case within(facts.LastInvited, rules.Quarantine):
		return RuleQuarantine
	case full(facts.InMonth, rules.PerMonth):
		return RulePerMonth
	case full(facts.InYear, rules.PerYear):
		return RulePerYear
	case full(facts.InAccount, rules.PerAccount.Invitations):
		return RulePerAccount
	case full(facts.OnDay, p.DailyCap):
		return RuleDailyCap
	case full(facts.OnDayByAll, rules.DailyCap):
		return RuleDailyCapOfAll
	}
	return ""
}

// admitPerson asks the rules that look at who it is, not at what went before.
func admitPerson(by Channel, facts AdmissionFacts) Rule {
	switch {
	case !facts.Found:
		return RuleNoContact
	case facts.NoAccount:
		return RuleNoAccount
	case by != ChannelSMS && !facts.HasAddress && !facts.ByLink:
		return RuleNoAddress
	case by == ChannelSMS && !facts.HasPhone && !facts.ByLink:
		return RuleNoPhone
	case facts.Bounced && !facts.ByLink:
		return RuleBounced
	case facts.Unsubscribed:
		return RuleUnsubscribed
	case facts.LeftProgram:
		return RuleUnsubscribedProgram
	case !facts.Condition.holds():
		return RuleCondition
	case !facts.Audience.holds():
		return RuleAudience
	case facts.BlockedDomain:
		return RuleBlockedDomain
	case facts.NotWhen > 0:
		return RuleNotWhen
	case facts.Tenure == TenureTooShort || facts.Tenure == TenureUnknown:
		return RuleTenure
	case facts.NotSampled:
		return RuleSampling
	case facts.OpenCase:
		return RuleOpenCase
	}
	return ""
}

// limitOf is the parameter of a rule, "" where it has none.
func limitOf(rule Rule, p Program, rules ContactRules) string {
	switch rule {
	case RuleTenure:
		return p.Tenure.String()
	case RuleSampling:
		return strconv.FormatFloat(p.Sampling, 'g', -1, 64)
	case RuleAgainAfter:
		return p.AgainAfter.String()
	case RuleTouchpointAgain:
		return rules.TouchpointAgain.String()
	case RuleQuarantines:
		return rules.Quarantines[p.Kind].String()
	case RuleQuarantine:
		return rules.Quarantine.String()
	case RulePerMonth:
		return strconv.Itoa(rules.PerMonth)
	case RulePerYear:
		return strconv.Itoa(rules.PerYear)
	case RulePerAccount:
		return strconv.Itoa(rules.PerAccount.Invitations) + " in " + rules.PerAccount.Within.String()
	case RuleDailyCap:
		return strconv.Itoa(p.DailyCap)
	case RuleDailyCapOfAll:
		return strconv.Itoa(rules.DailyCap)
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
	// InvitationDelivered: the mail reached a mailbox.
	InvitationDelivered InvitationState = "delivered"
	// InvitationBounced: the mail did not reach its reader.
	InvitationBounced   InvitationState = "bounced"
	InvitationResponded InvitationState = "responded"
	InvitationExpired   InvitationState = "expired"
	InvitationCancelled InvitationState = "cancelled"
	// InvitationUnknown: the mail may or may not have gone out, nobody can tell;
	// it is not sent again.
	InvitationUnknown InvitationState = "unknown"
)
