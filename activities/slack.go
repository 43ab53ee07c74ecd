package activities

import (
	"context"
	"log/slog"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const slackVendor = "slack"

// SlackClient is what cases need of Slack. Its errors are *integrations.Error.
type SlackClient interface {
	// Post posts a message and returns the channel's id and the message's ts.
	Post(ctx context.Context, channel string, m slack.Message) (channelID, ts string, err error)
	Update(ctx context.Context, channel, ts string, m slack.Message) error
	// Ephemeral shows a text to one user alone.
	Ephemeral(ctx context.Context, channel, user, text string) error
	// UserActive reports whether a user is a living member of the workspace.
	UserActive(ctx context.Context, id string) (bool, error)
}

// Slack shows cases to account teams. Its activities run on Slack's queue.
type Slack struct {
	Store    store.Store
	Programs *Programs
	Clock    survey.Clock
	Client   SlackClient
	// Channel says where the cases of an account go.
	Channel func(survey.Account) string
	Log     *slog.Logger
}

// ShowCase makes a case's message show its present revision: it posts it once and
// updates it from then on.
func (s *Slack) ShowCase(ctx context.Context, in CaseRef) error {
	detail, err := s.Store.Case(ctx, in.Case)
	if err != nil {
		return err
	}
	if detail.Case.Shown >= detail.Case.Revision {
		return nil
	}
	program, err := s.Programs.Get(ctx, detail.Case.Program, detail.Case.Version)
	if err != nil {
		return err
	}
	message := caseMessage(program, detail, s.Clock)
	if detail.Case.MessageTS == "" {
		return s.post(ctx, detail, message)
	}
	if err := s.Client.Update(ctx, detail.Case.Channel, detail.Case.MessageTS, message); err != nil {
		return repeatable(err)
	}
	return s.Store.CaseShown(ctx, in.Case, detail.Case.Channel, detail.Case.MessageTS, detail.Case.Revision)
}

func (s *Slack) post(ctx context.Context, detail store.CaseDetail, message slack.Message) error {
	effect := []string{"slack/case/" + detail.Case.ID}
	act, unknown, err := s.Store.BeginEffects(ctx, slackVendor, effect, s.Clock.Now())
	if err != nil {
		return err
	}
	logUnknown(s.Log, slackVendor, unknown)
	if len(act) == 0 {
		return nil
	}
	channel, ts, postErr := s.Client.Post(ctx, s.Channel(detail.Account), message)
	// The outcome is kept even when the worker is told to stop meanwhile.
	ctx = context.WithoutCancel(ctx)
	if postErr == nil {
		// Shown before done: an effect that is done is one whose message can be found.
		if err := s.Store.CaseShown(ctx, detail.Case.ID, channel, ts, detail.Case.Revision); err != nil {
			return err
		}
		return s.Store.EndEffects(ctx, effect, store.EffectDone, channel+"/"+ts, s.Clock.Now())
	}
	if integrations.KindOf(postErr) == integrations.Ambiguous {
		logUnknown(s.Log, slackVendor, effect)
		return s.Store.EndEffects(ctx, effect, store.EffectUnknown, "", s.Clock.Now())
	}
	if err := s.Store.DropEffects(ctx, effect); err != nil {
		return err
	}
	return failure(postErr)
}

// UsersInput names Slack users.
type UsersInput struct{ Users []string }

// LookUpUsers asks Slack who may act and keeps what it says.
func (s *Slack) LookUpUsers(ctx context.Context, in UsersInput) error {
	found := make(map[string]bool, len(in.Users))
	for _, id := range in.Users {
		active, err := s.Client.UserActive(ctx, id)
		if err != nil && !refused(err) {
			return repeatable(err)
		}
		found[id] = active && err == nil
	}
	return s.Store.SaveSlackUsers(ctx, found, time.Now())
}

// RefuseInput is a click on a case that changed nothing.
type RefuseInput struct {
	Case string
	RefusedClick
}

// RefuseClick tells the one who clicked, and nobody else, why nothing changed.
func (s *Slack) RefuseClick(ctx context.Context, in RefuseInput) error {
	detail, err := s.Store.Case(ctx, in.Case)
	if err != nil || detail.Case.Channel == "" {
		return err
	}
	err = s.Client.Ephemeral(ctx, detail.Case.Channel, in.User, "Nothing was changed: "+in.Reason+".")
	if err != nil {
		return failure(err)
	}
	return nil
}
