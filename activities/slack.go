package activities

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cxloop/cxloop/casetext"
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
	// FindReply is FindMessage in the thread of a message.
	FindReply(ctx context.Context, channelID, threadTS string, since time.Time, eventType, field, value string) (ts string, err error)
	// OpenDM returns the id of the channel of a user's direct messages.
	OpenDM(ctx context.Context, user string) (channelID string, err error)
	// Permalink is the address of a message.
	Permalink(ctx context.Context, channelID, ts string) (string, error)
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
	// Facts name what is shown of accounts and contacts, and Links lead to more.
	Facts survey.CaseFacts
	Links CaseLinks
	// SLA is what is promised for cases.
	SLA survey.SLA
	Log *slog.Logger
}

// ShowCase makes Slack show a case's present revision: it posts the case's message once
// and updates it from then on, and tells in its thread what happened since.
func (s *Slack) ShowCase(ctx context.Context, in CaseRef) error {
	detail, err := s.Store.Case(ctx, in.Case)
	if err != nil {
		return err
	}
	if detail.Storm != "" && detail.Case.MessageTS == "" {
		return nil // see TellStorm
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
	if detail.Case.MessageTS == "" { // what may be seen depends on who reads there
		var err error
		if detail.Case.Channel, err = s.where(ctx, detail); err != nil {
			return err
		}
	}
	route := s.Route(detail)
	told, err := s.reader().Read(ctx, detail, route)
	if err != nil {
		return err
	}
	words := casetext.Writer{Words: casetext.For(route.Language), Ink: slackInk(s.Clock)}
	at, err := s.showMessage(ctx, detail, caseMessage(words, told, s.Links))
	if errors.Is(err, errMessageGone) {
		return s.showAnew(ctx, detail)
	}
	if err != nil {
		return err
	}
	if err := s.tellStory(ctx, storyOf{words, told, route, at}); err != nil {
		return err
	}
	// Only now: what was not told is tried again for as long as the case is not shown.
	return s.Store.CaseShown(context.WithoutCancel(ctx), detail.Case.ID, at.channel, at.thread, detail.Case.Revision)
}

func (s *Slack) reader() casetext.Reader {
	return casetext.Reader{Scores: s.Store, Program: s.Programs.Get, Facts: s.Facts, SLA: s.SLA, Clock: s.Clock}
}

// showMessage posts a case's message, or updates it, and returns where it is.
func (s *Slack) showMessage(ctx context.Context, detail store.CaseDetail, message slack.Message) (place, error) {
	c := detail.Case
	if c.MessageTS == "" {
		posted, err := s.postOnce(ctx, messageEffect(c), place{channel: c.Channel, thread: detail.Thread}, message)
		if err != nil {
			return place{}, err
		}
		c.Channel, c.MessageTS = posted.channel, posted.ts
		// The outcome is kept even when the worker is told to stop meanwhile. The thread is not
		// told yet, and what was found may be older than the case is now.
		const none = 0
		if err := s.Store.CaseShown(context.WithoutCancel(ctx), c.ID, posted.channel, posted.ts, none); err != nil {
			return place{}, err
		}
		if posted.now {
			return place{channel: posted.channel, thread: posted.ts}, nil
		}
	}
	err := s.Client.Update(ctx, c.Channel, c.MessageTS, message)
	if integrations.CodeOf(err) == slack.CodeMessageGone {
		return place{}, errMessageGone
	}
	if err != nil {
		return place{}, repeatable(err)
	}
	return place{channel: c.Channel, thread: c.MessageTS}, nil
}

var errMessageGone = errors.New("somebody deleted the case's message")

// showAnew posts the message of a case again whose message somebody deleted: what its
// clocks tell must be read. Of a case that has ended nothing more is to be read.
func (s *Slack) showAnew(ctx context.Context, detail store.CaseDetail) error {
	c := detail.Case
	s.Log.Warn("somebody deleted the message of a case", "case", c.ID, "ended", c.State.Ended())
	if c.State.Ended() {
		return s.Store.CaseShown(ctx, c.ID, c.Channel, c.MessageTS, c.Revision)
	}
	gone := survey.CaseMessage{Channel: c.Channel, TS: c.MessageTS}
	_, err := s.Store.AdvanceCase(ctx, c.ID, s.Clock.Now(), func(c *survey.Case, _ []survey.Click) store.Advance {
		c.LoseMessage(gone)
		return store.Advance{}
	})
	if err != nil {
		return err
	}
	if detail, err = s.Store.Case(ctx, c.ID); err != nil {
		return err
	}
	return s.show(ctx, detail)
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
	words := casetext.For(s.Route(detail).Language)
	err = s.Client.Ephemeral(ctx, detail.Case.Channel, in.User, words.NothingChanged(in.Code, in.Reason, detail.Case.State))
	if err != nil {
		return failure(err)
	}
	return nil
}
