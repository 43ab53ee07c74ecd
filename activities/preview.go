package activities

import (
	"github.com/cxloop/cxloop/survey"
)

// PreviewedMail is a mail as a person would get it.
type PreviewedMail struct {
	// Kind is one of MailKinds.
	Kind                string
	Subject, Text, HTML string
}

// Preview composes the mails of a program, or of it as one of its variants, in one of
// its languages, as they are sent to a contact; of a program by SMS these are its
// asks and thanks alone. Nothing is sent, and the links in them are good for no invitation.
func (c Composer) Preview(program survey.Program, locale string, contact survey.Contact, account survey.Account) []PreviewedMail {
	kinds := MailKinds(program)
	mails := make([]PreviewedMail, 0, len(kinds))
	for _, kind := range kinds {
		mailing := c.mailing([]letter{{
			sheet: sheetOf(program, kind, locale), id: "preview", cameOf: "preview", config: &program, contact: contact, account: account,
		}})
		to := mailing.Recipients[0]
		text, html := mailing.Filled(to)
		mails = append(mails, PreviewedMail{kind, to.Subject, text, html})
	}
	return mails
}
