package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/cxloop/cxloop/survey"
)

// The pages that a test mail leads to besides the survey, by ?page=.
const (
	testPage        = "page"
	testUnsubscribe = "unsubscribe"
	testReferral    = "referral"
	testFriend      = "friend"
)

// tested is the visit of somebody who got a test mail: of a program as it is configured
// now, and of nobody in particular.
func (s *Server) tested(r *http.Request) (visit, error) {
	token := r.PathValue("token")
	id, err := s.opt.Tokens.Open(survey.TokenTest, token)
	if err != nil {
		return visit{}, noticeBadLink
	}
	programID, asked, _ := survey.ParseTestID(id)
	program, found := s.program(programID)
	if !found {
		return visit{}, noticeNoProgram
	}
	texts, locale := program.TextsFor(asked)
	return visit{
		letter: letter{program: program, texts: texts, locale: locale, preview: true}, action: s.path("p", token),
	}, nil
}

var noticeNoProgram = &notice{status: http.StatusNotFound, lang: survey.DefaultLocale, title: "There is no such program here",
	text: "The link is of a test mail. The server that it leads to has another configuration."}

// showTested shows what a test mail leads to.
func (s *Server) showTested(w http.ResponseWriter, r *http.Request) error {
	v, err := s.tested(r)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	switch query.Get(testPage) {
	case testUnsubscribe:
		s.askUnsubscribe(w, v.letter, v.action, "")
		return nil
	case string(survey.AskReview), string(survey.AskTestimonial):
		return s.showTestedRequest(w, v, survey.AskKind(query.Get(testPage)))
	case testReferral:
		to, leads := referralTarget(v.program)
		if !leads {
			return noticeBadLink
		}
		s.askReferral(w, v.letter, v.action+"?"+testPage+"="+testReferral, v.action+"?"+testPage+"="+testUnsubscribe, "", to)
		return nil
	}
	if query.Get(testPage) == testFriend && v.program.FollowUp.Referral.BuiltIn() {
		s.askFriend(w, http.StatusOK, v.asFriend(), friendForm{}, nil)
		return nil
	}
	var chosen *int
	if query.Has("score") && v.program.Metric != survey.Audit {
		score, err := v.program.ParseScore(query.Get("score"))
		if err != nil {
			return s.askAgain(w, v, url.Values{}, refused(err))
		}
		chosen = &score
	}
	s.ask(w, http.StatusOK, v, chosen, "", nil)
	return nil
}

// takeTested shows what would come next, and keeps nothing.
func (s *Server) takeTested(w http.ResponseWriter, r *http.Request) error {
	v, err := s.tested(r)
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	switch {
	case form.Get(oneClickField) == oneClickValue, form.Has(fieldLeave):
		s.showUnsubscribed(w, v.letter, form.Get(fieldLeave))
		return nil
	case r.URL.Query().Get(testPage) == string(survey.AskReview), r.URL.Query().Get(testPage) == string(survey.AskTestimonial):
		return s.takeTestedRequest(r.Context(), w, v, survey.AskKind(r.URL.Query().Get(testPage)), form)
	case r.URL.Query().Get(testPage) == testReferral && v.program.FollowUp.Referral.BuiltIn():
		link := s.publicURL + "/p/" + r.PathValue("token") + "?" + testPage + "=" + testFriend
		s.showShare(w, v.letter, link, v.action+"?"+testPage+"="+testUnsubscribe)
		return nil
	case r.URL.Query().Get(testPage) == testReferral:
		http.Redirect(w, r, v.program.FollowUp.Referral.URL, http.StatusSeeOther)
		return nil
	case r.URL.Query().Get(testPage) == testFriend:
		s.takeTestedFriend(w, v.asFriend(), readFriendForm(form))
		return nil
	}
	answer, err := v.answer(form)
	if problem, ok := errors.AsType[*formProblem](err); ok {
		return s.askAgain(w, v, form, problem)
	}
	response := survey.Response{Score: answer.Score, Comment: answer.Comment, Answers: answer.Answers, Done: answer.Done}
	// As one who goes through all again: what was answered before is not known.
	s.showStep(w, v, response, form.Get(fieldQuestion), !answer.Done)
	return nil
}

// showTestedRequest shows the page of an ask.
func (s *Server) showTestedRequest(w http.ResponseWriter, v visit, kind survey.AskKind) error {
	q, err := s.testedRequest(v, kind)
	switch {
	case err != nil:
		return err
	case kind == survey.AskReview:
		s.showReview(w, q, "")
	default:
		s.askTestimonial(w, q, "", url.Values{}, nil)
	}
	return nil
}

// takeTestedRequest leads on from there, and keeps nothing.
func (s *Server) takeTestedRequest(ctx context.Context, w http.ResponseWriter, v visit, kind survey.AskKind, form url.Values) error {
	q, err := s.testedRequest(v, kind)
	switch {
	case err != nil:
		return err
	case kind == survey.AskReview:
		return s.takeReview(ctx, w, q, form, false)
	}
	s.showOver(w, q)
	return nil
}

// testedRequest is the page that the test mail of an ask leads to.
func (s *Server) testedRequest(v visit, kind survey.AskKind) (request, error) {
	if !slices.Contains(v.program.FollowUp.AskKinds(), kind) {
		return request{}, noticeBadLink
	}
	return s.exampleRequest(v.letter, kind, v.action+"?"+testPage+"="+string(kind), v.action+"?"+testPage+"="+testUnsubscribe), nil
}

// exampleRequest is an ask of nobody in particular, who commented with some words of the
// language.
func (s *Server) exampleRequest(l letter, kind survey.AskKind, action, unsubscribe string) request {
	_, highest := l.program.Range()
	return request{
		letter: l, kind: kind, action: action, unsubscribe: unsubscribe,
		response: survey.Response{Score: highest, Comment: l.fill(l.texts.ThanksMore, s.opt.Brand), Done: true},
	}
}

// asFriend is the visit of a friend to the page that the promoter would pass on.
func (v visit) asFriend() visitToFriendPage {
	l := friendLetter(v.program, v.locale, v.contact.FirstName)
	l.preview = true
	return visitToFriendPage{letter: l, action: v.action + "?" + testPage + "=" + testFriend}
}

// takeTestedFriend says what would be said to a friend, and keeps nothing.
func (s *Server) takeTestedFriend(w http.ResponseWriter, v visitToFriendPage, form friendForm) {
	if fault := s.friendOf(v.letter, form).Fault(); fault != "" {
		s.askFriend(w, http.StatusUnprocessableEntity, v, form, s.faultOf(v.letter, fault))
		return
	}
	s.thankFriend(w, v.letter)
}
