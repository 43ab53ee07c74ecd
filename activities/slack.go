package activities

import (
	"context"
	"log/slog"
	"time"

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
	// FindMessage looks in a channel for a message posted since a moment of real time
	// whose metadata says what it is about, and returns its ts, "" for none.
	FindMessage(ctx context.Context, channelID string, since time.Time, eventType, field, value string) (ts string, err error)
	// FindReply is FindMessage in a thread.
	FindReply(ctx context.Context, channelID, threadTS string, since time.Time, eventType, field, value string) (ts string, err error)
	// OpenDM returns the id of the channel of a user's direct messages.
	OpenDM(ctx context.Context, user string) (channelID string, err error)
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
	// Route says where a case goes.
	Route func(store.CaseDetail) survey.CaseRoute
	Log   *slog.Logger
}

// ShowCase makes a case's message show its present revision: it posts it once and
// updates it from then on.
func (s *Slack) ShowCase(ctx context.Context, in CaseRef) error {
	detail, err := s.Store.Case(ctx, in.Case)
	if err != nil {
		return err
	}
	if err := s.show(ctx, detail); err != nil {
		return err
	}
	if detail.Case.Former.TS == "" {
		return nil
	}
	if detail, err = s.Store.Case(ctx, in.Case); err != nil {
		return err
	}
	return s.leaveFormer(ctx, detail)
}

func (s *Slack) show(ctx context.Context, detail store.CaseDetail) error {
	if detail.Case.Shown >= detail.Case.Revision {
		return nil
	}
	program, err := s.Programs.Get(ctx, detail.Case.Program, detail.Case.Version)
	if err != nil {
		return err
	}
	programs, err := s.answered(ctx, detail.Responses)
	if err != nil {
		return err
	}
	message := caseMessage(program, programs, detail, s.Clock)
	if detail.Case.MessageTS == "" {
		return s.post(ctx, detail, message)
	}
	if err := s.Client.Update(ctx, detail.Case.Channel, detail.Case.MessageTS, message); err != nil {
		return repeatable(err)
	}
	return s.Store.CaseShown(ctx, detail.Case.ID, detail.Case.Channel, detail.Case.MessageTS, detail.Case.Revision)
}

// answered returns the programs of responses that answer questions, by version.
func (s *Slack) answered(ctx context.Context, responses []survey.Response) (map[string]survey.Program, error) {
	programs := map[string]survey.Program{}
	for _, r := range responses {
		if len(r.Answers) == 0 {
			continue
		}
		program, err := s.Programs.Get(ctx, r.Program, r.Version)
		if err != nil {
			return nil, err
		}
		programs[r.Version] = program
	}
	return programs, nil
}

// post posts a case's message once.
func (s *Slack) post(ctx context.Context, detail store.CaseDetail, message slack.Message) error {
	channel, err := s.where(ctx, detail)
	if err != nil {
		return err
	}
	posted, err := s.postOnce(ctx, messageEffect(detail.Case), place{channel: channel}, message)
	if err != nil {
		return err
	}
	// The outcome is kept even when the worker is told to stop meanwhile.
	ctx = context.WithoutCancel(ctx)
	if posted.now {
		return s.Store.CaseShown(ctx, detail.Case.ID, posted.channel, posted.ts, detail.Case.Revision)
	}
	// What it shows may be older than the case is now.
	const none = 0
	if err := s.Store.CaseShown(ctx, detail.Case.ID, posted.channel, posted.ts, none); err != nil {
		return err
	}
	return s.ShowCase(ctx, CaseRef{Case: detail.Case.ID})
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
