package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The field that mail providers post to unsubscribe (RFC 8058, section 3.2). Our
// own page posts the same.
const (
	oneClickField = "List-Unsubscribe"
	oneClickValue = "One-Click"
)

// unsubscribing returns the mail that an unsubscribe link came with: an
// invitation's or an ask's.
func (s *Server) unsubscribing(ctx context.Context, token string) (letter, error) {
	id, err := s.opt.Tokens.Open(survey.TokenUnsubscribe, token)
	if err != nil {
		return letter{}, noticeBadLink
	}
	if ask, ok := strings.CutPrefix(id, survey.UnsubscribeAsk); ok {
		_, l, err := s.asked(ctx, ask)
		return l, err
	}
	_, l, err := s.invitation(ctx, id)
	return l, err
}

// showUnsubscribe serves a page with a button and changes nothing: mail scanners
// open every link.
func (s *Server) showUnsubscribe(w http.ResponseWriter, r *http.Request) error {
	l, err := s.unsubscribing(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	s.askUnsubscribe(w, l, r.PathValue("token"))
	return nil
}

func (s *Server) askUnsubscribe(w http.ResponseWriter, l letter, token string) {
	text := l.fill(l.texts.Unsubscribe, s.opt.Brand)
	s.pages.render(w, http.StatusOK, "confirm", view{
		Lang: l.locale, Title: text, Button: text, Action: s.path("u", token),
		Hidden: &hidden{oneClickField, oneClickValue}, Footer: s.footerOf(l, ""),
	})
}

// takeUnsubscribe stops all mails to the contact.
func (s *Server) takeUnsubscribe(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if form.Get(oneClickField) != oneClickValue {
		return &formProblem{status: http.StatusUnprocessableEntity, text: "the form wants " + oneClickField + "=" + oneClickValue}
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	l, err := s.unsubscribing(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	err = s.opt.Store.Unsubscribe(ctx, l.contact.Key, s.opt.Clock.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("unsubscribe: %w", err)
	}
	s.showUnsubscribed(w, l)
	return nil
}

func (s *Server) showUnsubscribed(w http.ResponseWriter, l letter) {
	s.pages.render(w, http.StatusOK, "message", view{
		Lang: l.locale, Title: l.fill(l.texts.Unsubscribed, s.opt.Brand), Footer: s.footerOf(l, ""),
	})
}
