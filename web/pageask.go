package web

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// pageAsk begins the id in the link of an ask on the survey's last page: an invitation's
// follows. Ids hold letters and digits alone.
const pageAsk = "page-"

// pageAskView is the ask on the survey's last page.
type pageAskView struct{ Text, Button, Action string }

// pageAskFor is the ask that the last page shows to a promoter, nil for none and inside
// another page, which it would lead away from. The rules are those of the mail.
func (s *Server) pageAskFor(ctx context.Context, v visit, r survey.Response) (*pageAskView, *url.URL) {
	rule := v.program.FollowUp.Referral
	if v.embedded || rule.Off || !r.Done || r.State == survey.Held || !r.Band.Happy() || r.ContactKey == "" {
		return nil, nil
	}
	to, err := url.Parse(rule.URL)
	if err != nil || to.Host == "" {
		return nil, nil
	}
	facts, err := s.opt.Store.PageAsk(ctx, v.invitation.ID)
	if err != nil {
		s.log(ctx).Warn("a promoter was not asked on the page", "invitation", v.invitation.ID, "error", err)
		return nil, nil
	}
	if survey.AdmitAsk(rule, facts, s.opt.Clock.Now()) != "" {
		return nil, nil
	}
	return s.pageAskOf(v), to
}

func (s *Server) pageAskOf(v visit) *pageAskView {
	return &pageAskView{
		Text: v.fill(v.texts.AskPage, s.opt.Brand), Button: v.fill(v.texts.AskButton, s.opt.Brand),
		Action: s.path("r", s.opt.Tokens.Seal(survey.TokenReferral, pageAsk+v.invitation.ID)),
	}
}

// referralClicked notes that a person went on from an ask, in the mail or on the page.
func (s *Server) referralClicked(ctx context.Context, id string) error {
	invitation, onPage := strings.CutPrefix(id, pageAsk)
	var err error
	if onPage {
		err = s.opt.Store.PageAskClicked(ctx, invitation, s.opt.NewID(), s.opt.Clock.Now())
	} else {
		err = s.opt.Store.AskClicked(ctx, id, s.opt.Clock.Now())
	}
	switch {
	case onPage && errors.Is(err, store.ErrNotFound): // the answer was withdrawn
		return noticeBadLink
	case err != nil:
		return fmt.Errorf("ask %s: %w", id, err)
	}
	return nil
}
