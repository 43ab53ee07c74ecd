package sendgrid

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sendgrid/sendgrid-go/helpers/mail"

	"github.com/cxloop/cxloop/survey"
)

// SendGrid's limits of one call (docs: mail send, errors).
const (
	MaxRecipients = 1000

	maxCategories    = 10
	maxCategory      = 255    // characters
	maxCustomArgs    = 10_000 // bytes, of one recipient with those of the mail
	maxSubstitutions = 10_000 // bytes, of one recipient
)

// Address is a mailbox with an optional name.
type Address struct {
	Email string
	Name  string
}

// Mail is one call: the same mail to many, with what differs for each. Text,
// HTML and subjects may hold the keys of substitutions.
type Mail struct {
	From    Address
	ReplyTo Address // optional
	Subject string
	Text    string
	HTML    string
	// Categories are for SendGrid's statistics; no personal data.
	Categories []string
	// CustomArgs come back with every event of the mail; no personal data.
	CustomArgs map[string]string
	// Recipients are at most MaxRecipients. Each gets a mail of their own.
	Recipients []Recipient
}

// Recipient is one person and what is theirs alone.
type Recipient struct {
	Address
	// Subject replaces the mail's where it is not "".
	Subject string
	// Substitutions are literal texts and what stands in their place.
	Substitutions map[string]string
	Headers       map[string]string
	// CustomArgs come back with every event of this recipient; no personal data.
	CustomArgs map[string]string
}

// What an operator can do where SendGrid takes the mail for nobody.
const (
	hintFrom    = "check sendgrid.from and the program's sender"
	hintReplyTo = "check sendgrid.reply_to and the program's sender"
	hintMail    = "no recipient is at fault: check sendgrid.from, sendgrid.reply_to, the program's sender and its texts"
)

// check names the first thing that SendGrid would refuse, without addresses. There
// is no hint where fewer or other recipients mend it.
func (m Mail) check() (hint string, err error) {
	if hint, err := m.checkShared(); err != nil {
		return hint, err
	}
	if len(m.Recipients) == 0 || len(m.Recipients) > MaxRecipients {
		return "", fmt.Errorf("mail has %d recipients: want 1 to %d", len(m.Recipients), MaxRecipients)
	}
	for i, r := range m.Recipients {
		if err := m.checkRecipient(r); err != nil {
			return "", fmt.Errorf("recipients[%d]: %w", i, err)
		}
	}
	return "", nil
}

// checkShared checks what all recipients have in common.
func (m Mail) checkShared() (hint string, err error) {
	switch {
	case !survey.ValidAddress(m.From.Email):
		return hintFrom, errors.New("from is not an e-mail address")
	case m.ReplyTo.Email != "" && !survey.ValidAddress(m.ReplyTo.Email):
		return hintReplyTo, errors.New("reply-to is not an e-mail address")
	case m.Text == "" && m.HTML == "":
		return hintMail, errors.New("mail has neither text nor HTML")
	case len(m.Categories) > maxCategories:
		return hintMail, fmt.Errorf("mail has %d categories: want at most %d", len(m.Categories), maxCategories)
	}
	for i, category := range m.Categories {
		if category == "" || len([]rune(category)) > maxCategory {
			return hintMail, fmt.Errorf("categories[%d] has %d characters: want 1 to %d", i, len([]rune(category)), maxCategory)
		}
	}
	return "", nil
}

func (m Mail) checkRecipient(r Recipient) error {
	switch {
	case !survey.ValidAddress(r.Email):
		return errors.New("not an e-mail address")
	case m.Subject == "" && r.Subject == "":
		return errors.New("no subject")
	case size(m.CustomArgs)+size(r.CustomArgs) > maxCustomArgs:
		return fmt.Errorf("custom args are longer than %d bytes", maxCustomArgs)
	case size(r.Substitutions) > maxSubstitutions:
		return fmt.Errorf("substitutions are longer than %d bytes", maxSubstitutions)
	}
	for name, value := range r.Headers {
		if strings.ContainsAny(name+value, "\r\n") {
			return fmt.Errorf("header %q has more than one line", name)
		}
	}
	return nil
}

// size is the length of a map as JSON.
func size(m map[string]string) int {
	if len(m) == 0 {
		return 0
	}
	body, err := json.Marshal(m)
	if err != nil {
		panic("sendgrid: a map of texts always has JSON: " + err.Error())
	}
	return len(body)
}

// body is the mail as SendGrid's API has it. Its tracking is off: links must
// lead where they say, opens say nothing since mail clients fetch images by
// themselves, and cxloop hosts its own unsubscribe page.
func (m Mail) body() *mail.SGMailV3 {
	b := mail.NewV3Mail()
	b.SetFrom(mail.NewEmail(m.From.Name, m.From.Email))
	if m.ReplyTo.Email != "" {
		b.SetReplyTo(mail.NewEmail(m.ReplyTo.Name, m.ReplyTo.Email))
	}
	b.Subject = m.Subject
	if m.Text != "" { // plain text has to come first
		b.AddContent(mail.NewContent("text/plain", m.Text))
	}
	if m.HTML != "" {
		b.AddContent(mail.NewContent("text/html", m.HTML))
	}
	b.AddCategories(m.Categories...)
	b.CustomArgs = m.CustomArgs
	b.SetTrackingSettings(mail.NewTrackingSettings().
		SetClickTracking(mail.NewClickTrackingSetting().SetEnable(false).SetEnableText(false)).
		SetOpenTracking(mail.NewOpenTrackingSetting().SetEnable(false)).
		SetSubscriptionTracking(mail.NewSubscriptionTrackingSetting().SetEnable(false)))
	for _, r := range m.Recipients {
		p := mail.NewPersonalization()
		p.AddTos(mail.NewEmail(r.Name, r.Email))
		p.Subject = r.Subject
		p.Substitutions = r.Substitutions
		p.Headers = r.Headers
		p.CustomArgs = r.CustomArgs
		b.AddPersonalizations(p)
	}
	return b
}

// refusedFields are the fields that an answer names, such as
// "personalizations.0.to". SendGrid's sentences are left out: they quote addresses.
func refusedFields(body string) []string {
	var answer struct {
		Errors []struct {
			Field string `json:"field"`
		} `json:"errors"`
	}
	if json.Unmarshal([]byte(body), &answer) != nil {
		return nil
	}
	var fields []string
	for _, e := range answer.Errors {
		if e.Field != "" {
			fields = append(fields, e.Field)
		}
	}
	return fields
}

// describe names the first fields that were refused.
func describe(fields []string) string {
	fields = slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return len(f) >= 100 })
	if len(fields) == 0 {
		return "refused"
	}
	return "refused for " + strings.Join(fields[:min(len(fields), 5)], ", ")
}

// hintOf says what to do about refused fields, "" where one is a recipient's.
func hintOf(fields []string) string {
	all := func(prefix string) bool {
		return len(fields) > 0 && !slices.ContainsFunc(fields, func(f string) bool { return !strings.HasPrefix(f, prefix) })
	}
	switch {
	case slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, "personalizations") }):
		return ""
	case all("from"):
		return hintFrom
	case all("reply_to"):
		return hintReplyTo
	}
	return hintMail
}
