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
	// AskReferred: a friend left their details; AskConverted: a deal with one was won.
	AskReferred  AskState = "referred"
	AskConverted AskState = "converted"
	// AskUnknown: the mail may or may not have gone out; it is not sent again.
	AskUnknown AskState = "unknown"
)

// AskKind is what is asked of somebody after an answer.
type AskKind string

// The kinds of ask.
const (
	// AskReferral asks a promoter to recommend.
	AskReferral AskKind = "referral"
	// AskReview asks for a public review: everybody, whatever the score.
	AskReview AskKind = "review"
	// AskTestimonial asks a promoter who wrote a comment whether it may be quoted.
	AskTestimonial AskKind = "testimonial"
)

// AskKinds are all kinds, in the order in which they have their turns where a program
// names none.
var AskKinds = []AskKind{AskReferral, AskReview, AskTestimonial}

// The rules that can keep an ask from being sent, besides RuleNoAddress,
// RuleBounced and RuleUnsubscribed.
const (
	// RuleAskedBefore: the contact was asked not long enough ago.
	RuleAskedBefore Rule = "asked_before"
	// RuleNotHappy: the answer is no promoter's. It says no to no review.
	RuleNotHappy Rule = "not_happy"
	// RuleNoComment: there are no words to quote.
	RuleNoComment Rule = "no_comment"
	// RuleWithdrawn: the answer does not count any more.
	RuleWithdrawn Rule = "withdrawn"
	// RuleOpenCase: the account has an open case. It says no to no review.
	RuleOpenCase Rule = "open_case"
	// RuleOpenTicket: the account has an open ticket, or it is not known that it has none.
	// It says no to no review.
	RuleOpenTicket Rule = "open_ticket"
	// RuleNoConsent: consent is required, and is not given or not known.
	RuleNoConsent Rule = "no_consent"
)

// AskFacts are what the rules see of somebody who is to be asked.
type AskFacts struct {
	// Band is the response's as it is now, "" where it was withdrawn.
	Band         Band `json:"band"`
	HasAddress   bool `json:"has_address"`
	Bounced      bool `json:"bounced,omitempty"`
	Unsubscribed bool `json:"unsubscribed,omitempty"`
	OpenCase     bool `json:"open_case,omitempty"`
	// OpenTicket and NoConsent are set where that is not known, too.
	OpenTicket bool `json:"open_ticket,omitempty"`
	NoConsent  bool `json:"no_consent,omitempty"`
	// LastAsked is when the contact was asked for the same before, in any program.
	LastAsked time.Time `json:"last_asked,omitzero"`
}

// AdmitAsk decides whether somebody may be asked at a moment. It returns the rule that
// says no, or "". Of a review nothing counts that goes by the score: neither the band,
// nor a case, which a low score opens, nor a ticket. To ask for reviews those alone who
// are content is review gating (FTC: Soliciting and Paying for Online Reviews; Google: Maps
// user generated content policy, fake engagement).
func (f FollowUp) AdmitAsk(kind AskKind, facts AskFacts, now time.Time) Rule {
	again := f.AskTiming(kind).AgainAfter.Std()
	promotersOnly := kind != AskReview
	switch {
	case promotersOnly && !facts.Band.Happy():
		return RuleNotHappy
	case facts.Band == "":
		return RuleWithdrawn
	case !facts.HasAddress:
		return RuleNoAddress
	case facts.Bounced:
		return RuleBounced
	case facts.Unsubscribed:
		return RuleUnsubscribed
	case facts.NoConsent:
		return RuleNoConsent
	case promotersOnly && facts.OpenCase:
		return RuleOpenCase
	case promotersOnly && facts.OpenTicket:
		return RuleOpenTicket
	case !facts.LastAsked.IsZero() && now.Before(facts.LastAsked.Add(again)):
		return RuleAskedBefore
	}
	return ""
}

