package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// asked returns an ask and the mail that it was made by.
func (s *Server) asked(ctx context.Context, id string) (store.Ask, letter, error) {
	found, err := s.opt.Store.Ask(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return store.Ask{}, letter{}, noticeBadLink
	}
	if err != nil {
		return store.Ask{}, letter{}, fmt.Errorf("ask %s: %w", id, err)
	}
	l, err := s.letter(ctx, found.Ask.Program, found.Ask.Version, "", found.Contact.Locale, found.Contact, found.Account)
	return found.Ask, l, err
}

// referral returns the ask that a referral link is for and where it leads on to, nil where
// the promoter gets a link to pass on.
func (s *Server) referral(ctx context.Context, token string) (store.Ask, letter, *url.URL, error) {
	id, err := s.opt.Tokens.Open(survey.TokenReferral, token)
	if err != nil {
		return store.Ask{}, letter{}, nil, noticeBadLink
	}
	var ask store.Ask
	var l letter
	if invitation, onPage := strings.CutPrefix(id, pageAsk); onPage {
		ask.ID = id
		_, l, err = s.invitation(ctx, invitation)
	} else {
		ask, l, err = s.asked(ctx, id)
	}
	if err != nil {
		return store.Ask{}, letter{}, nil, err
	}
	to, leads := referralTarget(l.program)
	if !leads {
		return store.Ask{}, letter{}, nil, noticeBadLink
	}
	return ask, l, to, nil
}

// referralTarget is where a program leads promoters on to, nil for its own page with their
// link; leads is false where it asks for no referrals.
func referralTarget(p survey.Program) (to *url.URL, leads bool) {
	rule := p.FollowUp.Referral
	if rule.BuiltIn() {
		return nil, true
	}
	to, err := url.Parse(rule.URL)
	return to, err == nil && to.Host != "" && !rule.Off
}

// showReferral serves the page behind the link of a referral mail. That it was
// opened is noted as a hint and proves nothing: mail scanners open every link.
func (s *Server) showReferral(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	ask, l, to, err := s.referral(r.Context(), token)
	if err != nil {
		return err
	}
	unsubscribe, page := survey.UnsubscribeAsk+ask.ID, ""
	if invitation, onPage := strings.CutPrefix(ask.ID, pageAsk); onPage {
		unsubscribe = invitation
	} else {
		page = newPage()
		s.noteLink(r, unsubscribe, linkReferral, l.program)
		if err := s.opt.Store.AskSeen(r.Context(), ask.ID, s.opt.Clock.Now()); err != nil {
			s.opt.Log.Warn("opened referral link not noted", "ask", ask.ID, "error", err)
		}
	}
	s.askReferral(w, l, s.path("r", token), s.path("u", s.opt.Tokens.Seal(survey.TokenUnsubscribe, unsubscribe)), page, to)
	return nil
}

func (s *Server) askReferral(w http.ResponseWriter, l letter, action, unsubscribe, page string, to *url.URL) {
	s.pages.render(w, http.StatusOK, "confirm", view{
		Lang: l.locale, Letter: &l, Title: l.fill(l.texts.AskPage, s.opt.Brand), Button: l.fill(l.texts.AskButton, s.opt.Brand),
		Action: action, FormTo: formTarget(to), Footer: s.footerOf(l, unsubscribe),
		Page: page, Seen: seenPath(action, page),
	})
}

// wentOn reports whether the form of an ask looks like a person's. On the survey's last
// page there is one only after an answer that does.
func (s *Server) wentOn(ctx context.Context, r *http.Request, ask, page string) (bool, error) {
	if strings.HasPrefix(ask, pageAsk) {
		return true, nil
	}
	note := s.visitOf(r, survey.UnsubscribeAsk+ask)
	note.Page = page
	machine, err := s.opt.Store.NoteForm(ctx, note)
	return !machine, err
}

// takeReferral notes that a person went on and leads them there, and a machine too, of
// which nothing is noted with the ask.
func (s *Server) takeReferral(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	ask, l, to, err := s.referral(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	person, err := s.wentOn(ctx, r, ask.ID, pageOf(form.Get(fieldPage)))
	if err != nil {
		return fmt.Errorf("ask %s: %w", ask.ID, err)
	}
	id := ask.ID
	if !person {
		s.log(ctx).Info("a machine went on from an ask", "ask", ask.ID)
	} else if id, err = s.referralClicked(ctx, ask.ID); err != nil {
		return err
	}
	if to == nil {
		s.showShare(w, l, s.friendURL(id), s.path("u", s.opt.Tokens.Seal(survey.TokenUnsubscribe, survey.UnsubscribeAsk+id)))
		return nil
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return nil
}

// formTarget is what the page's form may lead on to. Browsers apply form-action
// to every redirect on the way, and a company's page often redirects once more
// (to www, to a campaign), so any https host is allowed.
func formTarget(to *url.URL) string {
	if to == nil { // it leads on to this server alone
		return ""
	}
	if to.Scheme == "https" {
		return "https:"
	}
	return to.Scheme + "://" + to.Host
}
