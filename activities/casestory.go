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

// What marks the replies in the threads of cases, and what is posted elsewhere of them.
const (
	storyEventType      = "cxloop_story"
	escalationEventType = "cxloop_escalation"
	// effectField is the effect's key in the metadata's payload.
	effectField = "effect"
)

// maxTold is how many events one reply tells at most, and maxSaid how much of what somebody
// wrote, in characters.
const (
	maxTold = 20
	maxSaid = 1000
)

// storyOf is what happened to a case, as it is told where its message is.
type storyOf struct {
	casetext.Writer
	told  casetext.Case
	route survey.CaseRoute
	at    place // the thread
}

// tellStory replies in a case's thread with what happened since the last reply, in order,
// and tells other channels what is for them.
func (s *Slack) tellStory(ctx context.Context, story storyOf) error {
	for {
		events := story.untold()
		if len(events) == 0 {
			return nil
		}
		for _, e := range events {
			if err := s.escalate(ctx, story, e); err != nil {
				return err
			}
		}
		var err error
		if story.told.Case.Told, err = s.reply(ctx, story, events); err != nil {
			return err
		}
	}
}

// untold are the next events that the thread does not know, as many as one reply tells.
func (s storyOf) untold() []store.CaseEvent {
	for i, e := range s.told.History {
		if e.ID > s.told.Case.Told {
			return s.told.History[i:min(i+maxTold, len(s.told.History))]
		}
	}
	return nil
}

// reply tells events in one reply, and returns the last that the thread knows then: an
// earlier attempt may have told fewer. Events of which there is nothing to tell are noted,
// and all of a case that is one of many in a thread: its message says how it stands.
func (s *Slack) reply(ctx context.Context, story storyOf, events []store.CaseEvent) (told int64, err error) {
	id, first, last := story.told.Case.ID, events[0].ID, events[len(events)-1].ID
	effect := store.StoryEffect(id, story.told.Case.Moves, first)
	if len(story.lines(last)) == 0 || story.told.Thread != "" {
		return last, s.Store.StoryTold(context.WithoutCancel(ctx), id, last)
	}
	to := story.at
	to.note = strconv.FormatInt(last, 10)
	posted, err := s.postNoted(ctx, effect, to, func(until string) slack.Message { return story.message(effect, eventID(until, last)) })
	if err != nil {
		return 0, err
	}
	told = eventID(posted.note, last)
	return told, s.Store.StoryTold(context.WithoutCancel(ctx), id, told)
}

// eventID reads what is kept of a reply with its effect: the last event that it tells.
func eventID(text string, otherwise int64) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return otherwise
	}
	return id
}

// lines are the events that are not told yet, until one of them, in words. The case's
// first message shows the answers that were there when it was posted.
func (s storyOf) lines(until int64) []casetext.Line {
	var lines []casetext.Line
	for _, e := range s.told.History {
		inMessage := s.told.Case.Told == 0 && casetext.Answered(e)
		if e.ID <= s.told.Case.Told || e.ID > until || inMessage {
			continue
		}
		line, ok := s.Tell(s.told, e)
		if !ok {
			continue
		}
		if user := s.concerned(e); user != "" {
			line.Text = s.User(user) + " " + line.Text
		}
		lines = append(lines, line)
	}
	return lines
}

func (s storyOf) message(effect string, until int64) slack.Message {
	m := slack.Message{Metadata: slackgo.SlackMetadata{EventType: storyEventType, EventPayload: map[string]any{effectField: effect}}}
	for i, line := range s.lines(until) {
		if i == 0 {
			m.Text = line.Text
		}
		m.Blocks = append(m.Blocks, slackgo.NewSectionBlock(mrkdwn(line.Text), nil, nil))
		if line.Said != "" {
			m.Blocks = append(m.Blocks, slackgo.NewSectionBlock(mrkdwn(quote(line.Said, maxSaid)), nil, nil))
		}
	}
	return m
}

// concerned is the Slack user whose turn it is by a warning or an escalation, "" for
// nobody: who has the case, else the account's owner; at the second stage the manager.
func (s storyOf) concerned(e store.CaseEvent) string {
	if e.What != eventWarned && e.What != eventEscalated {
		return ""
	}
	switch stageOf(e) {
	case survey.StageManager:
		return s.route.Manager
	case survey.StageChannel, survey.StageTask:
		return ""
	}
	return cmp.Or(s.told.Case.Assignee, s.told.Case.AckedBy, s.told.Owner.User)
}

// stageOf is who hears of an escalation, 0 of another event.
func stageOf(e store.CaseEvent) survey.EscalationStage {
	stage, err := strconv.Atoi(e.Target)
	if e.What != eventEscalated || err != nil {
		return 0
	}
	return survey.EscalationStage(stage)
}

// escalate tells others than the thread of an event, once: without names, because others
// may read there than where the case is.
func (s *Slack) escalate(ctx context.Context, story storyOf, e store.CaseEvent) error {
	to, err := s.elsewhere(ctx, story, e)
	if err != nil || to == "" {
		return err
	}
	var address string
	if !survey.DirectMessages(story.told.Case.Place) { // which nobody else can open
		if address, err = s.Client.Permalink(ctx, story.at.channel, story.at.thread); err != nil {
			return repeatable(err)
		}
	}
	effect := store.EscalationEffect(story.told.Case.ID, e.ID)
	_, err = s.postOnce(ctx, effect, place{channel: to}, story.escalation(effect, address, e))
	return err
}

// elsewhere is the channel besides the thread that hears of an event, "" for none: the one
// for escalations, or the manager's messages where the thread is in those of the owner.
func (s *Slack) elsewhere(ctx context.Context, story storyOf, e store.CaseEvent) (channel string, err error) {
	switch stage := stageOf(e); {
	case stage == survey.StageChannel:
		return story.route.Escalation, nil
	case stage != survey.StageManager || story.route.Manager == "" || !survey.DirectMessages(story.told.Case.Place):
		return "", nil
	}
	channel, err = s.Client.OpenDM(ctx, story.route.Manager)
	if refused(err) {
		s.Log.Warn("a manager takes no messages: only the thread hears of an escalation", "case", story.told.Case.ID, "error", err)
		return "", nil
	}
	if err != nil {
		return "", readable(err)
	}
	return channel, nil
}

func (s storyOf) escalation(effect, address string, e store.CaseEvent) slack.Message {
	c := casetext.WithoutNames(s.told)
	text := s.Escalated(c)
	m := slack.Message{
		Text:     text,
		Blocks:   []slackgo.Block{slackgo.NewSectionBlock(mrkdwn("*"+text+"*"), nil, nil)},
		Metadata: slackgo.SlackMetadata{EventType: escalationEventType, EventPayload: map[string]any{effectField: effect}},
	}
	if line, ok := s.Tell(c, e); ok {
		m.Blocks = append(m.Blocks, slackgo.NewSectionBlock(mrkdwn(line.Text), nil, nil))
	}
	m.Blocks = append(m.Blocks, sheetBlocks(s.Sheet(c))...)
	if address != "" {
		m.Blocks = append(m.Blocks, slackgo.NewContextBlock("", mrkdwn(link(address, s.ToCase))))
	}
	return m
}