// AskTiming is when the mail of an ask goes out, and when the next one of its kind may.
type AskTiming struct {
	// Delay is how long after the response is final the mail is sent.
	Delay Span `json:"delay" yaml:"delay"`
	// AgainAfter is the gap between two asks of a contact of one kind, by any program.
	AgainAfter Span `json:"again_after" yaml:"again_after"`
	// Window is when the mail is sent; nil at any time.
	Window *Calendar `json:"window,omitempty" yaml:"-"`
	// NextBusinessDay sends it, in place of Delay, when the window opens on a day after
	// that of the answer, where the contact is.
	NextBusinessDay bool `json:"next_business_day,omitempty" yaml:"-"`
}

// DueAt is when the mail of an ask that was made at a moment goes out to somebody in a
// time zone.
func (t AskTiming) DueAt(made time.Time, zone string) time.Time {
	if !t.NextBusinessDay || t.Window == nil {
		return mailAt(t.Window, made.Add(t.Delay.Std()), zone)
	}
	year, month, day := made.In(t.Window.location(zone)).Date()
	return t.Window.Next(time.Date(year, month, day+1, 0, 0, 0, 0, t.Window.location(zone)), zone)
}

// InWindow is when a mail that is due at a moment goes out, whatever it is about.
func (t AskTiming) InWindow(due time.Time, zone string) time.Time { return mailAt(t.Window, due, zone) }

// MailAt is when the mail of an ask that was made at a moment may go out at or after
// another one.
func (t AskTiming) MailAt(made, at time.Time, zone string) time.Time {
	if due := t.DueAt(made, zone); due.After(at) {
		return due
	}
	return mailAt(t.Window, at, zone)
}

// ReviewRule configures the asks for a public review. There is nothing in it by which
// some are asked and others are not: that would be review gating.
type ReviewRule struct {
	AskTiming `yaml:",inline"`
	// Sites are where a review can be written, at least one.
	Sites []ReviewSite `json:"sites" yaml:"sites"`
}

// ReviewSite is a place for public reviews.
type ReviewSite struct {
	// Name is what its button says; "" is the text review_button.
	Name string `json:"name,omitempty" yaml:"name"`
	URL  string `json:"url" yaml:"url"`
}

// TestimonialRule configures the asks for permission to quote a comment.
type TestimonialRule struct {
	AskTiming `yaml:",inline"`
}

// AskOrder says which of several asks has its turn.
type AskOrder struct {
	// Order is that of the kinds; AskKinds where it is empty.
	Order []AskKind `json:"order,omitempty" yaml:"order"`
	// By is AskByTurns where it is "".
	By AskBy `json:"by,omitempty" yaml:"by"`
}

// AskBy is the rule of a rotation.
type AskBy string

// The rules of rotation.
const (
	// AskByTurns: the kind whose last turn is the longest ago.
	AskByTurns AskBy = "turns"
	// AskByPriority: the first in the order whose gap is over.
	AskByPriority AskBy = "priority"
)

// AskKinds are the kinds that a program asks for, in its order.
func (f FollowUp) AskKinds() []AskKind {
	order := f.Asks.Order
	if len(order) == 0 {
		order = AskKinds
	}
	var kinds []AskKind
	for _, kind := range order {
		if f.asksFor(kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (f FollowUp) asksFor(kind AskKind) bool {
	switch kind {
	case AskReferral:
		return !f.Referral.Off
	case AskReview:
		return f.Review != nil
	}
	return f.Testimonial != nil
}

// AskTiming is the timing of a kind, zero of one that the program does not ask for.
func (f FollowUp) AskTiming(kind AskKind) AskTiming {
	switch {
	case kind == AskReferral:
		return f.Referral.AskTiming
	case kind == AskReview && f.Review != nil:
		return f.Review.AskTiming
	case kind == AskTestimonial && f.Testimonial != nil:
		return f.Testimonial.AskTiming
	}
	return AskTiming{}
}
