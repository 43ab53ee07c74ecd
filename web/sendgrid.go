package web

import (
	"context"
	"net/http"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/store"
)

// maxMailEvents is the largest delivery of SendGrid's events in bytes: it gathers them
// up to 768 KB.
const maxMailEvents = 1 << 20

// takeMailEvents takes what became of mails: store.Delivery says what follows.
func (s *Server) takeMailEvents(r *http.Request) (any, error) {
	if s.opt.MailEvents == nil {
		return nil, crm.Reject(http.StatusNotFound, "sendgrid's events are not configured")
	}
	body, err := readBody(r, maxMailEvents)
	if err != nil {
		return nil, err
	}
	if err := s.opt.MailEvents.Verify(r.Header, body, s.opt.Now()); err != nil {
		return nil, crm.Reject(http.StatusUnauthorized, "%v", err)
	}
	events, err := sendgrid.ParseEvents(body)
	if err != nil {
		return nil, crm.Reject(http.StatusBadRequest, "%v", err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
	defer cancel()
	taken, err := s.opt.Store.TakeMailEvents(ctx, store.MailEventsRequest{
		Events: s.mailEvents(events), Now: s.opt.Clock.Now(), Guard: s.opt.Guard,
	})
	if err != nil {
		return nil, err
	}
	s.logTaken(r.Context(), taken)
	return mailEventsTaken{Received: len(events), Proved: taken.Proved}, nil
}

// logTaken tells operators what events led to.
func (s *Server) logTaken(ctx context.Context, taken store.MailEventsTaken) {
	if taken.Proved > 0 {
		s.log(ctx).Info("mails in doubt were sent", "mails", taken.Proved)
	}
	for _, p := range taken.Paused {
		s.log(ctx).Error(store.PausedItself, "program", p.Program, "why", p.Why, "events", p.Events, "mails", p.Mails)
	}
}

// mailEventsTaken is the answer to events of mails.
type mailEventsTaken struct {
	// Received is how many different events the request held.
	Received int `json:"received"`
	// Proved is how many mails were in doubt until now.
	Proved int `json:"proved"`
}

// mailEvents are what events tell of cxloop's own mails.
func (s *Server) mailEvents(events []sendgrid.Event) []store.MailEvent {
	var out []store.MailEvent
	for _, e := range events {
		if _, _, ok := store.ParseMailEffect(store.MailEffect(e.Kind, e.ItemID)); !ok || !isID(e.ItemID) {
			continue
		}
		one := store.MailEvent{Kind: e.Kind, ID: e.ItemID, Address: e.Email, Ref: e.MessageID, At: s.opt.Clock.Now()}
		if e.Timestamp > 0 {
			one.At = s.opt.Clock.Scaled(time.Unix(e.Timestamp, 0))
		}
		out = append(out, one) // whatever it is, it proves the mail
		for _, what := range e.Told() {
			one.What = what
			out = append(out, one)
		}
	}
	return out
}
