package smtp

import (
	"bytes"
	"errors"
	"maps"
	netmail "net/mail"
	"slices"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/survey"
)

// message is one mail as it goes over the wire.
type message struct {
	id       string // with its brackets
	from, to string
	body     []byte
}

// What an operator can do where a mailing can be sent to nobody.
const (
	hintFrom    = "check smtp.from and the program's sender"
	hintReplyTo = "check smtp.reply_to and the program's sender"
)

// message composes the mail to a mailing's one recipient.
func (c *Client) message(m mail.Mailing) (message, error) {
	to := m.Recipients[0]
	out := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	switch {
	case !survey.ValidAddress(m.From.Email):
		return message{}, invalid(hintFrom, "from is not an e-mail address")
	case m.ReplyTo.Email != "" && !survey.ValidAddress(m.ReplyTo.Email):
		return message{}, invalid(hintReplyTo, "reply-to is not an e-mail address")
	case !survey.ValidAddress(to.Email):
		return message{}, invalid("", "not an e-mail address")
	}
	out.FromMailAddress(&netmail.Address{Name: m.From.Name, Address: m.From.Email})
	if m.ReplyTo.Email != "" {
		out.ReplyToMailAddress(&netmail.Address{Name: m.ReplyTo.Name, Address: m.ReplyTo.Email})
	}
	out.AddToMailAddress(&netmail.Address{Name: to.Name, Address: to.Email})
	for _, name := range slices.Sorted(maps.Keys(to.Headers)) {
		if strings.ContainsAny(name+to.Headers[name], "\r\n") {
			return message{}, invalid("", "a header has more than one line")
		}
		// As they are: an encoded word would break the address in List-Unsubscribe.
		out.SetGenHeaderPreformatted(gomail.Header(name), to.Headers[name])
	}
	id := MessageID(m.Kind, to.ID, m.From.Email)
	out.Subject(to.Subject)
	out.SetMessageIDWithValue(id)
	out.SetDateWithValue(c.now())
	text, html := m.Filled(to)
	out.SetBodyString(gomail.TypeTextPlain, text)
	out.AddAlternativeString(gomail.TypeTextHTML, html)
	var body bytes.Buffer
	if _, err := out.WriteTo(&body); err != nil {
		return message{}, invalid("", "the mail cannot be composed")
	}
	return message{"<" + id + ">", m.From.Email, to.Email, body.Bytes()}, nil
}

// MessageID is a mail's own (RFC 5322, 3.6.4), without brackets: it names the mail by its
// kind and id at the sender's domain, the same each time that it is sent.
func MessageID(kind, id, from string) string {
	return kind + "." + id + from[strings.LastIndex(from, "@"):]
}

func invalid(hint, why string) *integrations.Error {
	return &integrations.Error{Vendor: vendor, Kind: integrations.Permanent, Code: "invalid", Hint: hint, Err: errors.New(why)}
}
