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

// visit is a person at the survey page.
type visit struct {
	letter
	// action is where the pages' forms go.
	action     string
	invitation store.Invitation
	// page is the one that is shown, or that a form came from.
	page string
	// response is the present answer, nil before the first.
	response *survey.Response
	// embedded is set where the pages are shown inside another one.
	embedded bool
	// ask is for the last page, nil for none.
	ask *pageAskView
	// hidden goes with the form that asks for the score; nil for nothing.
	hidden *hidden
	// secret is what alone opens an anonymous answer, "" of others.
	secret string
}

// visit finds out who opened a survey's link and what they answered before.
func (s *Server) visit(ctx context.Context, token string, embedded bool) (visit, error) {
	inv, l, err := s.invited(ctx, survey.TokenSurvey, token)
	if err != nil {
		return visit{}, err
	}
	v := visit{letter: l, action: s.path("s", token), invitation: inv, page: newPage(), embedded: embedded}
	if !v.watched() {
		v.page = ""
	}
	if v.program.Anonymous {
		return v, nil // incognito knows more
	}
	response, err := s.opt.Store.ResponseOf(ctx, inv.ID)
	switch {
	case err == nil && response.State == survey.Withdrawn:
	case err == nil:
		v.response = &response
	case !errors.Is(err, store.ErrNotFound):
		return visit{}, fmt.Errorf("response to %s: %w", inv.ID, err)
	}
	return v, nil
}

// watched reports whether what visitors do is kept: not of anonymous programs, and not
// where no mail led here that a scanner might have read, as many answer at one desk.
func (v visit) watched() bool { return !v.program.Anonymous && v.contact.Key != "" }

// closed returns the notice to show where the survey takes no first answer (any
// more), or nil. An answer that was given can be changed for as long as it is
// kept.
func (s *Server) closed(v visit) error {
	switch {
	case v.response != nil:
		return nil
	case store.SaveAnswerRequest{Late: v.program.LateAnswers, Now: s.opt.Clock.Now()}.Over(v.invitation):
		return s.noticeExpired(v)
	case v.invitation.State == survey.InvitationSuppressed || v.invitation.State == survey.InvitationCancelled:
		return noticeNotSent
	}
	return nil
}

func (s *Server) noticeExpired(v visit) *notice {
	return &notice{status: http.StatusGone, lang: v.locale, title: v.fill(v.texts.Expired, s.opt.Brand), letter: &v.letter}
}

// showSurvey serves the survey without recording anything. ?score= chooses a
// score in advance, as the links of the mail do; ?change= asks anew.
func (s *Server) showSurvey(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r.Context(), r.PathValue("token"), s.embedded(r))
	if err != nil {
		return err
	}
	if err := s.incognito(r.Context(), w, r, &v, nil); err != nil {
		return err
	}
	if err := s.closed(v); err != nil {
		return err
	}
	query := r.URL.Query()
	if v.watched() {
		s.noteLink(r, v.invitation.ID, linkOf(v.program, query.Get("score")), v.program)
	}
	if query.Has("score") && v.program.Metric != survey.Audit {
		score, err := v.program.ParseScore(query.Get("score"))
		if err != nil {
			return s.askAgain(w, v, url.Values{}, refused(err))
		}
		if v.response == nil || v.response.Score != score {
			s.ask(w, http.StatusOK, v, &score, presentComment(v), nil)
			return nil
		}
	}
	if v.response == nil || query.Has("change") {
		s.ask(w, http.StatusOK, v, presentScore(v), presentComment(v), nil)
		return nil
	}
	v.ask = s.pageAskFor(r.Context(), v, *v.response)
	s.showStep(w, v, *v.response, "", false)
	return nil
}

// takeAnswer keeps what a person sent and shows the next step.
func (s *Server) takeAnswer(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	v, err := s.visit(ctx, r.PathValue("token"), s.embedded(r))
	if err != nil {
		return err
	}
	if err := s.incognito(ctx, w, r, &v, form); err != nil {
		return err
	}
	var note store.VisitNote
	if v.watched() {
		note = s.visitOf(r, v.invitation.ID)
		if note.Page = pageOf(form.Get(fieldPage)); note.Page != "" {
			v.page = note.Page
		}
	}
	return s.keepAnswer(ctx, w, v, form, note)
}

