package web

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/twilio"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// maxNotice is the largest form of Twilio's in bytes.
const maxNotice = 64 << 10

// twiml is an answer to Twilio in its own language.
type twiml string

// noReply has Twilio do nothing more: it confirms to customers itself that they stopped.
const noReply twiml = `<?xml version="1.0" encoding="UTF-8"?><Response/>`

func (t twiml) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(w, string(t)) // the caller went away: nothing is left to do
}

// takeNotice takes what became of an SMS, and what customers reply.
func (s *Server) takeNotice(r *http.Request) (any, error) {
	if s.opt.TwilioAuthToken == "" {
		return nil, crm.Reject(http.StatusNotFound, "twilio is not configured")
	}
	body, err := readBody(r, maxNotice)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, crm.Reject(http.StatusBadRequest, "body is not a form")
	}
	if err := twilio.Verify(s.opt.TwilioAuthToken, r.Header, s.calledURL(r), form); err != nil {
		return nil, crm.Reject(http.StatusUnauthorized, "%v", err)
	}
	notice, err := twilio.ParseNotice(form)
	if err != nil {
		return nil, crm.Reject(http.StatusBadRequest, "%v", err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
	defer cancel()
	if notice.Status == "" {
		return noReply, s.takeReply(ctx, notice)
	}
	return noReply, s.takeStatus(ctx, notice, r.URL.Query())
}

// takeReply takes what a customer asks for by an SMS.
func (s *Server) takeReply(ctx context.Context, n twilio.Notice) error {
	if n.Asked == "" {
		return nil
	}
	return s.opt.Store.TakeNumberNews(ctx, store.NumberNews{Phone: n.Phone, What: n.Asked, Message: n.MessageSID, At: s.opt.Clock.Now()})
}

// takeStatus takes what became of an SMS, which the query of the callback names.
func (s *Server) takeStatus(ctx context.Context, n twilio.Notice, query url.Values) error {
	now := s.opt.Clock.Now()
	if twilio.NumberEventOf(n.Code) == survey.NumberStopped {
		// No message tells this one: its id would stand for the one that was sent.
		if err := s.opt.Store.TakeNumberNews(ctx, store.NumberNews{Phone: n.Phone, What: survey.NumberStopped, At: now}); err != nil {
			return err
		}
	}
	kind, id := query.Get("kind"), query.Get("id")
	if _, _, ok := store.ParseMailEffect(store.MailEffect(kind, id)); !ok || !isID(id) {
		return nil // of a message that is none of cxloop's
	}
	event := store.MailEvent{Kind: kind, ID: id, Phone: n.Phone, Ref: n.MessageSID, At: now}
	events := []store.MailEvent{event} // whatever it is, it proves the message
	if event.What = n.Told(); event.What != "" {
		events = append(events, event)
	}
	taken, err := s.opt.Store.TakeMailEvents(ctx, store.MailEventsRequest{Events: events, Now: now, Guard: s.opt.Guard})
	if err != nil {
		return err
	}
	s.logTaken(ctx, taken)
	return nil
}
