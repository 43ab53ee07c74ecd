package web

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/cxloop/cxloop/survey"
)

// The notices to whoever may not see an operator's page.
var (
	noticeNoPage  = &notice{status: http.StatusNotFound, lang: survey.DefaultLocale, title: "Nothing is here", text: ""}
	noticeForeign = &notice{status: http.StatusForbidden, lang: survey.DefaultLocale, title: "Nothing was changed",
		text: "The request came from a page of another site. Open this page again and decide there."}
	noticeNoTokens = &notice{status: http.StatusForbidden, lang: survey.DefaultLocale, title: "Nobody can sign in yet",
		text: "Put a long random token (openssl rand -hex 32) into security.api_tokens of the configuration and start cxloop again. The token is the password here."}
	noticeSignIn = &notice{status: http.StatusUnauthorized, lang: survey.DefaultLocale, title: "Please sign in",
		text: "The password is one of security.api_tokens. The user name is yours to choose: the log names it beside what you decide."}
)

// operator lets in whoever holds an API token, as the password of HTTP Basic
// authentication (RFC 7617), and hands on the user name. A browser sends it with
// requests that other sites' pages make, too: those are refused.
func (s *Server) operator(handle func(w http.ResponseWriter, r *http.Request, name string) error) func(http.ResponseWriter, *http.Request) error {
	var sameOrigin http.CrossOriginProtection
	return func(w http.ResponseWriter, r *http.Request) error {
		switch {
		case !s.opt.Private && !local(r):
			return noticeNoPage
		case sameOrigin.Check(r) != nil:
			return noticeForeign
		case len(s.opt.APITokens) == 0:
			return noticeNoTokens
		}
		name, token, _ := r.BasicAuth()
		if !s.isAPIToken(token) {
			w.Header().Set("WWW-Authenticate", `Basic realm="cxloop", charset="UTF-8"`)
			return noticeSignIn
		}
		return handle(w, r, operatorName(name))
	}
}

// operatorName is what the log shows of a user name: letters, digits and -_. before
// an @, 32 at most.
func operatorName(user string) string {
	const most = 32
	user, _, _ = strings.Cut(user, "@")
	clean := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(user, "_"))
	if runes := []rune(clean); len(runes) > most {
		clean = string(runes[:most])
	}
	if clean == "" {
		return "unnamed"
	}
	return clean
}
