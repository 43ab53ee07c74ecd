package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// What may be told of a mail, beside processed and delivered.
var mailFates = map[string]mailEvent{
	"bounce": {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 no such mailbox", "status": "5.1.1"},
	"block":  {"event": "bounce", "type": "blocked", "reason": "421 4.7.0 try again later", "status": "4.7.0"},
	// SendGrid does not even try an address that bounced before.
	"drop":        {"event": "dropped", "reason": "Bounced Address", "status": "5.0.0"},
	"complaint":   {"event": "spamreport"},
	"unsubscribe": {"event": "unsubscribe"},
	"open":        {"event": "open", "useragent": "Sandbox", "sg_machine_open": false},
	"click":       {"event": "click", "useragent": "Sandbox"},
}

var (
	mailProcessed = mailEvent{"event": "processed"}
	mailDelivered = mailEvent{"event": "delivered", "response": "250 OK"}
)

// fateOf is what becomes of a mail to an address: its local part, or what stands before a +, is the name of a fate
// (bounce@acme.example, complaint+7@acme.example), else it is delivered.
func fateOf(address string) []mailEvent {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	name, _, _ := strings.Cut(local, "+")
	fate, known := mailFates[name]
	switch {
	case !known:
		return []mailEvent{mailProcessed, mailDelivered}
	case name == "drop":
		return []mailEvent{fate}
	case name == "bounce" || name == "block":
		return []mailEvent{mailProcessed, fate}
	}
	return []mailEvent{mailProcessed, mailDelivered, fate}
}

// TellMail has SendGrid tell something of a mail that was sent: bounce (late, as some mailboxes do), block, drop,
// complaint, unsubscribe, open or click.
func (s *Sandbox) TellMail(id, fate string) error {
	event, known := mailFates[fate]
	if !known {
		return fmt.Errorf("fate %q: %w", fate, ErrNotFound)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.st.Mails, func(m *Mail) bool { return m.ID == id && !m.SMTP })
	if i < 0 {
		return fmt.Errorf("mail %q: %w", id, ErrNotFound)
	}
	s.tellMail(s.st.Mails[i], event)
	return nil
}
