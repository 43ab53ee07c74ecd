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

// pageAsk begins the id in the link of an ask for a referral on the survey's last page,
// and a kind with a dash that of another ask: an invitation's follows. Ids hold letters and digits alone.
const pageAsk = "page-"

// pageAskView is the ask on the survey's last page.
type pageAskView struct {
	Text, Action, Method string
	Buttons              []buttonView
	// leads is what its form may lead on to, as view.FormTo.
	leads string
}

// pageAskFor is the ask that the last page shows, nil for none and inside another page,
// which it would lead away from. The rules are those of the mail.
func (s *Server) pageAskFor(ctx context.Context, v visit, r survey.Response) *pageAskView {
	asks := v.program.FollowUp
	if v.embedded || !r.Done || r.State == survey.Held || r.ContactKey == "" || len(asks.AskKinds()) == 0 {
		return nil
	}
	found, err := s.opt.Store.PageAsk(ctx, v.invitation.ID)
	if err != nil {
		s.log(ctx).Warn("somebody was not asked on the page", "invitation", v.invitation.ID, "error", err)
		return nil
	}
	now := s.opt.Clock.Now()
	choice, ok := asks.ChooseAsk(v.program.AskAnswer(r), found.History, now)
	if !ok || choice.Rule != "" {
		return nil
	}
	facts := found.Facts
	facts.LastAsked = found.History.Asked[choice.Kind]
	s.opt.AskRules.Tell(&facts, v.contact, v.account, now)
	if asks.AdmitAsk(choice.Kind, facts, now) != "" {
		return nil
	}
	return s.pageAskOf(v, choice.Kind)
}

// pageAskOf is the ask of a kind, nil where it leads nowhere.
func (s *Server) pageAskOf(v visit, kind survey.AskKind) *pageAskView {
	words := v.texts.AskWords(kind)
	view := pageAskView{
		Text: v.fill(words.Page, s.opt.Brand), Method: http.MethodPost,
		Action:  s.path("a", s.opt.Tokens.Seal(survey.TokenAsk, string(kind)+"-"+v.invitation.ID)),
		Buttons: []buttonView{{Text: v.fill(words.Button, s.opt.Brand)}},
	}
	switch kind {
	case survey.AskReferral:
		to, leads := referralTarget(v.program)
		if !leads {
			return nil
		}
		view.Action, view.leads = s.path("r", s.opt.Tokens.Seal(survey.TokenReferral, pageAsk+v.invitation.ID)), formTarget(to)
	case survey.AskReview:
		view.Buttons, view.leads = s.siteButtons(v.letter), siteTargets(v.program.FollowUp.Review)
	default:
		view.Method = http.MethodGet // to the page where it is decided
	}
	return &view
}

// siteButtons lead to the places for reviews.
func (s *Server) siteButtons(l letter) []buttonView {
	var buttons []buttonView
	for i, site := range l.program.FollowUp.Review.Sites {
		text := site.Name
		if text == "" {
			text = l.fill(l.texts.ReviewButton, s.opt.Brand)
		}
		buttons = append(buttons, buttonView{Name: fieldSite, Value: strconv.Itoa(i), Text: text})
	}
	return buttons
}

// siteTargets are what the form of an ask for a review may lead on to.
func siteTargets(r *survey.ReviewRule) string {
	var targets []string
	for _, site := range r.Sites {
		if to, err := url.Parse(site.URL); err == nil {
			targets = append(targets, formTarget(to))
		}
	}
	return strings.Join(targets, " ")
}

// pageAskClicked notes that a person went on from the ask of a kind on the last page. It
// returns the ask's id.
func (s *Server) pageAskClicked(ctx context.Context, invitation string, kind survey.AskKind) (ask string, err error) {
	_, l, err := s.invitation(ctx, invitation)
	if err != nil {
		return "", err
	}
	response, err := s.opt.Store.ResponseOf(ctx, invitation)
	if errors.Is(err, store.ErrNotFound) {
		return "", noticeBadLink
	}
	if err != nil {
		return "", err
	}
	found, err := s.opt.Store.PageAsk(ctx, invitation)
	if err == nil {
		now := s.opt.Clock.Now()
		choice, _ := l.program.FollowUp.ChooseAsk(l.program.AskAnswer(response), found.History, now)
		choice.Kind, choice.Rule = kind, ""
		ask, err = s.opt.Store.PageAskClicked(ctx, store.PageAskClick{InvitationID: invitation, NewID: s.opt.NewID(), Choice: choice, At: now})
	}
	if errors.Is(err, store.ErrNotFound) { // the answer was withdrawn
		return "", noticeBadLink
	}
	return ask, err
}

// referralClicked notes that a person went on from an ask, in the mail or on the page. It
// returns the id of the ask itself.
func (s *Server) referralClicked(ctx context.Context, id string) (ask string, err error) {
	if invitation, onPage := strings.CutPrefix(id, pageAsk); onPage {
		return s.pageAskClicked(ctx, invitation, survey.AskReferral)
	}
	if err := s.opt.Store.AskClicked(ctx, id, s.opt.Clock.Now()); err != nil {
		return "", fmt.Errorf("ask %s: %w", id, err)
	}
	return id, nil
}
