package web

import (
	"cmp"
	"context"
	"net/http"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/store"
)

// maxMailEvents is the largest delivery of SendGrid's events in bytes: it gathers them
// up to 768 KB.
const maxMailEvents = 1 << 20

// takeMailEvents takes what became of mails. Any event of a mail proves that the call
// that sent it did its work.
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
	proved, err := s.opt.Store.ProveEffects(ctx, sentMails(events), s.opt.Clock.Now())
	if err != nil {
		return nil, err
	}
	if proved > 0 {
		s.log(r.Context()).Info("mails in doubt were sent", "mails", proved)
	}
	return mailEventsTaken{Received: len(events), Proved: proved}, nil
}

// mailEventsTaken is the answer to events of mails.
type mailEventsTaken struct {
	// Received is how many different events the request held.
	Received int `json:"received"`
	// Proved is how many mails were in doubt until now.
	Proved int `json:"proved"`
}

// sentMails are the effects of cxloop's own mails that events tell of, with SendGrid's
// ids.
func sentMails(events []sendgrid.Event) map[string]string {
	refs := make(map[string]string, len(events))
	for _, e := range events {
		key := store.MailEffect(e.Kind, e.ItemID)
		if _, _, ok := store.ParseMailEffect(key); ok && isID(e.ItemID) {
			refs[key] = cmp.Or(refs[key], e.MessageID)
		}
	}
	return refs
}
