package sandbox

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// What SendGrid allows in one mail/send (its contract and its table of errors).
const (
	mailPersonalizationsMax = 1000
	mailRecipientsMax       = 1000
	mailCategoriesMax       = 10
	mailArgsBytesMax        = 10_000
	mailSubstitutionsMax    = 10_000
	mailSendAtMax           = 72 * time.Hour
)

// reservedHeaders may not be set by a request, in lower case.
var reservedHeaders = map[string]bool{
	"x-sg-id": true, "x-sg-eid": true, "received": true, "dkim-signature": true, "content-type": true,
	"content-transfer-encoding": true, "to": true, "from": true, "subject": true, "reply-to": true, "cc": true, "bcc": true,
}

// mailRequest is the body of mail/send: every key that SendGrid knows. What the stand-in has no use for is raw.
type mailRequest struct {
	Personalizations []*personalization `json:"personalizations"`
	From             *Address           `json:"from"`
	ReplyTo          *Address           `json:"reply_to"`
	ReplyToList      []Address          `json:"reply_to_list"`
	Subject          string             `json:"subject"`
	Content          []MailPart         `json:"content"`
	Headers          map[string]string  `json:"headers"`
	Categories       []string           `json:"categories"`
	CustomArgs       map[string]string  `json:"custom_args"`
	SendAt           int64              `json:"send_at"`
	TemplateID       string             `json:"template_id"`
	MailSettings     struct {
		SandboxMode struct {
			Enable bool `json:"enable"`
		} `json:"sandbox_mode"`

		BypassListManagement        json.RawMessage `json:"bypass_list_management"`
		BypassSpamManagement        json.RawMessage `json:"bypass_spam_management"`
		BypassBounceManagement      json.RawMessage `json:"bypass_bounce_management"`
		BypassUnsubscribeManagement json.RawMessage `json:"bypass_unsubscribe_management"`
		Footer                      json.RawMessage `json:"footer"`
	} `json:"mail_settings"`

	Attachments      json.RawMessage `json:"attachments"`
	BatchID          json.RawMessage `json:"batch_id"`
	ASM              json.RawMessage `json:"asm"`
	IPPoolName       json.RawMessage `json:"ip_pool_name"`
	TrackingSettings json.RawMessage `json:"tracking_settings"`
}

// personalization is one envelope of a request.
type personalization struct {
	From          *Address          `json:"from"`
	To            []Address         `json:"to"`
	CC            []Address         `json:"cc"`
	BCC           []Address         `json:"bcc"`
	Subject       string            `json:"subject"`
	Headers       map[string]string `json:"headers"`
	Substitutions map[string]string `json:"substitutions"`
	CustomArgs    map[string]string `json:"custom_args"`
	SendAt        int64             `json:"send_at"`

	DynamicTemplateData json.RawMessage `json:"dynamic_template_data"`
}

// check returns the first rule that the request breaks.
func (m *mailRequest) check(now time.Time) *sendGridError {
	for _, rule := range []func(time.Time) *sendGridError{
		m.checkRecipients, m.checkSender, m.checkSubject, m.checkContent, m.checkHeaders, m.checkArgs, m.checkSendAt, m.checkRest,
	} {
		if e := rule(now); e != nil {
			return e
		}
	}
	return nil
}

func (m *mailRequest) checkRecipients(time.Time) *sendGridError {
	switch n := len(m.Personalizations); {
	case n == 0:
		return mailError("personalizations_min", "personalizations", "The personalizations field is required and must have at least one personalization.")
	case n > mailPersonalizationsMax:
		return mailError("personalizations_max", "personalizations", "The personalization block is limited to %d personalizations per API request. You have provided %d personalizations. Please consider splitting this into multiple requests and resending your request.", mailPersonalizationsMax, n)
	}
	total := 0
	for i, p := range m.Personalizations {
		field := fmt.Sprintf("personalizations.%d", i)
		if p == nil || len(p.To) == 0 {
			return mailError("to_required", field+".to", "The to array is required for all personalization objects, and must have at least one email object with a valid email address.")
		}
		total += len(p.To) + len(p.CC) + len(p.BCC)
		if e := p.checkAddresses(field); e != nil {
			return e
		}
	}
	if total > mailRecipientsMax {
		return mailError("recipients_max", "personalizations", "There is a limit of %d total recipients (to + cc + bcc) per request.", mailRecipientsMax)
	}
	return nil
}

func (p *personalization) checkAddresses(field string) *sendGridError {
	seen := map[string]bool{}
	for _, list := range []struct {
		name      string
		addresses []Address
	}{{"to", p.To}, {"cc", p.CC}, {"bcc", p.BCC}} {
		for i, a := range list.addresses {
			if !validAddress(a.Email) {
				return mailError("address", fmt.Sprintf("%s.%s.%d.email", field, list.name, i), "Does not contain a valid address.")
			}
			key := strings.ToLower(a.Email)
			if seen[key] {
				return mailError("address_unique", field, "Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [%s] in the %s.%s field.", a.Email, field, list.name)
			}
			seen[key] = true
		}
	}
	return nil
}

// validAddress tells whether a string is a bare address.
func validAddress(email string) bool {
	a, err := mail.ParseAddress(email)
	return err == nil && a.Address == email && a.Name == ""
}

