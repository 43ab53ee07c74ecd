package web

import (
	"context"
	"net/http"

	"github.com/cxloop/cxloop/store"
)

// CaseDrafts drafts replies to the customers of cases, for somebody of the team to read.
type CaseDrafts interface {
	// Drafts tells whether a reply to the customer can be drafted.
	Drafts(d store.CaseDetail) bool
	Draft(ctx context.Context, d store.CaseDetail) (string, error)
}

// draftView is where a draft is asked for, and the draft.
type draftView struct {
	// Action is where the form goes.
	Action string
	// Text is "" before it was asked for. Failed says that it was asked for in vain.
	Text   string
	Failed bool
}

// draftClass is for what costs money at a language model's.
var draftClass = &class{perSecond: 0.1, burst: 10, wrongLink: 4}

// drafting is what a case's page has of a draft; nil where none can be had.
func (s *Server) drafting(r *http.Request, d store.CaseDetail, made draftView) *draftView {
	if s.opt.Cases.Drafts == nil || !s.opt.Cases.Drafts.Drafts(d) {
		return nil
	}
	made.Action = s.basePath + "/c/" + r.PathValue("token") + "/draft"
	return &made
}

// draftReply shows a case with the draft of a reply. It keeps and sends nothing.
func (s *Server) draftReply(w http.ResponseWriter, r *http.Request) error {
	detail, err := s.linkedCase(r)
	if err != nil {
		return err
	}
	if !s.opt.Cases.Drafts.Drafts(detail) {
		return s.renderCase(w, r, detail, draftView{})
	}
	text, err := s.opt.Cases.Drafts.Draft(r.Context(), detail)
	if err != nil {
		s.opt.Log.WarnContext(r.Context(), "a reply is not drafted", "case", detail.Case.ID, "error", err)
	}
	return s.renderCase(w, r, detail, draftView{Text: text, Failed: err != nil})
}
