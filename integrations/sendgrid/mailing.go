package sendgrid

import (
	"context"

	"github.com/cxloop/cxloop/integrations/mail"
)

// AtMost implements mail.Sender.
func (c *Client) AtMost() int { return MaxRecipients }

// Deliver implements mail.Sender: one call, in which blanks are SendGrid's substitutions.
// The mail's kind and the recipient's id come back with its events.
func (c *Client) Deliver(ctx context.Context, m mail.Mailing) (ref string, err error) {
	return c.Send(ctx, mailOf(m))
}

func mailOf(m mail.Mailing) Mail {
	out := Mail{
		From: Address(m.From), ReplyTo: Address(m.ReplyTo), Text: m.Text, HTML: m.HTML,
		Categories: []string{"cxloop", "cxloop-" + m.Kind},
	}
	for i, r := range m.Recipients {
		if i == 0 {
			out.Subject = r.Subject
		}
		out.Recipients = append(out.Recipients, Recipient{
			Address: Address(r.Address), Subject: r.Subject, Substitutions: r.Blanks, Headers: r.Headers,
			CustomArgs: map[string]string{ArgKind: m.Kind, ArgID: r.ID},
		})
	}
	return out
}
