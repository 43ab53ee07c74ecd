package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// shownHeaders are left out of a mail's own headers: the mail has them as fields, or they are the MIME's.
var shownHeaders = map[string]bool{
	"From": true, "To": true, "Reply-To": true, "Subject": true, "Mime-Version": true, "Content-Type": true, "Content-Transfer-Encoding": true,
}

// takeMessage puts a message (RFC 5322) into the mailboxes of its envelope's recipients.
func (s *Sandbox) takeMessage(raw []byte, to []string) error {
	m, parts, err := parseMessage(raw)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	send := &Send{ID: s.messageID(), At: s.now(), Parts: parts}
	s.st.sends[send.ID] = send
	for n, address := range to {
		own := *m
		own.ID, own.SendID, own.At, own.SMTP, own.send = fmt.Sprintf("%s.%d", send.ID, n), send.ID, send.At, true, send
		if own.To.Email != address {
			own.To = Address{Email: address}
		}
		s.st.addMail(&own, s.opts.Keep.Mails)
	}
	s.touch()
	return nil
}

// parseMessage reads a message of a plain and an HTML part, strictly: what a mail program would have to guess is
// refused.
func parseMessage(raw []byte) (*Mail, []MailPart, error) {
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, nil, fmt.Errorf("read the headers: %w", err)
	}
	m := &Mail{Headers: map[string]string{}}
	for _, needed := range []string{"From", "To", "Date", "Message-Id", "Subject", "Mime-Version"} {
		if len(message.Header[needed]) != 1 {
			return nil, nil, fmt.Errorf("%d headers %s: want 1", len(message.Header[needed]), needed)
		}
	}
	if _, err := message.Header.Date(); err != nil {
		return nil, nil, fmt.Errorf("date: %w", err)
	}
	if m.From, err = addressIn(message.Header, "From"); err != nil {
		return nil, nil, err
	}
	if m.To, err = addressIn(message.Header, "To"); err != nil {
		return nil, nil, err
	}
	if message.Header.Get("Reply-To") != "" {
		replyTo, err := addressIn(message.Header, "Reply-To")
		if err != nil {
			return nil, nil, err
		}
		m.ReplyTo = []Address{replyTo}
	}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return nil, nil, fmt.Errorf("subject: %w", err)
	}
	for name, values := range message.Header {
		if !shownHeaders[name] {
			m.Headers[name] = strings.Join(values, ", ")
		}
	}
	parts, err := partsOf(message)
	return m, parts, err
}

func addressIn(h mail.Header, name string) (Address, error) {
	list, err := h.AddressList(name)
	if err != nil || len(list) != 1 {
		return Address{}, fmt.Errorf("%s is not one address", name)
	}
	return Address{Email: list[0].Address, Name: list[0].Name}, nil
}

// partsOf returns the parts of a multipart/alternative, in their order.
func partsOf(message *mail.Message) ([]MailPart, error) {
	kind, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return nil, errors.New("not multipart/alternative")
	}
	var parts []MailPart
	reader := multipart.NewReader(message.Body, params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) && len(parts) > 0 {
			return parts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read a part: %w", err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || !strings.EqualFold(params["charset"], "utf-8") || part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			return nil, errors.New("a part is not quoted-printable UTF-8")
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return nil, fmt.Errorf("read a part: %w", err)
		}
		parts = append(parts, MailPart{Type: kind, Value: strings.ReplaceAll(string(body), "\r\n", "\n")})
	}
}
