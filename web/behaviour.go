package web

import (
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// tellsBehaviour reports whether an event tells what a customer bought, subscribes to or
// wants help with: by itself, or by a record of its CRM that is read for that.
func (s *Server) tellsBehaviour(event survey.Event) bool {
	if event.Object != nil {
		reader, ok := s.opt.Receivers[event.CRM].(crm.BehaviourReader)
		return ok && reader.ReadsBehaviour(event.Object.Type)
	}
	_, told, err := survey.BehaviourOf(event)
	return told && err == nil
}
