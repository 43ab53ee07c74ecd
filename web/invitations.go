package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/webhook"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Inviter decides who is asked while a caller waits.
type Inviter interface {
	// Invite keeps an invitation of the contact of an event, open or suppressed, under an
	// id of letters and digits. The first one of an id is kept and returned.
	Invite(ctx context.Context, id string, program survey.Program, event survey.Event) (store.Invitation, error)
	// KeepPeople saves the contact and the account that an event carries.
	KeepPeople(ctx context.Context, event survey.Event) error
}

// invitedAnswer is the answer to a wish to ask somebody.
type invitedAnswer struct {
	Invitation string                 `json:"invitation"`
	State      survey.InvitationState `json:"state"`
	Rule       survey.Rule            `json:"rule,omitempty"`
	// URL is the survey's link, Token its last part, for the widget, and QR the address
	// of a picture of it.
	URL   string `json:"url,omitempty"`
	Token string `json:"token,omitempty"`
	QR    string `json:"qr,omitempty"`
}

// takeInvitation decides at once whether somebody may be asked, and answers with the
// survey's link.
func (s *Server) takeInvitation(r *http.Request) (any, error) {
	body, crmID, err := s.called(r)
	if err != nil {
		return nil, err
	}
	in, err := webhook.ParseInvitation(body, crmID)
	if err != nil {
		return nil, err
	}
	program, err := s.momentProgram(in.Program)
	if err != nil {
		return nil, err
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	id, err := s.reference(ctx, "invitation", crmID, "", in.ID)
	if err != nil {
		return nil, err
	}
	made, err := s.invite(ctx, id, program, in.Event)
	if err != nil {
		return nil, err
	}
	answer := invitedAnswer{Invitation: made.ID, State: made.State, Rule: made.Rule}
	if made.State != survey.InvitationSuppressed {
		answer.Token = s.opt.Tokens.Seal(survey.TokenSurvey, made.ID)
		answer.URL = s.publicURL + "/s/" + answer.Token
		answer.QR = answer.URL + "/qr.svg"
	}
	return answer, nil
}

func (s *Server) invite(ctx context.Context, id string, program survey.Program, event survey.Event) (store.Invitation, error) {
	kept, err := s.opt.Store.Invitation(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return s.opt.Inviter.Invite(ctx, id, program, event)
	}
	return kept.Invitation, err
}

// called reads the body of a call by another system, and which CRM its contacts belong
// to.
func (s *Server) called(r *http.Request) (body []byte, crmID string, err error) {
	if body, err = readBody(r, s.opt.MaxBody); err != nil {
		return nil, "", err
	}
	if err = s.authorize(r.Header, body, s.opt.Now()); err != nil {
		return nil, "", err
	}
	crmID, err = s.crmOf(r)
	return body, crmID, err
}

// program returns a configured program.
func (s *Server) program(id string) (survey.Program, bool) {
	at := slices.IndexFunc(s.opt.Programs, func(p survey.Program) bool { return p.ID == id })
	if at < 0 {
		return survey.Program{}, false
	}
	return s.opt.Programs[at], true
}

// momentProgram returns a configured program that asks in the moment, or a
// *crm.Rejection that names those that do.
func (s *Server) momentProgram(id string) (survey.Program, error) {
	p, found := s.program(id)
	switch {
	case !found:
		return p, crm.Reject(http.StatusBadRequest, "program is none of those that are configured: %s", s.momentPrograms())
	case p.Kind != survey.InTheMoment:
		return p, crm.Reject(http.StatusBadRequest, "program is %s: %s", p.Kind, s.momentPrograms())
	}
	return p, nil
}

func (s *Server) momentPrograms() string {
	var ids []string
	for _, p := range s.opt.Programs {
		if p.Kind == survey.InTheMoment {
			ids = append(ids, p.ID)
		}
	}
	if ids == nil {
		return "no program of kind in_the_moment is configured"
	}
	slices.Sort(ids)
	return "want one of kind in_the_moment, which are " + strings.Join(ids, ", ")
}
