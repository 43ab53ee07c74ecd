package activities

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The kind of a test mail, as vendors are told: no event of one is about an invitation.
const testMail = "test"

// TestHeader marks a test mail; its value is the program's id.
const TestHeader = "X-Cxloop-Test"

// MailKinds are the kinds of mails that a program sends: store.MailInvite and the like,
// store.MailAsk for a referral and the kinds of the other asks, store.MailReferred,
// store.MailThanks and MailResurvey; of a program by SMS only what is mailed all the same.
func MailKinds(p survey.Program) []string {
	var kinds []string
	if p.Channel != survey.ChannelSMS {
		kinds = append(kinds, store.MailInvite)
	}
	if p.Channel != survey.ChannelSMS && p.Reminder > 0 {
		kinds = append(kinds, store.MailReminder)
	}
	for _, kind := range survey.AskKinds {
		if slices.Contains(p.FollowUp.AskKinds(), kind) {
			kinds = append(kinds, mailOfAsk(kind))
		}
	}
	if p.FollowUp.Referral.BuiltIn() {
		kinds = append(kinds, store.MailReferred)
	}
	if cases := p.FollowUp.Case; !cases.Off {
		if cases.Thanks {
			kinds = append(kinds, store.MailThanks)
		}
		if cases.Resurvey > 0 && p.Channel != survey.ChannelSMS {
			kinds = append(kinds, MailResurvey)
		}
	}
	return kinds
}

// MailResurvey is what MailKinds calls the mail that asks a customer again after a case
// was resolved, which is sent as an invitation.
const MailResurvey = "resurvey"

// mailOfAsk is what MailKinds calls the mail of an ask.
func mailOfAsk(kind survey.AskKind) string {
	if kind == survey.AskReferral {
		return store.MailAsk
	}
	return string(kind)
}

// sheetOf is the sheet of one of MailKinds of a program in a language.
func sheetOf(program survey.Program, kind, locale string) sheet {
	out := sheet{kind: mailKind(kind), program: program.ID, version: program.Version(), locale: locale}
	if kind == MailResurvey {
		out.kind, out.again = invitationMail, true
	}
	for _, ask := range survey.AskKinds {
		if mailOfAsk(ask) == kind {
			out.kind, out.ask = askMail, ask
		}
	}
	return out
}

// TestMail composes a mail of a program as it is sent, of one of MailKinds, but that it
// says that it is a test, and that its links lead to pages that record nothing. The id
// names this one mail: letters and digits.
func (c Composer) TestMail(program survey.Program, kind, locale, id string, to survey.Contact, account survey.Account) (mail.Mailing, error) {
	if kinds := MailKinds(program); !slices.Contains(kinds, kind) {
		return mail.Mailing{}, fmt.Errorf("program %s sends no %s: want %s", program.ID, kind, strings.Join(kinds, ", "))
	}
	m := c.mailing([]letter{{
		sheet: sheetOf(program, kind, locale), id: id, config: &program, contact: to, account: account, test: true,
	}})
	m.Kind = testMail
	r := &m.Recipients[0]
	r.Subject = "[Test] " + r.Subject
	r.Headers[TestHeader] = program.ID
	return m, nil
}

// testLink leads to the pages of a test mail: page is "" for the survey.
func (c Composer) testLink(l letter, page string) string {
	link := c.PublicURL + "/p/" + c.Tokens.Seal(survey.TokenTest, survey.TestID(l.program, l.locale))
	if page != "" {
		link += "?page=" + page
	}
	return link
}
