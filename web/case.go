package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// CasePages are the pages that show account teams the whole of a case.
type CasePages struct {
	// For is how long after the end of a case its page opens; 0 for no pages.
	For survey.Span
	// Facts name what is shown of accounts and contacts, and SLA is what is promised.
	Facts survey.CaseFacts
	SLA   survey.SLA
	// Record is the address of a contact or an account in its CRM, "" for none; nil knows none.
	Record func(crm string, object survey.Object) string
	// Drafts has replies drafted; nil where no language model is configured.
	Drafts CaseDrafts
}

// CasePath is the address of a case's page below a server's own.
func CasePath(tokens survey.Tokens, caseID string) string {
	return "/c/" + tokens.Seal(survey.TokenCase, caseID)
}

// caseView is what the page of a case shows.
type caseView struct {
	Words *casetext.Words
	// Since is what the case is called and since when it is there.
	Since, Expires string
	Record         string
	Sheet          []casetext.Row
	Responses      []caseResponse
	Trend          string
	Earlier        []string
	Story          []caseLine
	// Draft is of a reply; nil where none can be had.
	Draft *draftView
}

// caseResponse is one answer of a case.
type caseResponse struct {
	Score, At, AtISO string
	Answers          []casetext.Row
	Comment          string
	Withdrawn        bool
}

// caseLine is one event of a case's history.
type caseLine struct {
	At, AtISO, Text, Said string
}

// showCase shows the whole of a case to whoever has the link to it. It changes nothing.
func (s *Server) showCase(w http.ResponseWriter, r *http.Request) error {
	detail, err := s.linkedCase(r)
	if err != nil {
		return err
	}
	return s.renderCase(w, r, detail, draftView{})
}

// linkedCase is the case that a link is of.
func (s *Server) linkedCase(r *http.Request) (store.CaseDetail, error) {
	id, err := s.opt.Tokens.Open(survey.TokenCase, r.PathValue("token"))
	if err != nil {
		return store.CaseDetail{}, noticeBadCase
	}
	detail, err := s.opt.Store.Case(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return store.CaseDetail{}, noticeBadCase
	}
	if err != nil {
		return store.CaseDetail{}, fmt.Errorf("case %s: %w", id, err)
	}
	if s.caseExpired(detail.Case) {
		return store.CaseDetail{}, noticeBadCase
	}
	return detail, nil
}

func (s *Server) renderCase(w http.ResponseWriter, r *http.Request, detail store.CaseDetail, draft draftView) error {
	route := s.opt.Route(detail)
	route.NoNames = false // a channel without names was not given the link
	pages := s.opt.Cases
	reader := casetext.Reader{Scores: s.opt.Store, Program: s.opt.Program, Facts: pages.Facts, SLA: pages.SLA, Clock: s.opt.Clock}
	told, err := reader.Read(r.Context(), detail, route)
	if err != nil {
		return fmt.Errorf("what is told of case %s: %w", detail.Case.ID, err)
	}
	words := casetext.For(route.Language)
	zone := zoneOf(route)
	writer := casetext.Writer{Words: words, Ink: casetext.Ink{
		Text: func(text string) string { return text },
		User: func(id string) string { return "@" + id },
		When: func(t time.Time) string { return words.Moment(t.In(zone)) },
	}}
	page := s.caseView(writer, told)
	page.Draft = s.drafting(r, detail, draft)
	s.pages.render(w, http.StatusOK, "case", view{Lang: words.Locale, Title: writer.Title(told), Case: page})
	return nil
}

// caseExpired reports whether the page of a case opens no more.
func (s *Server) caseExpired(c survey.Case) bool {
	return !c.EndedAt.IsZero() && s.opt.Clock.Now().After(c.EndedAt.Add(s.opt.Cases.For.Std()))
}

// zoneOf is the time zone of a case's team.
func zoneOf(route survey.CaseRoute) *time.Location {
	if route.Calendar == nil || route.Calendar.Timezone == "" {
		return time.UTC
	}
	zone, err := time.LoadLocation(route.Calendar.Timezone)
	if err != nil { // of a machine with other zones than the one that checked them
		return time.UTC
	}
	return zone
}

func (s *Server) caseView(w casetext.Writer, c casetext.Case) *caseView {
	v := &caseView{
		Words: w.Words, Since: w.Since(c, c.Case.ID), Expires: w.Expires(s.opt.Cases.For), Sheet: w.Sheet(c), Trend: c.Trend(), Earlier: w.Earlier(c),
		Record: s.recordOf(c),
	}
	for _, r := range c.Responses {
		shown := caseResponse{
			Score: w.Scored(c, r), At: w.When(r.AnsweredAt), AtISO: r.AnsweredAt.UTC().Format(time.RFC3339), Withdrawn: r.State == survey.Withdrawn,
		}
		if !shown.Withdrawn {
			shown.Answers, shown.Comment = w.Answers(c, r), r.Comment
		}
		v.Responses = append(v.Responses, shown)
	}
	for _, e := range c.History {
		if line, ok := w.Tell(c, e); ok {
			if casetext.Answered(e) {
				line.Said = "" // it stands with the answers
			}
			v.Story = append(v.Story, caseLine{At: w.When(line.At), AtISO: line.At.UTC().Format(time.RFC3339), Text: line.Text, Said: line.Said})
		}
	}
	return v
}

// recordOf is where the CRM has whom a case is about.
func (s *Server) recordOf(c casetext.Case) string {
	crm, object, ok := c.Record()
	if !ok || s.opt.Cases.Record == nil {
		return ""
	}
	return s.opt.Cases.Record(crm, object)
}
