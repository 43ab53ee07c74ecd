package activities

import (
	"context"
	"strconv"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/assist"
	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Themes tells account teams what made customers unhappy.
type Themes struct {
	Slack *Slack
	// Channel is where, and Language of what is told.
	Channel, Language string
	// OwnerOf is the Slack user id of who has a cause, or "".
	OwnerOf func(cause string) string
	// Topics are the names of topics of comments, by id.
	Topics map[string]survey.Words
	// Assistant sums up what customers wrote; nil where no language model is configured.
	Assistant *assist.Assistant
}

// ThemesWeek is the week that ends at a moment, in scaled time.
type ThemesWeek struct{ Until time.Time }

// BeginThemes says which week is told of.
func (a *Themes) BeginThemes(context.Context) (ThemesWeek, error) {
	return ThemesWeek{Until: a.Slack.Clock.Now()}, nil
}

// ThemesEventType marks the messages of themes in Slack's own history.
const ThemesEventType = "cxloop_themes"

// themesEventField is the week's end in the metadata's payload.
const themesEventField = "until"

// PostThemes posts the themes of a week once.
func (a *Themes) PostThemes(ctx context.Context, in ThemesWeek) error {
	themes, err := ThemesOf(ctx, a.Slack.Store, a.Slack.Programs, a.Topics, in.Until)
	if err != nil {
		return err
	}
	words := casetext.For(a.Language)
	message := themesMessage(words, themes, a.OwnerOf)
	message.Blocks = append(message.Blocks, summaryBlocks(words, a.summary(ctx, in, words.Locale))...)
	until := strconv.FormatInt(in.Until.UnixMilli(), 10)
	message.Metadata = slackgo.SlackMetadata{EventType: ThemesEventType, EventPayload: map[string]any{themesEventField: until}}
	_, err = a.Slack.postOnce(ctx, store.ThemesEffect(until), place{channel: a.Channel}, message)
	return err
}

// summary sums up what customers wrote in a week. Without it the themes are told all the same.
func (a *Themes) summary(ctx context.Context, in ThemesWeek, language string) assist.Summary {
	if a.Assistant == nil {
		return assist.Summary{}
	}
	summary, err := a.Assistant.Summary(ctx, "", in.Until.Add(-themesWeek), in.Until, language)
	if err != nil {
		a.Slack.Log.WarnContext(ctx, "the week's comments are not summed up", "error", err)
	}
	return summary
}

func summaryBlocks(words *casetext.Words, s assist.Summary) []slackgo.Block {
	if s.Text == "" {
		return nil
	}
	return []slackgo.Block{
		slackgo.NewDividerBlock(),
		slackgo.NewSectionBlock(mrkdwn("*"+words.Themes.Written+"*\n"+clipRunes(escape(s.Text), maxSection-100)), nil, nil),
		slackgo.NewContextBlock("", mrkdwn(words.SummedUp(s.Read, s.Comments))),
	}
}

// themesShown is how many themes of a week are told.
const themesShown = 10

// themesMessage words the themes of a week. It names no customer.
func themesMessage(words *casetext.Words, themes []Theme, ownerOf func(string) string) slack.Message {
	title := words.Themes.Title
	blocks := []slackgo.Block{slackgo.NewHeaderBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, title, true, false))}
	for _, t := range themes[:min(len(themes), themesShown)] {
		line := words.Theme(casetext.Theme{
			Name: escape(t.Name(words.Locale)), Customers: t.Customers, Written: t.Written, Accounts: t.Accounts, Cases: t.Cases, Usual: t.Usual,
			More: t.Real && t.Change.Ratio > 1, Fewer: t.Real && t.Change.Ratio < 1,
		})
		if owner := ownerOf(t.Cause); owner != "" {
			line += "\n<@" + owner + ">"
		}
		blocks = append(blocks, slackgo.NewSectionBlock(mrkdwn(clipRunes(line, maxSection)), nil, nil))
	}
	if len(themes) == 0 {
		blocks = append(blocks, slackgo.NewSectionBlock(mrkdwn(words.Themes.None), nil, nil))
	}
	blocks = append(blocks, slackgo.NewContextBlock("", mrkdwn(words.Themes.Counted)))
	return slack.Message{Text: title, Blocks: blocks}
}
