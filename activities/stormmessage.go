package activities

import (
	"context"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
)

// stormEventType marks the digests of storms, stormField is the storm's id in the
// metadata's payload.
const (
	stormEventType = "cxloop_storm"
	stormField     = "storm"
)

// digest is what a channel sees of a storm, in the language in which it reads the worst of
// the cases.
func (s *Slack) digest(ctx context.Context, storm store.Storm) (slack.Message, error) {
	language := s.Route(store.CaseDetail{}).Language
	var worst []casetext.Case
	for i, id := range storm.Worst {
		detail, err := s.Store.Case(ctx, id)
		if err != nil {
			return slack.Message{}, err
		}
		route := s.Route(detail)
		told, err := s.reader().Read(ctx, detail, route)
		if err != nil {
			return slack.Message{}, err
		}
		if i == 0 {
			language = route.Language
		}
		worst = append(worst, told)
	}
	words := casetext.Writer{Words: casetext.For(language), Ink: slackInk(s.Clock)}
	return digestMessage(words.Digest(storm, worst), storm.ID), nil
}

func digestMessage(d casetext.Digest, storm string) slack.Message {
	heading := "*" + d.Heading + "*"
	if len(d.Worst) == 0 {
		heading = d.Heading
	}
	title := clipRunes(d.Title, maxHeader)
	return slack.Message{
		Text: escape(title),
		Blocks: []slackgo.Block{
			slackgo.NewHeaderBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, title, true, false)),
			slackgo.NewContextBlock("", mrkdwn(d.Intro)),
			slackgo.NewSectionBlock(mrkdwn("*"+d.Counts+"*"), nil, nil),
			slackgo.NewSectionBlock(mrkdwn(list(heading, d.Worst)), nil, nil),
		},
		Metadata: slackgo.SlackMetadata{EventType: stormEventType, EventPayload: map[string]any{stormField: storm}},
	}
}

// list is a heading with as many lines as a section takes.
func list(heading string, lines []string) string {
	text := heading
	for _, line := range lines {
		line = "\n• " + line
		if utf8.RuneCountInString(text)+utf8.RuneCountInString(line) > maxSection {
			break
		}
		text += line
	}
	return text
}
