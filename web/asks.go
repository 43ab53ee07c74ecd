package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// fieldSite is the place that somebody chose to write a review.
const fieldSite = "site"

// request is an ask for a review or a testimonial, whose link somebody opened.
type request struct {
	letter
	kind survey.AskKind
	// ask is its id, "" on the survey's last page, which is of an invitation.
	ask, invitation string
	response        survey.Response
	// action and unsubscribe are the addresses of its page, and of the one below it.
	action, unsubscribe string
}

// request returns what a link of TokenAsk is for.
func (s *Server) request(ctx context.Context, token string) (q request, err error) {
	id, err := s.opt.Tokens.Open(survey.TokenAsk, token)
	if err != nil {
		return request{}, noticeBadLink
	}
	q.action = s.path("a", token)
	if kind, invitation, onPage := strings.Cut(id, "-"); onPage {
		q.kind, q.invitation = survey.AskKind(kind), invitation
		if _, q.letter, err = s.invitation(ctx, invitation); err == nil {
			q.response, err = s.opt.Store.ResponseOf(ctx, invitation)
		}
	} else {
		var ask store.Ask
		if ask, q.letter, err = s.asked(ctx, id); err == nil {
			q.kind, q.ask = ask.Kind, ask.ID
			q.response, err = s.opt.Store.ResponseOfAsk(ctx, id)
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return request{}, noticeBadLink
	}
	item := q.invitation
	if q.ask != "" {
		item = survey.UnsubscribeAsk + q.ask
	}
	q.unsubscribe = s.path("u", s.opt.Tokens.Seal(survey.TokenUnsubscribe, item))
	asked := q.kind == survey.AskReview && q.program.FollowUp.Review != nil || q.kind == survey.AskTestimonial && q.program.FollowUp.Testimonial != nil
	if err == nil && !asked {
		return request{}, noticeBadLink
	}
	return q, err
}

// requestView is a page of a request.
func (s *Server) requestView(q request, page string) view {
	return view{
		Lang: q.locale, Letter: &q.letter, Title: q.fill(q.texts.AskWords(q.kind).Page, s.opt.Brand),
		Action: q.action, Footer: s.footerOf(q.letter, q.unsubscribe), Page: page, Seen: seenPath(q.action, page),
	}
}

// showAsk serves the page behind the link of an ask for a review or a testimonial. That
// it was opened is noted as a hint and proves nothing: mail scanners open every link.
func (s *Server) showAsk(w http.ResponseWriter, r *http.Request) error {
	q, err := s.request(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	page := ""
	if q.ask != "" {
		page = newPage()
		s.noteLink(r, survey.UnsubscribeAsk+q.ask, linkAsk, q.program)
		if err := s.opt.Store.AskSeen(r.Context(), q.ask, s.opt.Clock.Now()); err != nil {
			s.opt.Log.Warn("opened link of an ask not noted", "ask", q.ask, "error", err)
		}
	}
	if q.kind == survey.AskReview {
		s.showReview(w, q, page)
		return nil
	}
	return s.showTestimonial(r.Context(), w, q, page)
}

func (s *Server) showReview(w http.ResponseWriter, q request, page string) {
	v := s.requestView(q, page)
	v.Buttons, v.FormTo = s.siteButtons(q.letter), siteTargets(q.program.FollowUp.Review)
	s.pages.render(w, http.StatusOK, "confirm", v)
}

// takeAsk takes what a person does at the page of an ask.
func (s *Server) takeAsk(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	q, err := s.request(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	person := true
	if q.ask != "" {
		if person, err = s.wentOn(ctx, r, q.ask, pageOf(form.Get(fieldPage))); err != nil {
			return fmt.Errorf("ask %s: %w", q.ask, err)
		}
	}
	if !person {
		s.log(ctx).Info("a machine went on from an ask", "ask", q.ask)
	}
	if q.kind == survey.AskTestimonial {
		return s.takeTestimonial(ctx, w, q, form, person)
	}
	return s.takeReview(ctx, w, q, form, person)
}

// takeReview leads to where a review is written, and notes that a person went there.
func (s *Server) takeReview(ctx context.Context, w http.ResponseWriter, q request, form url.Values, person bool) error {
	sites := q.program.FollowUp.Review.Sites
	i, err := strconv.Atoi(form.Get(fieldSite))
	if err != nil || i < 0 || i >= len(sites) {
		return &formProblem{status: http.StatusUnprocessableEntity, text: "the form names no place for a review: please open the link again"}
	}
	if person {
		if err := s.requestClicked(ctx, q); err != nil {
			return err
		}
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", sites[i].URL)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// requestClicked notes that a person did what was asked, in the mail or on the page.
func (s *Server) requestClicked(ctx context.Context, q request) error {
	if q.ask == "" {
		_, err := s.pageAskClicked(ctx, q.invitation, q.kind)
		return err
	}
	if err := s.opt.Store.AskClicked(ctx, q.ask, s.opt.Clock.Now()); err != nil {
		return fmt.Errorf("ask %s: %w", q.ask, err)
	}
	return nil
}
