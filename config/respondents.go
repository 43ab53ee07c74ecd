package config

import (
	"slices"
	"strconv"

	"github.com/cxloop/cxloop/survey"
)

// resolveRespondents says who is asked where only the metric tells, and whether they
// stay unknown: employees do.
func (d *document) resolveRespondents(p *survey.Program, at path) {
	if d.text(at.join("of")) == "customers" {
		p.Of = survey.Customers
	} else if p.Of == survey.Customers && p.Metric == survey.ENPS {
		p.Of = survey.Employees
	} else if p.Of == survey.Customers && p.Metric == survey.Audit {
		p.Of = survey.Auditors
	}
	if p.Of == survey.Auditors && d.value(at.join("again_after")) == nil {
		p.AgainAfter = 0
	}
	if d.value(at.join("anonymous")) == nil {
		p.Anonymous = p.Of == survey.Employees
	}
	if p.Anonymous {
		p.FollowUp.Case.Off, p.FollowUp.Referral.Off = true, true
		if d.value(at.join("floor")) == nil {
			p.Floor = survey.MinGroup
		}
	}
	if p.Of != survey.Customers && d.value(at.join("follow_up", "referral")) == nil {
		p.FollowUp.Referral.Off = true
	}
}

// needed reports whether a program has to have a text.
func needed(text string, p survey.Program) bool {
	if kind := ofAsk(text); kind != "" {
		return slices.Contains(p.FollowUp.AskKinds(), kind)
	}
	switch {
	case isFriendText(text):
		return p.FollowUp.Referral.BuiltIn() && (p.FollowUp.Referral.ShowName || !slices.Contains(namingTexts, text))
	case text == "notice":
		return !p.Anonymous
	case text == smsText:
		return p.Channel == survey.ChannelSMS
	case slices.Contains(aftercareTexts, text):
		return false // completeAftercare has all that is wanted
	case text == "open":
		return !p.ScoresInMail()
	case slices.Contains(anonymousTexts, text):
		return p.Anonymous
	case slices.Contains(itemTexts, text):
		return p.Metric == survey.Audit
	case slices.Contains(scaleTexts, text):
		return p.Metric != survey.Audit
	}
	return true
}

// Texts that only some programs have: anonymous ones, audits, and all but audits.
var (
	anonymousTexts = []string{"anonymous", "answered"}
	itemTexts      = []string{"yes", "no", "not_applicable"}
	scaleTexts     = []string{"low", "high"}
)

// fillAnonymity puts the floor into the words that promise it. A program that is not
// anonymous promises nothing.
func fillAnonymity(p *survey.Program) {
	for locale, texts := range p.Texts {
		if p.Anonymous {
			texts.Notice = "" // it says that the answer is kept with the person
			texts.Anonymous = survey.Fill(texts.Anonymous, map[string]string{"floor": strconv.Itoa(p.Floor)})
		} else {
			texts.Anonymous, texts.Answered = "", ""
		}
		if p.ScoresInMail() {
			texts.Open = ""
		}
		p.Texts[locale] = texts
	}
}

// checkRespondents looks for what does not go with those who are asked.
func (d *document) checkRespondents(p survey.Program, at path) {
	switch {
	case p.Metric == survey.ENPS && p.Of != survey.Employees:
		d.add(at.join("of"), "enps is asked of employees: for others it is nps")
	case p.Metric == survey.NPS && p.Of == survey.Employees:
		d.add(at.join("of"), "nps is asked of customers: for employees it is enps, for example with template: employee")
	}
	if p.Of != survey.Customers && d.value(at.join("follow_up", "referral")) != nil && !p.FollowUp.Referral.Off {
		d.addAtKey(at.join("follow_up", "referral"), "%s are not asked for referrals", p.Of)
	}
	if variants := at.join("variants"); p.Anonymous && d.value(variants) != nil {
		d.addAtKey(variants, "an anonymous answer does not tell by which variant it was asked for")
	}
	switch floor := at.join("floor"); {
	case !p.Anonymous && d.value(floor) != nil:
		d.addAtKey(floor, "is of anonymous programs, and this one is not")
	case p.Anonymous && d.value(at.join("follow_up")) != nil:
		d.addAtKey(at.join("follow_up"), "nothing follows an anonymous answer: nobody knows whose it is. Leave it out, or set anonymous: false")
	}
}