// keepAnswer keeps what a form says and shows the next step.
func (s *Server) keepAnswer(ctx context.Context, w http.ResponseWriter, v visit, form url.Values, note store.VisitNote) error {
	answer, err := v.answer(form)
	if problem, ok := errors.AsType[*formProblem](err); ok {
		return s.askAgain(w, v, form, problem)
	}
	response, err := s.save(ctx, v, answer, note)
	switch {
	case errors.Is(err, store.ErrExpired):
		return s.noticeExpired(v)
	case errors.Is(err, store.ErrNotSent):
		return noticeNotSent
	case errors.Is(err, store.ErrAnswered): // by a request at the same moment
		return s.noticeAnswered(v)
	case err != nil:
		s.log(ctx).Error("answer not kept", "invitation", v.invitation.ID, "error", err)
		w.Header().Set("Retry-After", "30")
		return s.askAgain(w, v, form, &formProblem{
			status: http.StatusServiceUnavailable, text: "your answer could not be kept just now: please send it again in a minute",
		})
	}
	v.ask = s.pageAskFor(ctx, v, response)
	s.showStep(w, v, response, form.Get(fieldQuestion), form.Has(fieldAgain))
	return nil
}

// answer reads a form. A comment that the form has no field for stays as it is, and
// so do the answers to all questions but the one that it is about.
func (v visit) answer(form url.Values) (survey.Answer, error) {
	if v.program.Metric == survey.Audit {
		return v.audit(form)
	}
	text, _, err := field(form, "score")
	if err != nil {
		return survey.Answer{}, err
	}
	if text == "" {
		low, high := v.program.Range()
		return survey.Answer{}, &formProblem{
			status: http.StatusUnprocessableEntity, text: fmt.Sprintf("score is missing: want %d to %d", low, high), missing: true,
		}
	}
	score, err := v.program.ParseScore(text)
	if err != nil {
		return survey.Answer{}, refused(err)
	}
	comment, asked, err := comment(form)
	if err != nil {
		return survey.Answer{}, err
	}
	answers, err := v.answers(form)
	return survey.Answer{Score: score, Comment: comment, KeepComment: !asked, Answers: answers, Done: form.Has("done")}, err
}

// comment returns the form's comment, and whether the form asks for one.
func comment(form url.Values) (text string, asked bool, err error) {
	text, asked, err = words(form, "comment")
	if err != nil {
		return "", asked, err
	}
	text = strings.TrimSpace(text)
	if err := survey.CheckComment(text); err != nil {
		return "", asked, refused(err)
	}
	return text, asked, nil
}

// words returns the text that was written into a field, and whether the form has it.
func words(form url.Values, name string) (text string, there bool, err error) {
	text, there, err = field(form, name)
	// Browsers send line ends as CR LF (HTML, form submission).
	return strings.ReplaceAll(text, "\r\n", "\n"), there, err
}

// refused is an error about what was sent.
func refused(err error) *formProblem {
	return &formProblem{status: http.StatusUnprocessableEntity, text: err.Error(), missing: errors.Is(err, survey.ErrRequired)}
}

// askAgain shows the form with what is wrong and what was sent, so that nobody
// has to write anything twice.
func (s *Server) askAgain(w http.ResponseWriter, v visit, form url.Values, problem *formProblem) error {
	if err := s.closed(v); err != nil {
		return err
	}
	if v.program.Metric == survey.Audit {
		s.showChecklist(w, problem.status, v, v.sentAudit(form), problem)
		return nil
	}
	score := presentScore(v)
	if sent := form.Get("score"); sent != "" {
		score = nil
		if n, err := v.program.ParseScore(sent); err == nil {
			score = &n
		}
	}
	if question, ok := v.program.Question(form.Get(fieldQuestion)); ok && score != nil {
		s.showQuestion(w, v, problem.status, questionPage{
			question: question, score: *score, sent: sentAnswer(form), again: form.Has(fieldAgain), problem: problem,
		})
		return nil
	}
	comment := presentComment(v)
	if form.Has("comment") {
		comment = strings.ToValidUTF8(form.Get("comment"), "\uFFFD")
	}
	s.ask(w, problem.status, v, score, comment, problem)
	return nil
}
