package sandbox

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// acceptMail puts a checked request into the mailboxes of its recipients and answers 202, or 200 in the vendor's own
// sandbox mode, which sends nothing.
func (s *Sandbox) acceptMail(w http.ResponseWriter, m *mailRequest) {
	if m.MailSettings.SandboxMode.Enable {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("X-Message-Id", s.deliverMail(m))
	w.WriteHeader(http.StatusAccepted)
}

// deliverMail records one mail per recipient and returns the id of the call.
func (s *Sandbox) deliverMail(m *mailRequest) string {
	now := s.now()
	send := &Send{At: now, Parts: m.Content}
	var mails []*Mail
	for _, p := range m.Personalizations {
		mails = append(mails, p.mails(m, now)...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	send.ID = s.messageID()
	s.st.sends[send.ID] = send
	for n, mail := range mails {
		mail.ID, mail.SendID, mail.send = fmt.Sprintf("%s.%d", send.ID, n), send.ID, send
		s.st.addMail(mail, s.opts.Keep.Mails)
		s.emitMail(mail)
	}
	s.touch()
	return send.ID
}

// messageID makes the 22 characters of an X-Message-Id; the lock is held.
func (s *Sandbox) messageID() string {
	raw := binary.BigEndian.AppendUint64(nil, s.rng.Uint64())
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(raw, s.rng.Uint64()))
}

// mails are what the recipients of one envelope get. All get the same headers; each mailbox holds a copy of its own.
func (p *personalization) mails(m *mailRequest, now time.Time) []*Mail {
	mail := Mail{
		At: now, From: *m.From, CC: p.CC, BCC: p.BCC, ReplyTo: m.replyTo(),
		Subject:    substitute(cmp.Or(p.Subject, m.Subject), p.Substitutions),
		Headers:    merged(m.Headers, p.Headers),
		CustomArgs: merged(m.CustomArgs, p.CustomArgs),
		Categories: m.Categories, Substitutions: p.Substitutions,
	}
	if p.From != nil {
		mail.From = *p.From
	}
	// The contract speaks of subject, reply-to and content; the vendor also substitutes in header values.
	if len(p.Substitutions) > 0 {
		for name, value := range mail.Headers {
			mail.Headers[name] = substitute(value, p.Substitutions)
		}
	}
	if at := cmp.Or(p.SendAt, m.SendAt); at > now.Unix() {
		mail.SendAt = time.Unix(at, 0).UTC()
	}
	var out []*Mail
	for _, to := range slices.Concat(p.To, p.CC, p.BCC) {
		own := mail
		own.To = to
		out = append(out, &own)
	}
	return out
}

// merged is a map of its own with over's values taking precedence, nil where both are empty.
func merged(base, over map[string]string) map[string]string {
	if len(base) == 0 && len(over) == 0 {
		return nil
	}
	out := maps.Clone(base)
	if out == nil {
		out = make(map[string]string, len(over))
	}
	maps.Copy(out, over)
	return out
}

// substitute replaces substitution tags; where one tag begins with another, the longer one counts.
func substitute(s string, tags map[string]string) string {
	if len(tags) == 0 {
		return s
	}
	names := slices.SortedFunc(maps.Keys(tags), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	pairs := make([]string, 0, 2*len(names))
	for _, name := range names {
		if name != "" {
			pairs = append(pairs, name, tags[name])
		}
	}
	return strings.NewReplacer(pairs...).Replace(s)
}
