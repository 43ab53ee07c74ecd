package sandbox

import (
	"net/http"
	"regexp"
	"slices"
)

// mailCSP keeps a mail from running, loading or framing anything, as mail programs do; its links open in a new tab
// that is free of the sandbox, for the pages behind them have forms.
const mailCSP = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; " +
	"img-src data:; form-action 'none'; frame-ancestors 'self'"

// headTag finds where a mail's head begins.
var headTag = regexp.MustCompile(`(?i)<head(\s[^>]*)?>`)

const linksInNewTab = `<base target="_blank">`

func (p *playground) mail(id string) *Mail {
	var found *Mail
	p.s.Read(func(st *State) {
		if i := slices.IndexFunc(st.Mails, func(m *Mail) bool { return m.ID == id }); i >= 0 {
			found = st.Mails[i]
		}
	})
	return found
}

// serveMail shows a mail's HTML as its recipient sees it.
func (p *playground) serveMail(w http.ResponseWriter, r *http.Request) {
	m := p.mail(r.PathValue("id"))
	if m == nil {
		fail(w, http.StatusNotFound, "no such mail")
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", mailCSP)
	h.Set("Content-Type", "text/html; charset=utf-8")
	body := m.HTML()
	if at := headTag.FindStringIndex(body); at != nil {
		body = body[:at[1]] + linksInNewTab + body[at[1]:]
	} else {
		body = linksInNewTab + body
	}
	// An error here means that the client has gone.
	_, _ = w.Write([]byte(body))
}

// serveMailSource answers with what a mail program shows on request: the headers and the plain text.
func (p *playground) serveMailSource(w http.ResponseWriter, r *http.Request) {
	m := p.mail(r.PathValue("id"))
	if m == nil {
		fail(w, http.StatusNotFound, "no such mail")
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"id": m.ID, "at": m.At, "from": m.From, "to": m.To, "cc": m.CC, "reply_to": m.ReplyTo, "subject": m.Subject,
		"headers": m.Headers, "custom_args": m.CustomArgs, "categories": m.Categories, "text": m.Text(), "html": m.HTML() != "",
		"smtp": m.SMTP,
	})
}
