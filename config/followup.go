package config

import (
	"errors"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/survey"
)

// When a customer may be asked again at the earliest and at the latest.
const (
	minResurvey = survey.Span(24 * time.Hour)
	maxResurvey = survey.Span(90 * day)
)

// caseRule is that of the trade.
func caseRule() survey.CaseRule {
	return survey.CaseRule{
		AlertAfter: survey.Span(2 * time.Minute), CloseAfter: survey.Span(30 * day), Contradictions: true,
		ReopenWithin: survey.Span(30 * day), Thanks: true, Resurvey: survey.Span(25 * day),
	}
}

// resolveCases leaves out what an audit has not: who answered it is no customer, whom
// nobody thanks for having been heard.
func resolveCases(p *survey.Program) {
	if p.Of == survey.Auditors {
		p.FollowUp.Case.Thanks, p.FollowUp.Case.Resurvey, p.FollowUp.Case.Contradictions = false, 0, false
	}
}

// Texts of what follows a resolved case. A program that brings all texts itself gets
// those of the templates where it has none.
const (
	thanksText  = "thanks_body"
	resurveySMS = "resurvey_sms"
)

var aftercareTexts = []string{"thanks_subject", thanksText, "resurvey_subject", "resurvey_intro", resurveySMS}

// completeAftercare gives a program the texts of what follows its cases, and no others.
func completeAftercare(p *survey.Program) {
	rule, usual := p.FollowUp.Case, builtin()[basic[0]].Texts
	for locale, texts := range p.Texts {
		nearest, ok := survey.Nearest(usual, locale)
		if !ok {
			nearest = survey.DefaultLocale
		}
		from := usual[nearest]
		for _, one := range []struct {
			text   *string
			usual  string
			wanted bool
		}{
			{&texts.ThanksSubject, from.ThanksSubject, !rule.Off && rule.Thanks},
			{&texts.ThanksBody, from.ThanksBody, !rule.Off && rule.Thanks},
			{&texts.ResurveySubject, from.ResurveySubject, !rule.Off && rule.Resurvey > 0 && p.Channel != survey.ChannelSMS},
			{&texts.ResurveyIntro, from.ResurveyIntro, !rule.Off && rule.Resurvey > 0 && p.Channel != survey.ChannelSMS},
			{&texts.ResurveySMS, from.ResurveySMS, !rule.Off && rule.Resurvey > 0 && p.Channel == survey.ChannelSMS},
		} {
			switch {
			case !one.wanted:
				*one.text = ""
			case *one.text == "":
				*one.text = one.usual
			}
		}
		p.Texts[locale] = texts
	}
}

// caseCondition compiles the expression that opens cases, and adds the terms that it uses
// to the program's.
func (d *document) caseCondition(p *survey.Program, at path) {
	place := at.join("follow_up", "case", "when")
	n := d.value(place)
	if d.language == nil || n == nil || n.Kind != yaml.ScalarNode || d.failed(place) {
		return
	}
	language, err := d.language.ForAnswers(*p)
	if err != nil {
		panic("config: the environment of expressions about answers does not fit: " + err.Error())
	}
	e, err := language.Compile(condition.OfCase, n.Value)
	if wrong, ok := errors.AsType[condition.Mistakes](err); ok {
		d.addInside(place, wrong)
		return
	}
	language.Use(e, &p.Terms)
}

// checkCases looks for what of a program's cases does not fit together.
func (d *document) checkCases(p survey.Program, at path) {
	rule, at := p.FollowUp.Case, at.join("follow_up", "case")
	if rule.Off {
		return
	}
	if rule.CloseAfter <= rule.AlertAfter {
		d.add(at.join("close_after"), "%s is not after the first alert, %s", rule.CloseAfter, rule.AlertAfter)
	}
	if rule.Priority != "" && rule.When == "" {
		d.add(at.join("priority"), "is of the cases that when opens, and there is no when")
	}
	if rule.HoldOut > 0 && !rule.Passives {
		d.addAtKey(at.join("hold_out"), "is of the customers for whom passives opens cases: set passives: true")
	}
	if again := rule.Resurvey; again != 0 && (again < minResurvey || again > maxResurvey) {
		d.add(at.join("resurvey"), "want 21d to 30d, at least 1d and at most 90d, or 0s to ask nobody again")
	}
	if p.Of == survey.Auditors {
		for _, key := range []string{"thanks", "resurvey", "contradictions", "hold_out"} {
			if d.value(at.join(key)) != nil {
				d.addAtKey(at.join(key), "is of customers: an audit's answers are the auditor's")
			}
		}
	}
}
