package sendgrid

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/sendgrid/sendgrid-go/helpers/mail"

	"github.com/cxloop/cxloop/integrations"
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

// check names the first thing that SendGrid would refuse, without addresses.
func (m Mail) check() error {
	switch {
	case !integrations.ValidAddress(m.From.Email):
		return errors.New("from is not an e-mail address")
	case m.ReplyTo.Email != "" && !integrations.ValidAddress(m.ReplyTo.Email):
		return errors.New("reply-to is not an e-mail address")
	case m.Text == "" && m.HTML == "":
		return errors.New("mail has neither text nor HTML")
	case len(m.Recipients) == 0 || len(m.Recipients) > MaxRecipients:
		return fmt.Errorf("mail has %d recipients: want 1 to %d", len(m.Recipients), MaxRecipients)
	case len(m.Categories) > maxCategories:
		return fmt.Errorf("mail has %d categories: want at most %d", len(m.Categories), maxCategories)
	}
	for i, category := range m.Categories {
		if category == "" || len([]rune(category)) > maxCategory {
			return fmt.Errorf("categories[%d] has %d characters: want 1 to %d", i, len([]rune(category)), maxCategory)
		}
	}
	for i, r := range m.Recipients {
		if err := m.checkRecipient(r); err != nil {
			return fmt.Errorf("recipients[%d]: %w", i, err)
		}
	}
	return nil
}

func (m Mail) checkRecipient(r Recipient) error {
	switch {
	case !integrations.ValidAddress(r.Email):
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

// describe says which fields were refused. SendGrid's sentences are left out:
// they quote addresses.
func describe(body string) string {
	var answer struct {
		Errors []struct {
			Field string `json:"field"`
		} `json:"errors"`
	}
	if json.Unmarshal([]byte(body), &answer) != nil {
		return "refused"
	}
	var fields []string
	for _, e := range answer.Errors {
		if e.Field != "" && len(e.Field) < 100 && len(fields) < 5 {
			fields = append(fields, e.Field)
		}
	}
	if len(fields) == 0 {
		return "refused"
	}
	return "refused for " + strings.Join(fields, ", ")
}
