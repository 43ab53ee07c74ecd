package survey

import "time"

// AskState is where an ask stands.
type AskState string

// The states of an ask.
const (
	AskWaiting    AskState = "waiting"
	AskSuppressed AskState = "suppressed"
	AskSent       AskState = "sent"
	AskClicked    AskState = "clicked"
	// AskUnknown: the mail may or may not have gone out; it is not sent again.
	AskUnknown AskState = "unknown"
)

// The rules that can keep an ask from being sent, besides RuleNoAddress,
// RuleBounced and RuleUnsubscribed.
const (
	// RuleAskedBefore: the contact was asked not long enough ago.
	RuleAskedBefore Rule = "asked_before"
	// RuleNotHappy: the answer was changed and is no promoter's any more.
	RuleNotHappy Rule = "not_happy"
	// RuleOpenCase: the account has an open case.
	RuleOpenCase Rule = "open_case"
)

// AskFacts are what the rules see of one promoter.
type AskFacts struct {
	// Band is the response's as it is now.
	Band         Band      `json:"band"`
	HasAddress   bool      `json:"has_address"`
	Bounced      bool      `json:"bounced,omitempty"`
	Unsubscribed bool      `json:"unsubscribed,omitempty"`
	OpenCase     bool      `json:"open_case,omitempty"`
	LastAsked    time.Time `json:"last_asked,omitzero"`
}

// AdmitAsk decides whether a promoter may be asked for a referral at a moment.
// It returns the rule that says no, or "".
func AdmitAsk(rule ReferralRule, facts AskFacts, now time.Time) Rule {
	switch {
	case !facts.Band.Happy():
		return RuleNotHappy
	case !facts.HasAddress:
		return RuleNoAddress
	case facts.Bounced:
		return RuleBounced
	case facts.Unsubscribed:
		return RuleUnsubscribed
	case facts.OpenCase:
		return RuleOpenCase
	case !facts.LastAsked.IsZero() && now.Before(facts.LastAsked.Add(rule.AgainAfter.Std())):
		return RuleAskedBefore
	}
	return ""
}
