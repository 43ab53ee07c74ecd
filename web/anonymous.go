package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// An anonymous answer can be changed by whoever holds its secret, which is nowhere but
// in the pages and a cookie of the browser that gave it. The field serves where cookies
// are refused, the cookie after the back button and from another tab.
const (
	fieldSecret  = "secret"
	cookieSecret = "cxloop_answer"
	// secretAge is how long the browser keeps it, in seconds: as long as the answer may
	// be changed, or a little more.
	secretAge = 2 * 60 * 60
)

var secretPattern = regexp.MustCompile(`^[A-Z2-7]{26}$`) // as rand.Text makes them

// incognito gives a visit to an anonymous survey its secret, and the answer that the
// secret opens; form is nil of a page that is only shown.
func (s *Server) incognito(ctx context.Context, w http.ResponseWriter, r *http.Request, v *visit, form url.Values) error {
	if !v.program.Anonymous {
		return nil
	}
	v.secret = form.Get(fieldSecret)
	if cookie, err := r.Cookie(cookieSecret); err == nil && !secretPattern.MatchString(v.secret) {
		v.secret = cookie.Value
	}
	if !secretPattern.MatchString(v.secret) {
		v.secret = rand.Text()
	}
	path, _, _ := strings.Cut(v.action, "?")
	http.SetCookie(w, &http.Cookie{
		Name: cookieSecret, Value: v.secret, Path: path, MaxAge: secretAge,
		HttpOnly: true, Secure: strings.HasPrefix(s.opt.PublicURL, "https://"), SameSite: http.SameSiteLaxMode,
	})
	if v.invitation.State != survey.InvitationResponded {
		return nil
	}
	answer, err := s.opt.Store.AnonymousAnswer(ctx, v.invitation.ID, v.secret)
	if errors.Is(err, store.ErrAnswered) {
		return s.noticeAnswered(*v)
	}
	if err != nil {
		return fmt.Errorf("anonymous answer: %w", err)
	}
	response := answer.Response()
	v.response = &response
	return nil
}

// noticeAnswered is for those whose answer nobody can find any more.
func (s *Server) noticeAnswered(v visit) *notice {
	return &notice{status: http.StatusGone, lang: v.locale, title: v.fill(v.texts.Answered, s.opt.Brand), letter: &v.letter}
}

// save keeps an answer: with the invitation, or, where the survey is anonymous, apart
// from it.
func (s *Server) save(ctx context.Context, v visit, answer survey.Answer, note store.VisitNote) (survey.Response, error) {
	band, now := v.program.BandOf(answer.Score), s.opt.Clock.Now()
	if v.program.Anonymous {
		saved, err := s.opt.Store.SaveAnonymous(ctx, store.SaveAnonymousRequest{
			InvitationID: v.invitation.ID, Secret: v.secret, Answer: answer, Band: band, Now: now, Late: v.program.LateAnswers,
		})
		return saved.Response(), err
	}
	response, err := s.opt.Store.SaveAnswer(ctx, store.SaveAnswerRequest{
		InvitationID: v.invitation.ID, Answer: answer, Band: band,
		Now: now, Visit: note, Late: v.program.LateAnswers, DueAt: v.program.DueAt, NewID: s.opt.NewID, Read: s.opt.Reader(ctx),
	})
	if err == nil && response.Done {
		s.opt.Notify(store.TopicAnswer)
	}
	return response, err
}
