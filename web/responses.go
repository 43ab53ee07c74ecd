package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/webhook"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// takenResponses is the answer to responses that were taken.
type takenResponses struct {
	Received  int             `json:"received"`
	Responses []takenResponse `json:"responses"`
}

// takenResponse is one of them, as it is now.
type takenResponse struct {
	Source   string      `json:"source"`
	ID       string      `json:"id"`
	Response string      `json:"response"`
	Band     survey.Band `json:"band"`
	// Revision counts the changes, from 1.
	Revision int `json:"revision"`
}

// takeResponses takes answers from other survey tools. Nothing of a body with a mistake
// is taken. One that broke off in the middle is sent again, and what was taken then
// changes nothing.
func (s *Server) takeResponses(r *http.Request) (any, error) {
	body, crmID, err := s.called(r)
	if err != nil {
		return nil, err
	}
	all, err := webhook.ParseResponses(body, crmID, s.opt.Now(), s.program)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		switch {
		case one.Program.Anonymous:
			return nil, crm.Reject(http.StatusBadRequest, "program %s is anonymous: its answers are taken on its own page alone", one.Program.ID)
		case one.Program.Metric == survey.Audit:
			return nil, crm.Reject(http.StatusBadRequest, "program %s is an audit: its checklist is taken on its own page alone", one.Program.ID)
		}
	}
	out := takenResponses{Received: len(all)}
	for _, one := range all {
		taken, err := s.takeResponse(r.Context(), one)
		if err != nil {
			return nil, err
		}
		out.Responses = append(out.Responses, taken)
	}
	s.opt.Notify(store.TopicAnswer)
	return out, nil
}

// takeResponse keeps an answer with an invitation of its own, so that who was asked by
// another tool is not asked again too soon.
func (s *Server) takeResponse(ctx context.Context, in webhook.Response) (takenResponse, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	id, err := s.reference(ctx, "response", in.Event.CRM, in.Source, in.ID)
	if err != nil {
		return takenResponse{}, err
	}
	contact, _ := in.Event.People()
	at := s.opt.Clock.Scaled(in.Time)
	asked := store.AskedRequest{
		ID: id, Program: in.Program, Channel: survey.ChannelAPI, At: at, ExpiresAt: s.opt.Clock.Now().Add(in.Program.Expiry.Std()),
		Dimensions: s.opt.Dimensions.For(in.Program),
	}
	locale := in.Locale
	if contact != nil {
		asked.ContactKey = contact.Key
		if err := s.opt.Inviter.KeepPeople(ctx, in.Event); err != nil {
			return takenResponse{}, err
		}
		if locale == "" {
			locale = contact.Locale
		}
	}
	_, asked.Locale = in.Program.TextsFor(locale)
	made, err := s.opt.Store.AddAsked(ctx, asked)
	if err != nil {
		return takenResponse{}, err
	}
	program, err := s.opt.Program(ctx, made.Program, made.Version)
	if err != nil {
		return takenResponse{}, err
	}
	kept, err := s.opt.Store.SaveAnswer(ctx, store.SaveAnswerRequest{
		InvitationID: id, Answer: in.Answer, Band: program.BandOf(in.Answer.Score), Now: at, DueAt: program.DueAt, NewID: s.opt.NewID, Read: s.opt.Reader(ctx),
	})
	if errors.Is(err, store.ErrExpired) || errors.Is(err, store.ErrNotSent) {
		return takenResponse{}, crm.Reject(http.StatusConflict, "the response of this source and id was begun long ago, and takes no answer any more")
	}
	if err != nil {
		return takenResponse{}, err
	}
	return takenResponse{in.Source, in.ID, kept.ID, kept.Band, kept.Revision}, nil
}

// reference is what the store knows by that another system calls id, of a source where
// it has several: unguessable, of letters and digits, and the same each time.
func (s *Server) reference(ctx context.Context, what, crmID, source, id string) (string, error) {
	// The length keeps what belongs to the source from what belongs to the id.
	return s.opt.Store.EventReference(ctx, fmt.Sprintf("%s\x00%s\x00%d\x00%s%s", what, crmID, len(source), source, id))
}
