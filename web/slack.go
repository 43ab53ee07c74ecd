package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// takeClicks takes the buttons that people press in Slack. Whether the person
// may is for CaseWorkflow to find out: Slack waits three seconds for the answer.
func (s *Server) takeClicks(r *http.Request) (any, error) {
	if s.opt.SlackSigningSecret == "" {
		return nil, crm.Reject(http.StatusNotFound, "slack is not configured")
	}
	body, err := readBody(r, s.opt.MaxBody)
	if err != nil {
		return nil, err
	}
	if err := slack.VerifyRequest(s.opt.SlackSigningSecret, r.Header, body, s.opt.Now()); err != nil {
		return nil, crm.Reject(http.StatusUnauthorized, "%v", err)
	}
	interaction, err := slack.ParseInteraction(body)
	if err != nil {
		return nil, crm.Reject(http.StatusBadRequest, "%v", err)
	}
	items, err := s.clicksOf(interaction)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), clickTimeout)
	defer cancel()
	if err := s.keep(ctx, items); err != nil {
		return nil, err
	}
	s.opt.Notify(store.TopicClick)
	return nil, nil
}

// clicksOf makes inbox items of the presses of a case's buttons. Other actions are none of cxloop's, or of an older message.
func (s *Server) clicksOf(in slack.Interaction) ([]store.Item, error) {
	var items []store.Item
	for _, action := range in.Actions {
		do := survey.CaseAction(action.ActionID)
		if do != survey.ActionAcknowledge && do != survey.ActionResolve {
			s.opt.Log.Info("slack action ignored: not one of cxloop's", "action", clip(action.ActionID))
			continue
		}
		caseID, seen, ok := survey.ParseButton(action.Value)
		if !ok || !isID(caseID) || !isID(in.User) {
			return nil, crm.Reject(http.StatusBadRequest, "action %s names no case or no user", do)
		}
		click := survey.Click{
			ID:     strings.Join([]string{caseID, action.ActionID, in.User, action.TS}, "/"),
			CaseID: caseID, Action: do, User: in.User, Seen: seen, At: s.opt.Clock.Now(),
		}
		payload, err := json.Marshal(click)
		if err != nil {
			return nil, fmt.Errorf("write click: %w", err)
		}
		items = append(items, store.Item{
			Topic: store.TopicClick, Lane: click.CaseID, Source: "slack", Key: click.ID,
			Payload: payload, DueAt: click.At,
		})
	}
	return items, nil
}

// isID reports whether a text has the form of an id: letters, digits, - and _.
func isID(text string) bool {
	return text != "" && len(text) <= 128 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}
