// Package mail is what customers are sent, whoever delivers it: the port behind which
// the mail vendors are.
package mail

import (
	"context"
	"errors"
	"strings"
)

// Address is a mailbox with an optional name.
type Address struct {
	Email string
	Name  string
}

// Mailing is the same mail to many, with what differs for each. Text and HTML may hold
// the keys of the recipients' blanks.
type Mailing struct {
	From    Address
	ReplyTo Address // optional
	Text    string
	HTML    string
	// Kind is what the mail is for, such as invite; no personal data.
	Kind string
	// Recipients are at most Sender.AtMost. Each gets a mail of their own.
	Recipients []Recipient
}

// Recipient is one person and what is theirs alone.
type Recipient struct {
	Address
	// ID is of letters and digits. With the mailing's kind it names the mail, always the
	// same when it is sent again; no personal data.
	ID      string
	Subject string
	// Blanks are literal texts and what stands in their place.
	Blanks  map[string]string
	Headers map[string]string
}

// Filled returns both parts of a recipient's mail.
func (m Mailing) Filled(r Recipient) (text, html string) {
	pairs := make([]string, 0, 2*len(r.Blanks))
	for blank, value := range r.Blanks {
		pairs = append(pairs, blank, value)
	}
	filled := strings.NewReplacer(pairs...)
	return filled.Replace(m.Text), filled.Replace(m.HTML)
}

// Sender delivers mailings. It is safe for concurrent use.
type Sender interface {
	// AtMost is how many recipients Deliver takes.
	AtMost() int
	// Deliver hands a mailing over and returns the vendor's id of it, or "". Its errors
	// are *integrations.Error; a Permanent one has no hint only where the mailing may be
	// taken for other recipients. The sentinels below are told of one recipient alone.
	Deliver(ctx context.Context, m Mailing) (ref string, err error)
}

// What a vendor may tell at once of a mailing to one recipient.
var (
	// ErrNoMailbox: there is no such mailbox, and there will be none. The error is Permanent.
	ErrNoMailbox = errors.New("there is no such mailbox")
	// ErrDeferred: the recipient's side takes no mail now, others' may. The error is
	// RetryAfter.
	ErrDeferred = errors.New("the recipient's side takes no mail now")
)
