package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/webhook"
)

// takeEvents takes CloudEvents from any system that holds an API token or the
// signing secret. ?crm= names the CRM that the events' contacts belong to; it
// can be left out where one CRM alone is configured.
func (s *Server) takeEvents(r *http.Request) (any, error) {
	body, err := readBody(r, s.opt.MaxBody)
	if err != nil {
		return nil, err
	}
	now := s.opt.Now()
	if err := s.authorize(r.Header, body, now); err != nil {
		return nil, err
	}
	crmID, err := s.crmOf(r)
	if err != nil {
		return nil, err
	}
	events, err := webhook.ParseEvents(body, crmID, now)
	if err != nil {
		return nil, err
	}
	return s.keepEvents(r.Context(), events)
}

func (s *Server) crmOf(r *http.Request) (string, error) {
	known := s.crmIDs()
	id := r.URL.Query().Get("crm")
	switch {
	case id == "" && len(known) == 1:
		return known[0], nil
	case id == "":
		return "", crm.Reject(http.StatusBadRequest, "crm is missing from the query: want one of %s", strings.Join(known, ", "))
	case s.opt.Receivers[id] == nil:
		return "", crm.Reject(http.StatusBadRequest, "crm %q is not configured: want one of %s", clip(id), strings.Join(known, ", "))
	}
	return id, nil
}

// authorize takes an API token or a signature over the body.
func (s *Server) authorize(header http.Header, body []byte, now time.Time) error {
	if s.holdsAPIToken(header) {
		return nil
	}
	if header.Get("Authorization") != "" {
		return crm.Reject(http.StatusUnauthorized, "the API token is not valid: want Authorization: Bearer TOKEN")
	}
	if s.opt.VerifyEvents == nil {
		return crm.Reject(http.StatusUnauthorized, "an API token is missing: want Authorization: Bearer TOKEN")
	}
	if header.Get("webhook-signature") == "" {
		return crm.Reject(http.StatusUnauthorized, "an API token or a signature is missing: want Authorization: Bearer TOKEN, or Standard Webhooks headers")
	}
	if err := s.opt.VerifyEvents(header, body, now); err != nil {
		return crm.Reject(http.StatusUnauthorized, "%v", err)
	}
	return nil
}

func (s *Server) holdsAPIToken(header http.Header) bool {
	token, ok := strings.CutPrefix(header.Get("Authorization"), "Bearer ")
	return ok && s.isAPIToken(token)
}

func (s *Server) isAPIToken(token string) bool {
	got, found := sha256.Sum256([]byte(token)), 0
	for _, t := range s.opt.APITokens {
		want := sha256.Sum256([]byte(t))
		found |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return found == 1
}

// clip shortens what a sender wrote, to quote it.
func clip(text string) string {
	const runes = 40
	if r := []rune(text); len(r) > runes {
		return string(r[:runes]) + "…"
	}
	return text
}
