package activities

import (
	"cmp"
	"context"
	"strconv"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// movedEventType marks messages that say where a case has gone.
const movedEventType = "cxloop_case_moved"

// following has a case follow the owner of its account. Of an owner who was never looked
// up nothing is concluded.
func following(team survey.CaseTeam) func(c *survey.Case) (changed bool) {
	owner := team.Owner
	if owner.ID != "" && owner.At.IsZero() {
		return func(*survey.Case) bool { return false }
	}
	place := team.Route.Place(owner)
	return func(c *survey.Case) bool { return c.Follow(owner.ID, place) }
}

// owned reads a case with the present owner of its account.
func (a *Cases) owned(ctx context.Context, id string) (store.CaseDetail, error) {
	detail, err := a.Store.Case(ctx, id)
	if err != nil {
		return detail, err
	}
	detail.Owner = survey.Owner{}
	if id := a.OwnerOf(detail.Account); id != "" {
		detail.Owner, err = a.Store.Owner(ctx, detail.Case.CRM, id)
	}
	return detail, err
}

// storm finds the storm that a case belongs to, "" for none.
func (a *Cases) storm(ctx context.Context, detail store.CaseDetail, c survey.Case, route survey.CaseRoute) (string, error) {
	channel := cmp.Or(c.Place, route.Channel)
	posted, over := c.MessageTS != "", c.State.Ended()
	if posted || over || a.Storm.After == 0 || survey.DirectMessages(channel) {
		return detail.Storm, nil
	}
	weight, err := a.weight(ctx, detail)
	if err != nil {
		return "", err
	}
	return a.Store.PlaceCase(ctx, store.PlaceCaseRequest{
		Case: c.ID, Channel: channel, At: a.Clock.Now(), Weight: weight, Rule: a.Storm, NewID: a.NewID,
	})
}

// weight says how bad a case is beside others.
func (a *Cases) weight(ctx context.Context, d store.CaseDetail) (int64, error) {
	worst := 0.0
	for _, r := range d.Responses {
		program, err := a.Programs.Get(ctx, r.Program, r.Version)
		if err != nil {
			return 0, err
		}
		if r.State != survey.Withdrawn {
			worst = max(worst, program.Badness(r))
		}
	}
	worth, err := strconv.ParseFloat(a.Facts.Value(a.Facts.Worth, d.Account, d.Contact), 64)
	if err != nil {
		worth = 0 // nobody says what they are worth
	}
	return survey.CaseWeight(d.Case.Priority, worth, worst), nil
}

// where returns the channel that a case is posted in.
func (s *Slack) where(ctx context.Context, detail store.CaseDetail) (string, error) {
	route := s.Route(detail)
	to := cmp.Or(detail.Case.Place, route.Channel)
	if !survey.DirectMessages(to) {
		return to, nil
	}
	channel, err := s.Client.OpenDM(ctx, to)
	if refused(err) {
		s.Log.Warn("the owner of an account takes no messages: the case goes to the channel", "case", detail.Case.ID, "error", err)
		return route.Channel, nil
	}
	if err != nil {
		return "", readable(err)
	}
	return channel, nil
}

// messageEffect is the key of the post of a case's present message.
func messageEffect(c survey.Case) string {
	if c.Moves == 0 {
		return store.CaseEffect(c.ID)
	}
	return store.MovedCaseEffect(c.ID, c.Moves)
}

// leaveFormer has the message that a case had before say where it has gone.
func (s *Slack) leaveFormer(ctx context.Context, detail store.CaseDetail) error {
	former := detail.Case.Former
	if former.TS == "" || detail.Case.MessageTS == "" {
		return nil
	}
	to := "<#" + detail.Case.Channel + ">"
	if survey.DirectMessages(detail.Case.Place) {
		to = "<@" + detail.Case.Place + ">"
	}
	text := casetext.Writer{Words: casetext.For(s.Route(detail).Language)}.MovedTo(to)
	err := s.Client.Update(ctx, former.Channel, former.TS, slack.Message{
		Text: text, Blocks: []slackgo.Block{slackgo.NewSectionBlock(mrkdwn(text), nil, nil)},
		Metadata: slackgo.SlackMetadata{EventType: movedEventType, EventPayload: map[string]any{caseEventField: detail.Case.ID}},
	})
	if err != nil && !refused(err) { // it may be gone
		return repeatable(err)
	}
	_, err = s.Store.AdvanceCase(ctx, detail.Case.ID, s.Clock.Now(), func(c *survey.Case, _ []survey.Click) store.Advance {
		if c.Former == former {
			c.Former = survey.CaseMessage{}
		}
		return store.Advance{}
	})
	return err
}
