package config

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/survey"
)

// The gaps between two asks of a contact, by kind.
const (
	referralAgain    = survey.Span(180 * day)
	reviewAgain      = survey.Span(180 * day)
	testimonialAgain = survey.Span(365 * day)
)

// workingWeek is when the mails of asks go out where no calendar says it.
func workingWeek() *survey.Calendar {
	return &survey.Calendar{ID: "business-days", Timezone: "UTC", Days: []string{"mon", "tue", "wed", "thu", "fri"}, Hours: "09:00-17:00"}
}

// resolveAsks says what a program asks for after an answer.
func (d *document) resolveAsks(p *survey.Program, at path) {
	f, at := &p.FollowUp, at.join("follow_up")
	// A referral page without an address leads nowhere.
	if f.Referral.URL == "" && f.Referral.Page == "" && !f.Referral.Off && d.value(at.join("referral", "off")) == nil {
		f.Referral.Off = true
	}
	if f.Review != nil {
		d.resolveReview(f.Review, at.join("review"))
	}
	testimonial := at.join("testimonial")
	switch n := d.value(testimonial); {
	case n == nil || d.text(testimonial.join("off")) == "true":
		f.Testimonial = nil
	default:
		f.Testimonial = &survey.TestimonialRule{AskTiming: survey.AskTiming{AgainAfter: testimonialAgain}}
		_ = n.Decode(f.Testimonial) // the schema has checked it
	}
}

// resolveReview lists the one site of a review as sites are.
func (d *document) resolveReview(r *survey.ReviewRule, at path) {
	if d.value(at.join("again_after")) == nil {
		r.AgainAfter = reviewAgain
	}
	url := d.value(at.join("url"))
	switch {
	case url != nil && len(r.Sites) > 0:
		d.add(at.join("url"), "sites are given too: one of the two is enough")
	case url != nil:
		r.Sites = []survey.ReviewSite{{URL: url.Value}}
	case len(r.Sites) == 0:
		d.add(at.join("url"), "is required (or sites): it is where a review is written")
	}
}

// askTimings says when the mails of asks go out: on the next business day where nothing
// says otherwise.
func (d *document) askTimings(p *survey.Program, calendars []survey.Calendar, at path) {
	f, at := &p.FollowUp, at.join("follow_up")
	if !f.Referral.Off {
		d.askTiming(&f.Referral.AskTiming, *p, calendars, at.join("referral"))
	} else if window := at.join("referral", "window"); d.text(window) != "" {
		f.Referral.Window, _ = d.window(window, calendars)
	}
	if f.Review != nil {
		d.askTiming(&f.Review.AskTiming, *p, calendars, at.join("review"))
	}
	if f.Testimonial != nil {
		d.askTiming(&f.Testimonial.AskTiming, *p, calendars, at.join("testimonial"))
	}
}

func (d *document) askTiming(t *survey.AskTiming, p survey.Program, calendars []survey.Calendar, at path) {
	window := d.text(at.join("window"))
	switch t.Window, _ = d.window(at.join("window"), calendars); {
	case window == "":
		t.Window = p.Window
	case window == windowOff && d.value(at.join("delay")) == nil:
		t.Delay = survey.Span(day)
	}
	if window != windowOff && d.value(at.join("delay")) == nil {
		t.Delay, t.NextBusinessDay = 0, true
		if t.Window == nil {
			t.Window = workingWeek()
		}
	}
}

// withoutAsks leaves a program that asks for no review or testimonial as it was before
// there were such asks.
func withoutAsks(p *survey.Program) {
	for locale, texts := range p.Texts {
		own := reflect.ValueOf(&texts.AskTexts).Elem()
		for i := range own.NumField() {
			if !needed(own.Type().Field(i).Tag.Get("yaml"), *p) {
				own.Field(i).SetString("")
			}
		}
		p.Texts[locale] = texts
	}
}

// ofAsk is the kind of ask that a text is of, "" for others and those of referrals, which
// every program has.
func ofAsk(text string) survey.AskKind {
	for _, kind := range []survey.AskKind{survey.AskReview, survey.AskTestimonial} {
		if strings.HasPrefix(text, string(kind)+"_") {
			return kind
		}
	}
	return ""
}

// checkAsks looks for asks that do not fit those who are asked, or each other.
func (d *document) checkAsks(p survey.Program, at path) {
	followUp := at.join("follow_up")
	for _, kind := range []survey.AskKind{survey.AskReview, survey.AskTestimonial} {
		if here := followUp.join(string(kind)); p.Of != survey.Customers && slices.Contains(p.FollowUp.AskKinds(), kind) {
			d.addAtKey(here, "%s are not asked for a %s", p.Of, kind)
		}
	}
	seen := map[survey.AskKind]bool{}
	for i, kind := range p.FollowUp.Asks.Order {
		if seen[kind] {
			d.add(followUp.join("asks", "order", strconv.Itoa(i)), "%s stands here twice", kind)
		}
		seen[kind] = true
	}
	all := p.FollowUp
	all.Asks.Order = nil
	for _, kind := range all.AskKinds() {
		if len(seen) > 0 && !seen[kind] {
			d.add(followUp.join("asks", "order"), "%s is left out: it would never have its turn", kind)
		}
	}
	if p.FollowUp.Review != nil {
		d.checkGating(p, at)
	}
}

// ReadableCRMs are the ids of the CRMs that can be asked for a contact at any time.
func (c *Config) ReadableCRMs() []string {
	var ids []string
	for _, crm := range c.CRM {
		if crm.Type == HubSpot {
			ids = append(ids, crm.ID)
		}
	}
	return ids
}

// compileAskRules compiles what decides about asks in all programs.
func (d *document) compileAskRules(rules survey.ContactRules) condition.AskRules {
	at := path{"contact_rules"}
	return condition.AskRules{
		Consent:    d.compileText(at.join("marketing_consent"), rules.MarketingConsent),
		OpenTicket: d.compileText(at.join("open_ticket"), rules.OpenTicket),
	}
}

// compileText compiles an expression over contact and account that the environment may
// have given; nil for "".
func (d *document) compileText(at path, text string) *condition.Expression {
	if text == "" || d.language == nil || d.failed(at) {
		return nil
	}
	e, err := d.language.Compile(condition.OfSegment, text)
	if wrong, ok := errors.AsType[condition.Mistakes](err); ok {
		if n := d.value(at); n != nil && n.Kind == yaml.ScalarNode {
			d.addInside(at, wrong)
		} else {
			d.add(at, "%s", wrong)
		}
		return nil
	}
	return e
}
