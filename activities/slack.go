package activities

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
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
	// FindMessage looks in a channel for a message posted since a moment of real time
	// whose metadata says what it is about, and returns its ts, "" for none.
	FindMessage(ctx context.Context, channelID string, since time.Time, eventType, field, value string) (ts string, err error)
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
	return s.Store.CaseShown(ctx, in.Case, detail.Case.Channel, detail.Case.MessageTS, detail.Case.Revision)
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

// How a post is looked up of which nobody knows whether it did its work.
const (
	// slackSettles is how long after a post was begun it is in the channel's history or
	// will never be: as long as the client waits for an answer, and ten seconds more.
	slackSettles = 20 * time.Second
	// slackLook is the pause before the first look.
	slackLook = time.Second
	// slackClocks is how far Slack's clock may be behind.
	slackClocks = time.Minute
)

// post posts a case's message once: what an earlier attempt left in doubt is looked up
// first, and posted again only where it is not there.
func (s *Slack) post(ctx context.Context, detail store.CaseDetail, message slack.Message) error {
	channel, now := s.Route(detail).Channel, s.Clock.Now()
	begun, err := s.Store.BeginEffects(ctx, slackVendor, channel, []string{store.CaseEffect(detail.Case.ID)}, now, s.Clock.Real(now))
	if err != nil {
		return err
	}
	if doubtful := slices.Concat(begun.Doubtful, begun.Unknown, begun.Done); len(doubtful) > 0 {
		// The account may have moved to another channel since.
		began, _, _ := strings.Cut(doubtful[0].Ref, "/")
		channel = cmp.Or(began, channel)
		again, err := s.lookUp(ctx, detail, channel, doubtful[0])
		if err != nil || !again {
			return err
		}
	}
	channel, ts, postErr := s.Client.Post(ctx, channel, message)
	// The outcome is kept even when the worker is told to stop meanwhile.
	ctx = context.WithoutCancel(ctx)
	if postErr == nil {
		return s.Store.CaseShown(ctx, detail.Case.ID, channel, ts, detail.Case.Revision)
	}
	if integrations.KindOf(postErr) == integrations.Ambiguous {
		return inDoubt("Slack may have posted the case: the channel is looked through", slackLook)
	}
	if err := s.Store.DropEffects(ctx, []string{store.CaseEffect(detail.Case.ID)}); err != nil {
		return err
	}
	return failure(postErr)
}

// lookUp finds out what became of an earlier post of a case. It reports whether to post
// it again: it is not in the channel's history when it would have to be.
func (s *Slack) lookUp(ctx context.Context, detail store.CaseDetail, channel string, post store.Effect) (again bool, err error) {
	now := s.Clock.Real(s.Clock.Now())
	ts, err := s.Client.FindMessage(ctx, channel, post.TriedAt.Add(-slackClocks), CaseEventType, caseEventField, detail.Case.ID)
	if err != nil {
		return false, readable(err)
	}
	if ts != "" {
		s.Log.Info("a case's message was found in the channel", "case", detail.Case.ID)
		// What it shows may be older than the case is now.
		const none = 0
		if err := s.Store.CaseShown(ctx, detail.Case.ID, channel, ts, none); err != nil {
			return false, err
		}
		return false, s.ShowCase(ctx, CaseRef{Case: detail.Case.ID})
	}
	if wait := post.TriedAt.Add(slackSettles).Sub(now); wait > 0 {
		return false, inDoubt("a case's message is not in the channel yet", wait)
	}
	again, err = s.Store.RetryEffect(ctx, post, now)
	if err == nil && !again {
		err = inDoubt("another attempt posts the case", slackSettles)
	}
	return again, err
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
