package web

import (
	"context"
	"net/http"

	"github.com/cxloop/cxloop/integrations/webhook"
)

// takenFeedback is the answer to comments that were taken.
type takenFeedback struct {
	Received int            `json:"received"`
	Feedback []takenComment `json:"feedback"`
}

// takenComment is one of them, as it is now.
type takenComment struct {
	Source   string `json:"source"`
	ID       string `json:"id"`
	Feedback string `json:"feedback"`
	// Revision counts the changes, from 1.
	Revision int `json:"revision"`
}

// takeFeedback takes comments that nobody asked for. Nothing of a body with a mistake is
// taken; what is sent again changes nothing.
func (s *Server) takeFeedback(r *http.Request) (any, error) {
	body, crmID, err := s.called(r)
	if err != nil {
		return nil, err
	}
	all, err := webhook.ParseFeedback(body, crmID, s.opt.Now())
	if err != nil {
		return nil, err
	}
	out := takenFeedback{Received: len(all)}
	for _, one := range all {
		taken, err := s.takeComment(r.Context(), one)
		if err != nil {
			return nil, err
		}
		out.Feedback = append(out.Feedback, taken)
	}
	return out, nil
}

func (s *Server) takeComment(ctx context.Context, in webhook.Feedback) (takenComment, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	f := in.Feedback
	var err error
	if f.ID, err = s.reference(ctx, "feedback", in.Event.CRM, f.Source, f.SourceID); err != nil {
		return takenComment{}, err
	}
	f.At = s.opt.Clock.Scaled(f.At)
	if contact, _ := in.Event.People(); contact != nil {
		f.ContactKey, f.AccountKey = contact.Key, contact.AccountKey
		if err := s.opt.Inviter.KeepPeople(ctx, in.Event); err != nil {
			return takenComment{}, err
		}
	}
	f.Reading = s.opt.Reader(ctx)(f.Text, f.Language)
	kept, err := s.opt.Store.SaveFeedback(ctx, f)
	if err != nil {
		return takenComment{}, err
	}
	return takenComment{in.Source, in.SourceID, kept.ID, kept.Revision}, nil
}
