package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// SlackForms is what the buttons that ask for more need of Slack. Its errors are
// *integrations.Error.
type SlackForms interface {
	// OpenView shows a modal to the user whose interaction a trigger is of.
	OpenView(ctx context.Context, trigger string, view slackgo.ModalViewRequest) (viewID string, err error)
	// User returns a member of the workspace, the zero User for one that is unknown.
	User(ctx context.Context, id string) (slack.User, error)
}

// takeInteractions takes what people do in Slack where it is posted to the server.
func (s *Server) takeInteractions(r *http.Request) (any, error) {
	if s.opt.SlackSigningSecret == "" {
		return nil, crm.Reject(http.StatusNotFound, "slack.signing_secret is not configured: nothing is taken from Slack here")
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
	return s.interact(r.Context(), interaction)
}

// TakeInteraction takes what somebody did in Slack where it comes over a socket, as the
// payload of an envelope. The envelope is acknowledged with the answer, nil for none,
// and not at all after an error: Slack tells the user that it did not work.
func (s *Server) TakeInteraction(ctx context.Context, payload []byte) (answer any, err error) {
	interaction, err := slack.ParsePayload(payload)
	if err != nil {
		return nil, err
	}
	return s.interact(ctx, interaction)
}

// interact keeps what asks for nothing more, and shows a form for the rest. Whether the
// person may do it is for CaseWorkflow to find out: Slack waits three seconds for the
// answer. What is none of cxloop's is acknowledged and left.
func (s *Server) interact(ctx context.Context, in slack.Interaction) (any, error) {
	if !isID(in.User) {
		return nil, crm.Reject(http.StatusBadRequest, "the interaction names no user")
	}
	ctx, cancel := context.WithTimeout(ctx, clickTimeout)
	defer cancel()
	if in.View != nil {
		return s.takeForm(ctx, in)
	}
	var clicks []survey.Click
	for _, action := range in.Actions {
		click, err := s.pressed(in.User, action)
		if err != nil {
			return nil, err
		}
		if form, asks := caseForms[click.Action]; asks { // no other action comes with it
			return nil, s.openForm(ctx, in.Trigger, click, form)
		}
		if click.Action != "" {
			clicks = append(clicks, click)
		}
	}
	return nil, s.keepClicks(ctx, clicks)
}

// pressed reads the press of a button. It is the zero Click where the button is none of
// cxloop's, or of an older message.
func (s *Server) pressed(user string, action slack.Action) (survey.Click, error) {
	do := survey.CaseAction(action.ActionID)
	if _, asks := caseForms[do]; !asks && do != survey.ActionAcknowledge && do != survey.ActionContacted {
		s.opt.Log.Info("slack action ignored: not one of cxloop's", "action", clip(action.ActionID))
		return survey.Click{}, nil
	}
	caseID, seen, ok := survey.ParseButton(action.Value)
	if !ok || !isID(caseID) {
		return survey.Click{}, crm.Reject(http.StatusBadRequest, "action %s names no case", do)
	}
	return survey.Click{
		ID:     strings.Join([]string{caseID, action.ActionID, user, action.TS}, "/"),
		CaseID: caseID, Action: do, User: user, Seen: seen, At: s.opt.Clock.Now(),
	}, nil
}

// keepClicks returns when clicks are durable. One that is kept already adds nothing.
func (s *Server) keepClicks(ctx context.Context, clicks []survey.Click) error {
	items := make([]store.Item, 0, len(clicks))
	for _, click := range clicks {
		payload, err := json.Marshal(click)
		if err != nil {
			return fmt.Errorf("write click: %w", err)
		}
		items = append(items, store.Item{
			Topic: store.TopicClick, Lane: click.CaseID, Source: "slack", Key: click.ID,
			Payload: payload, DueAt: click.At,
		})
	}
	if len(items) == 0 {
		return nil
	}
	if err := s.keep(ctx, items); err != nil {
		return err
	}
	s.opt.Notify(store.TopicClick)
	return nil
}

// isID reports whether a text has the form of an id: letters, digits, - and _.
func isID(text string) bool {
	return text != "" && len(text) <= 128 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}
