package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

//go:embed pages/share.js
var shareJS []byte

// shareView is a promoter's personal link.
type shareView struct {
	Text, Label, Link string
	// Copy copies the link, where scripts run; Copied is said then.
	Copy, Copied string
	// MailTo begins a mail with the link in the promoter's own mail program.
	Mail, MailTo string
}

// showShare shows a promoter the link to pass on. It names nobody: whoever has it learns
// no more than the page that it leads to tells.
func (s *Server) showShare(w http.ResponseWriter, l letter, link, unsubscribe string) {
	mail := strings.ReplaceAll(l.fill(l.texts.ShareBody, s.opt.Brand), "{link}", link)
	s.pages.render(w, http.StatusOK, "share", view{
		Lang: l.locale, Letter: &l, Title: l.fill(l.texts.ShareTitle, s.opt.Brand), Footer: s.footerOf(l, unsubscribe),
		Share: &shareView{
			Text: l.fill(l.texts.ShareText, s.opt.Brand), Label: l.fill(l.texts.ShareLabel, s.opt.Brand), Link: link,
			Copy: l.fill(l.texts.ShareCopy, s.opt.Brand), Copied: l.fill(l.texts.ShareCopied, s.opt.Brand),
			Mail: l.fill(l.texts.ShareMail, s.opt.Brand), MailTo: mailTo(l.fill(l.texts.ShareSubject, s.opt.Brand), mail),
		},
	})
}

// FriendURL is the link of an ask to pass on.
func (s *Server) friendURL(ask string) string {
	return s.publicURL + "/f/" + s.opt.Tokens.Seal(survey.TokenFriend, ask)
}

// mailTo is the address of a new mail (RFC 6068): lines end with CR and LF, and a plus
// sign is one.
func mailTo(subject, body string) string {
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	return "mailto:?subject=" + escape(subject) + "&body=" + escape(strings.ReplaceAll(body, "\n", "\r\n"))
}

// shareScript is the address of share.js below a path, which changes with its content.
func shareScript(basePath string) string {
	sum := sha256.Sum256(shareJS)
	return basePath + "/static/share.js?v=" + hex.EncodeToString(sum[:4])
}

func serveShare(w http.ResponseWriter, _ *http.Request) {
	serveScript(w, shareJS, "public, max-age=31536000, immutable")
}
