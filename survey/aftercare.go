package survey

import "time"

// PlaceDone stands in the text of the thanks where it is said what was done.
const PlaceDone = "{done}"

// doneAbout says what was done about the causes of cases that every program has, in
// words that promise nothing.
var doneAbout = map[string]Words{
	"product": {
		"en": "We have gone through it with the people who make our product.",
		"fr": "Nous en avons parlé avec celles et ceux qui conçoivent notre produit.",
		"de": "Wir sind dem mit denen nachgegangen, die unser Produkt machen.",
		"es": "Lo hemos tratado con quienes hacen nuestro producto.",
	},
	"price": {
		"en": "We have gone through what you pay, and what you get for it, with the people concerned.",
		"fr": "Nous avons revu ce que vous payez, et ce que vous recevez pour cela, avec les personnes concernées.",
		"de": "Wir sind mit den Zuständigen durchgegangen, was Sie bezahlen und was Sie dafür bekommen.",
		"es": "Hemos revisado con las personas responsables lo que usted paga y lo que recibe a cambio.",
	},
	"support": {
		"en": "We have gone through what happened with our support team.",
		"fr": "Nous avons revu ce qui s’est passé avec notre équipe d’assistance.",
		"de": "Wir sind mit unserer Kundenbetreuung durchgegangen, was geschehen ist.",
		"es": "Hemos revisado lo ocurrido con nuestro equipo de atención.",
	},
	"delivery": {
		"en": "We have gone through what happened with the people who deliver.",
		"fr": "Nous avons revu ce qui s’est passé avec celles et ceux qui livrent.",
		"de": "Wir sind mit denen, die liefern, durchgegangen, was geschehen ist.",
		"es": "Hemos revisado lo ocurrido con quienes se encargan de las entregas.",
	},
	"usability": {
		"en": "We have shown the people who design our product where it was in your way.",
		"fr": "Nous avons montré à celles et ceux qui le conçoivent où notre produit vous a gêné.",
		"de": "Wir haben denen, die unser Produkt gestalten, gezeigt, wo es Ihnen im Weg war.",
		"es": "Hemos mostrado a quienes diseñan nuestro producto dónde le estorbaba.",
	},
	OptionOther: {
		"en": "We have followed up what you told us.",
		"fr": "Nous avons donné suite à ce que vous nous avez dit.",
		"de": "Wir sind dem nachgegangen, was Sie uns gesagt haben.",
		"es": "Hemos dado seguimiento a lo que nos dijo.",
	},
}

// DoneAbout says in a locale what was done about the cause with which a case was
// resolved. For a cause of a program's own, and for none, it says that something was.
func DoneAbout(cause, locale string) string {
	words, known := doneAbout[cause]
	if !known {
		words = doneAbout[OptionOther]
	}
	return words.In(locale)
}

// Again are the texts of the mail that asks a customer again after a case was resolved:
// it says why. A program that has none asks as it did before.
func (t Texts) Again() Texts {
	for _, one := range []struct{ own, usual *string }{
		{&t.ResurveySubject, &t.Subject}, {&t.ResurveyIntro, &t.Intro}, {&t.ResurveySMS, &t.SMS},
	} {
		if *one.own != "" {
			*one.usual = *one.own
		}
	}
	return t
}

// RecheckPriority keeps every other program from taking over the reservation of a
// customer who is asked again after a case was resolved.
const RecheckPriority = 1 << 30

// DecideAgain decides whether a customer may be asked again after a case was resolved.
// That is no survey of its own: neither gaps nor caps nor samples count, nor whom the
// program asks for the first time. OpenCase of the applicant is set too where the case
// is not resolved any more.
func DecideAgain(p Program, rules ContactRules, a Applicant, now time.Time) Ruling {
	rules = rules.For(p)
	facts := factsOf(p, rules, a, now)
	facts.OpenCase = a.OpenCase
	return Ruling{Rule: admitAgain(p.Channel, facts), Facts: facts}
}

// admitAgain asks the rules that no promise to come back outweighs.
func admitAgain(by Channel, facts AdmissionFacts) Rule {
	facts.Verdicts, facts.Tenure, facts.NotSampled, facts.NoAccount = Verdicts{}, "", false, false
	return admitPerson(by, facts)
}

// ReadsForAgain is what of an applicant DecideAgain looks at.
func ReadsForAgain(p Program, rules ContactRules, now time.Time) AdmissionReads {
	account := ReadsFor(p, rules, now).Account
	return AdmissionReads{Since: now, OpenCase: true, Account: account}
}

// ThanksFacts are what the rules see of a customer whose case was resolved.
type ThanksFacts struct {
	HasAddress, Bounced, Unsubscribed, OpenCase bool
}

// AdmitThanks decides whether a customer may be thanked. It returns the rule that says
// no, or "".
func AdmitThanks(rules ContactRules, c Contact, facts ThanksFacts) Rule {
	switch {
	case !facts.HasAddress:
		return RuleNoAddress
	case facts.Bounced:
		return RuleBounced
	case facts.Unsubscribed:
		return RuleUnsubscribed
	case rules.blocks(c.Email):
		return RuleBlockedDomain
	case facts.OpenCase:
		return RuleOpenCase
	}
	return ""
}
