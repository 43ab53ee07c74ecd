package web

import (
	"crypto/rand"
	"net/http"

	"golang.org/x/text/language"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// ProgramURL is the public link of a program: whoever opens it may answer.
func ProgramURL(publicURL string, tokens survey.Tokens, program string) string {
	return publicURL + "/q/" + tokens.Seal(survey.TokenProgram, program)
}

// fieldVisit holds the token of one visit to a program's public link. However often its
// form is sent, it is one answer.
const fieldVisit = "visit"

// visitor is somebody of whom nothing is known but the language of the browser.
func (s *Server) visitor(r *http.Request, visitToken string) (visit, error) {
	token := r.PathValue("token")
	id, err := s.opt.Tokens.Open(survey.TokenProgram, token)
	if err != nil {
		return visit{}, noticeBadLink
	}
	program, found := s.program(id)
	if !found || program.Kind != survey.InTheMoment {
		return visit{}, noticeClosed
	}
	texts, locale := program.TextsFor(browserLocale(program, r.Header.Get("Accept-Language")))
	v := visit{
		letter: letter{program: program, texts: texts, locale: locale},
		action: s.path("q", token), hidden: &hidden{fieldVisit, visitToken},
	}
	if program.Anonymous {
		v.secret = rand.Text()
	}
	return v, nil
}

var noticeClosed = &notice{status: http.StatusGone, lang: survey.DefaultLocale, title: "This survey takes no answers",
	text: "It is over. Thank you for your interest."}

// browserLocale is the first of a browser's languages that a program is asked in.
func browserLocale(p survey.Program, accepted string) string {
	tags, _, _ := language.ParseAcceptLanguage(accepted) // one that cannot be read accepts nothing
	for _, tag := range tags {
		if locale, found := survey.Nearest(p.Texts, tag.String()); found {
			return locale
		}
	}
	return survey.DefaultLocale
}

// showProgram serves the survey to whoever opens a program's link. Nothing is recorded
// and no cookie set: the form carries a new visit.
func (s *Server) showProgram(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visitor(r, s.opt.Tokens.Seal(survey.TokenVisit, s.opt.NewID()))
	if err != nil {
		return err
	}
	s.ask(w, http.StatusOK, v, nil, "", nil)
	return nil
}

// takeVisit keeps the first answer of a visit, and with it an invitation of nobody in
// particular. What comes after goes to that one's own page.
func (s *Server) takeVisit(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	visitToken, _, err := field(form, fieldVisit)
	if err != nil {
		return err
	}
	v, err := s.visitor(r, visitToken)
	if err != nil {
		return err
	}
	id, err := s.opt.Tokens.Open(survey.TokenVisit, visitToken)
	if err != nil {
		return &formProblem{status: http.StatusUnprocessableEntity, text: "the form is incomplete: please open the link again"}
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	if _, err := v.answer(form); err != nil { // nothing is made for it; keepAnswer says what is wrong
		return s.keepAnswer(ctx, w, v, form, store.VisitNote{})
	}
	now := s.opt.Clock.Now()
	made, err := s.opt.Store.AddAsked(ctx, store.AskedRequest{
		ID: id, Program: v.program, Channel: survey.ChannelLink, Locale: v.locale, At: now, ExpiresAt: v.program.ExpiresAt(now),
	})
	if err != nil {
		return err
	}
	if made.Program != v.program.ID {
		return noticeBadLink
	}
	if v, err = s.visit(ctx, s.opt.Tokens.Seal(survey.TokenSurvey, id), false); err != nil {
		return err
	}
	if err := s.incognito(ctx, w, r, &v, form); err != nil {
		return err
	}
	return s.keepAnswer(ctx, w, v, form, store.VisitNote{})
}
