package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// notice is an outcome of a request that a person reads as a page.
type notice struct {
	status int
	lang   string
	title  string
	text   string
	// letter is what led here, nil where that is not known.
	letter *letter
}

func (n *notice) Error() string { return n.title }

// The notices that are the same for every program. No program is known where a
// token is not valid, so they are in English.
var (
	noticeBadLink = &notice{status: http.StatusNotFound, lang: survey.DefaultLocale, title: "This link is not valid",
		text: "Please open the link in your mail again, or copy the whole of it."}
	noticeBadCase = &notice{status: http.StatusNotFound, lang: survey.DefaultLocale, title: "This link is not valid",
		text: "Please open the case in Slack, and its page from there. Some time after the end of a case its page is gone."}
	noticeNotSent = &notice{status: http.StatusGone, lang: survey.DefaultLocale, title: "This survey takes no answers",
		text: "It was called off before it was sent."}
	noticeTooMany = &notice{status: http.StatusTooManyRequests, lang: survey.DefaultLocale, title: "Please try again in a minute",
		text: "Too many requests came from your network just now. Nothing was changed."}
	noticeLater = &notice{status: http.StatusServiceUnavailable, lang: survey.DefaultLocale, title: "Please try again in a minute",
		text: "Something does not work on our side just now. Nothing was changed."}
)

// page answers a person: the handler writes a page, or returns a *notice or a
// *formProblem to be shown. Anything else is shown as noticeLater and logged.
func (s *Server) page(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
		defer cancel()
		err := handle(w, r.WithContext(ctx))
		if err == nil {
			return
		}
		n, ok := errors.AsType[*notice](err)
		if problem, isForm := errors.AsType[*formProblem](err); isForm {
			n, ok = &notice{status: problem.status, lang: survey.DefaultLocale, title: "This could not be taken", text: problem.text}, true
		}
		if !ok {
			s.log(r.Context()).Error("page failed", "route", r.Pattern, "error", err)
			n = noticeLater
		}
		if n.status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "30")
		}
		s.showNotice(w, n, s.embedded(r))
	}
}

func (s *Server) showNotice(w http.ResponseWriter, n *notice, embedded bool) {
	s.pages.render(w, n.status, "message", view{Lang: n.lang, Title: n.title, Text: n.text, Embedded: embedded, Letter: n.letter})
}

// unbroken is for what a person sent: it counts even if their connection breaks
// meanwhile.
func unbroken(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), storeTimeout)
}

// letter is a mail that a link came from, with the program that it was sent for.
type letter struct {
	program survey.Program
	contact survey.Contact
	account survey.Account
	texts   survey.Texts
	locale  string
	// preview is set where a test mail led here: nothing is recorded.
	preview bool
}

func (s *Server) letter(ctx context.Context, program, version, variant, locale string, contact survey.Contact, account survey.Account) (letter, error) {
	p, err := s.opt.Program(ctx, program, version)
	if err != nil {
		return letter{}, err
	}
	p = p.As(variant)
	texts, found := p.TextsFor(locale)
	return letter{program: p, contact: contact, account: account, texts: texts, locale: found}, nil
}

// fill puts names into a text of the program, whose brand may be another than all
// programs' one.
func (l letter) fill(text string, all Brand) string {
	return survey.Fill(text, map[string]string{
		"first_name": l.contact.FirstName, "account": l.account.Name, "brand": all.of(l.program).Name,
	})
}

// invited returns the invitation that a link is for.
func (s *Server) invited(ctx context.Context, scope survey.TokenScope, token string) (store.Invitation, letter, error) {
	id, err := s.opt.Tokens.Open(scope, token)
	if err != nil {
		return store.Invitation{}, letter{}, noticeBadLink
	}
	return s.invitation(ctx, id)
}

func (s *Server) invitation(ctx context.Context, id string) (store.Invitation, letter, error) {
	found, err := s.opt.Store.Invitation(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return store.Invitation{}, letter{}, noticeBadLink
	}
	if err != nil {
		return store.Invitation{}, letter{}, fmt.Errorf("invitation %s: %w", id, err)
	}
	inv := found.Invitation
	l, err := s.letter(ctx, inv.Program, inv.Version, inv.Variant, inv.Locale, found.Contact, found.Account)
	return inv, l, err
}

// footerOf is what stands below a program's pages.
func (s *Server) footerOf(l letter, unsubscribeURL string) *footer {
	return &footer{
		Privacy:        l.fill(l.texts.Privacy, s.opt.Brand),
		PrivacyURL:     s.opt.Brand.of(l.program).PrivacyURL,
		Unsubscribe:    l.fill(l.texts.Unsubscribe, s.opt.Brand),
		UnsubscribeURL: unsubscribeURL,
	}
}

// path is the address of a link on this server.
func (s *Server) path(below, token string) string { return s.basePath + "/" + below + "/" + token }