func (m *mailRequest) checkSender(time.Time) *sendGridError {
	const example = `e.g. {"email" : "example@example.com"} or {"email" : "example@example.com", "name" : "Example Recipient"}.`
	if m.From == nil || m.From.Email == "" {
		return mailError("from_required", "from.email", "The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter. %s", example)
	}
	if !validAddress(m.From.Email) {
		return mailError("from_address", "from.email", "The from email does not contain a valid address.")
	}
	for i, p := range m.Personalizations {
		if p.From != nil && !validAddress(p.From.Email) {
			return mailError("from_address", fmt.Sprintf("personalizations.%d.from.email", i), "The from email does not contain a valid address.")
		}
	}
	if m.ReplyTo != nil && len(m.ReplyToList) > 0 {
		return mailError("reply_to", "reply_to_list", "You may only use one of reply_to or reply_to_list.")
	}
	for _, a := range m.replyTo() {
		if !validAddress(a.Email) {
			return mailError("reply_to", "reply_to.email", "The reply_to email does not contain a valid address.")
		}
	}
	return nil
}

func (m *mailRequest) replyTo() []Address {
	if m.ReplyTo != nil {
		return []Address{*m.ReplyTo}
	}
	return m.ReplyToList
}

func (m *mailRequest) checkSubject(time.Time) *sendGridError {
	if m.Subject != "" {
		return nil
	}
	for _, p := range m.Personalizations {
		if p.Subject == "" {
			return mailError("subject_required", "subject", "The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.")
		}
	}
	return nil
}

func (m *mailRequest) checkContent(time.Time) *sendGridError {
	if m.TemplateID != "" {
		return mailError("template", "template_id", "The template_id must be a valid GUID, you provided '%s'.", m.TemplateID)
	}
	if len(m.Content) == 0 {
		return mailError("content_required", "content", "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block. We typically suggest both text/plain and text/html blocks are included, but only one block is required.")
	}
	// The order that SendGrid asks for: plain text, then HTML, then everything else.
	rank, last := map[string]int{"text/plain": 1, "text/html": 2}, 0
	seen := map[string]bool{}
	for i, c := range m.Content {
		field := fmt.Sprintf("content.%d", i)
		kind, _, _ := strings.Cut(strings.ToLower(c.Type), ";")
		switch {
		case c.Type == "" || strings.ContainsAny(c.Type, ";\r\n"):
			return mailError("content_type", field+".type", "The content type cannot be empty, and cannot contain ';', or CRLF characters.")
		case c.Value == "":
			return mailError("content_value", field+".value", "The content value must be a string at least one character in length.")
		case seen[kind] && rank[kind] > 0:
			return mailError("content_order", "content", "If present, text/plain and text/html may only be provided once.")
		}
		r := rank[kind]
		if r == 0 {
			r = 3
		}
		if r < last {
			return mailError("content_order", "content", "If present, text/plain must be the first content block, followed by text/html, followed by any other content type.")
		}
		last, seen[kind] = r, true
	}
	return nil
}

func (m *mailRequest) checkHeaders(time.Time) *sendGridError {
	check := func(field string, headers map[string]string) *sendGridError {
		for name, value := range headers {
			if reservedHeaders[strings.ToLower(name)] {
				return mailError("header_reserved", field+"."+name, "The header %s is reserved and cannot be used.", name)
			}
			if !validHeader(name, value) {
				return mailError("header", field, "Header names may not contain spaces or control characters, and values may not contain CRLF.")
			}
		}
		return nil
	}
	if e := check("headers", m.Headers); e != nil {
		return e
	}
	for i, p := range m.Personalizations {
		if e := check(fmt.Sprintf("personalizations.%d.headers", i), p.Headers); e != nil {
			return e
		}
	}
	return nil
}

func validHeader(name, value string) bool {
	for _, c := range name {
		if c <= ' ' || c >= 0x7f || c == ':' {
			return false
		}
	}
	return name != "" && !strings.ContainsAny(value, "\r\n")
}

func (m *mailRequest) checkArgs(time.Time) *sendGridError {
	for i, p := range m.Personalizations {
		field := fmt.Sprintf("personalizations.%d", i)
		if n := mapBytes(p.Substitutions); n > mailSubstitutionsMax {
			return mailError("substitutions_max", field+".substitutions", "The total size of your substitutions may not exceed %d bytes per personalization object, you have %d.", mailSubstitutionsMax, n)
		}
		if n := mapBytes(merged(m.CustomArgs, p.CustomArgs)); n > mailArgsBytesMax {
			return mailError("custom_args_max", field+".custom_args", "The custom_args may not exceed %d bytes, you have %d.", mailArgsBytesMax, n)
		}
	}
	return nil
}

// mapBytes is the size of a map as JSON.
func mapBytes(m map[string]string) int {
	if len(m) == 0 {
		return 0
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return 0 // strings always encode
	}
	return len(raw)
}

func (m *mailRequest) checkSendAt(now time.Time) *sendGridError {
	latest := now.Add(mailSendAtMax).Unix()
	check := func(field string, at int64) *sendGridError {
		if at > latest {
			return mailError("send_at_max", field, "The send_at parameter is a unix timestamp that cannot be more than 72 hours in the future.")
		}
		return nil
	}
	if e := check("send_at", m.SendAt); e != nil {
		return e
	}
	for i, p := range m.Personalizations {
		if e := check(fmt.Sprintf("personalizations.%d.send_at", i), p.SendAt); e != nil {
			return e
		}
	}
	return nil
}

func (m *mailRequest) checkRest(time.Time) *sendGridError {
	if n := len(m.Categories); n > mailCategoriesMax {
		return mailError("categories_max", "categories", "You cannot have more than %d categories, you have %d.", mailCategoriesMax, n)
	}
	seen := map[string]bool{}
	for _, c := range m.Categories {
		if seen[c] {
			return mailError("categories_unique", "categories", "Each category must be unique, %q is not.", c)
		}
		seen[c] = true
	}
	return nil
}
