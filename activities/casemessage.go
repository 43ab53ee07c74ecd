package activities

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/survey"
)

// CaseEventType marks the messages of cases in Slack's own history, so that one
// can be found again by its case.
const CaseEventType = "cxloop_case"

// caseEventField is the case's id in the metadata's payload.
const caseEventField = "case"

// Slack's limits, in characters and in items.
const (
	maxHeader  = 150
	maxSection = 3000
	maxFields  = 10
)

// How much is shown of what was said to one question, of a list of failed points, and of a
// comment, in characters.
const (
	maxGiven   = 500
	maxList    = 2800
	maxComment = 2000
)

// shownResponses is how many of a case's responses its message shows, shownScores how many
// earlier scores.
const (
	shownResponses = 3
	shownScores    = 5
)

// CaseLinks lead from a case to where there is more of it; nil functions lead nowhere.
type CaseLinks struct {
	// Page is the address of a case's page, "" for none.
	Page func(caseID string) string
	// Record is the address of a contact or an account in its CRM, "" for none.
	Record func(crm string, object survey.Object) string
}

// caseMessage is what the account team sees of a case.
func caseMessage(w casetext.Writer, c casetext.Case, links CaseLinks) slack.Message {
	title := clipRunes(w.Title(c), maxHeader)
	blocks := []slackgo.Block{
		slackgo.NewHeaderBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, title, true, false)),
	}
	blocks = append(blocks, sheetBlocks(w.Sheet(c))...)
	for i, r := range c.Responses {
		if i == shownResponses {
			break
		}
		blocks = append(blocks, responseBlocks(w, c, r)...)
	}
	if earlier := earlierText(w, c); earlier != "" {
		blocks = append(blocks, slackgo.NewSectionBlock(mrkdwn(earlier), nil, nil))
	}
	blocks = append(blocks, slackgo.NewContextBlock("", mrkdwn(caseFoot(w, c, links))))
	blocks = append(blocks, caseButtons(w, c.Case)...)
	return slack.Message{
		Text: escape(title), Blocks: blocks,
		Metadata: slackgo.SlackMetadata{EventType: CaseEventType, EventPayload: map[string]any{caseEventField: c.Case.ID}},
	}
}

// slackInk writes Slack's markup. Moments are scaled time.
func slackInk(clock survey.Clock) casetext.Ink {
	return casetext.Ink{
		Text: escape,
		User: func(id string) string { return "<@" + id + ">" },
		When: func(t time.Time) string { return slackDate(clock.Real(t)) },

		MostAnswer: maxGiven, MostList: maxList,
	}
}

// sheetBlocks show rows beside each other, as many in a block as Slack takes.
func sheetBlocks(rows []casetext.Row) []slackgo.Block {
	var blocks []slackgo.Block
	for len(rows) > 0 {
		some := rows[:min(maxFields, len(rows))]
		rows = rows[len(some):]
		var fields []*slackgo.TextBlockObject
		for _, row := range some {
			fields = append(fields, mrkdwn(rowText(row)))
		}
		blocks = append(blocks, slackgo.NewSectionBlock(nil, fields, nil))
	}
	return blocks
}

func rowText(row casetext.Row) string { return "*" + row.Label + "*\n" + row.Value }

// responseBlocks show what a customer said: causes and answers, then the comment.
func responseBlocks(w casetext.Writer, c casetext.Case, r survey.Response) []slackgo.Block {
	if r.State == survey.Withdrawn {
		return []slackgo.Block{slackgo.NewSectionBlock(mrkdwn("_"+w.Withdrawn+"_"), nil, nil)}
	}
	var blocks []slackgo.Block
	if text := joinRows(w.Answers(c, r)); text != "" {
		blocks = append(blocks, slackgo.NewSectionBlock(mrkdwn(text), nil, nil))
	}
	if r.Comment != "" {
		blocks = append(blocks, slackgo.NewSectionBlock(mrkdwn(quote(r.Comment, maxComment)), nil, nil))
		if utf8.RuneCountInString(r.Comment) > maxComment {
			blocks = append(blocks, slackgo.NewContextBlock("", mrkdwn(w.WholeComment)))
		}
	}
	return blocks
}

// joinRows is as many rows as a section holds: escapes are never cut, a whole row goes.
func joinRows(rows []casetext.Row) string {
	var lines []string
	for _, row := range rows {
		lines = append(lines, rowText(row))
	}
	for len(lines) > 0 && utf8.RuneCountInString(strings.Join(lines, "\n")) > maxSection {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// earlierText is what the customer and their colleagues said before, "" for nothing.
func earlierText(w casetext.Writer, c casetext.Case) string {
	lines := w.Earlier(c)
	if len(lines) == 0 {
		return ""
	}
	title := "*" + w.Labels.Earlier + "*"
	if trend := c.Trend(); trend != "" {
		title += "  " + trend
	}
	return title + "\n• " + strings.Join(lines[:min(shownScores, len(lines))], "\n• ")
}

// caseFoot is what the case is called, since when it is open, and where there is more.
func caseFoot(w casetext.Writer, c casetext.Case, links CaseLinks) string {
	parts := []string{w.Since(c, "`"+c.Case.ID+"`")}
	if len(c.Responses) > 1 {
		parts = append(parts, w.Count(w.Responses, len(c.Responses)))
	}
	if c.Case.Round > 0 {
		parts = append(parts, w.Count(w.ReopenedTimes, c.Case.Round))
	}
	if !c.Case.EndedAt.IsZero() {
		parts = append(parts, w.Over(c))
	}
	if address := links.record(c); address != "" {
		parts = append(parts, link(address, w.CRMRecord))
	}
	if address := links.page(c); address != "" {
		parts = append(parts, link(address, w.CasePage))
	}
	return strings.Join(parts, " · ")
}

// page is where the case itself has its page. A channel without names is not led there.
func (l CaseLinks) page(c casetext.Case) string {
	if l.Page == nil || c.NoNames {
		return ""
	}
	return l.Page(c.Case.ID)
}

// record is where the CRM has whom the case is about.
func (l CaseLinks) record(c casetext.Case) string {
	crm, object, ok := c.Record()
	if !ok || l.Record == nil {
		return ""
	}
	return l.Record(crm, object)
}

func link(address, text string) string { return "<" + escape(address) + "|" + text + ">" }

// caseButtons offer what can be done: what is done with one click in the first row, what
// asks for more in the second.
func caseButtons(w casetext.Writer, c survey.Case) []slackgo.Block {
	if c.State.Ended() {
		return nil
	}
	next := map[survey.CaseState]survey.CaseAction{
		survey.CaseOpen: survey.ActionAcknowledge, survey.CaseSnoozed: survey.ActionAcknowledge,
		survey.CaseAcknowledged: survey.ActionContacted, survey.CaseContacted: survey.ActionResolve,
	}[c.State]
	row := func(actions ...survey.CaseAction) slackgo.Block {
		var buttons []slackgo.BlockElement
		for _, action := range actions {
			b := slackgo.NewButtonBlockElement(string(action), c.Button(), slackgo.NewTextBlockObject(slackgo.PlainTextType, w.Buttons[action], false, false))
			if action == next {
				b.Style = slackgo.StylePrimary
			}
			buttons = append(buttons, b)
		}
		return slackgo.NewActionBlock("", buttons...)
	}
	second := row(survey.ActionAssign, survey.ActionSnooze, survey.ActionReject)
	switch c.State {
	case survey.CaseOpen, survey.CaseSnoozed:
		return []slackgo.Block{row(survey.ActionAcknowledge, survey.ActionContacted, survey.ActionResolve), second}
	case survey.CaseContacted:
		return []slackgo.Block{row(survey.ActionResolve), second}
	}
	return []slackgo.Block{row(survey.ActionContacted, survey.ActionResolve), second}
}

// slackDate is a moment that Slack shows in each reader's own language and time zone.
func slackDate(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short} {time}|%s>", t.Unix(), t.UTC().Format("2006-01-02 15:04 UTC"))
}

// mrkdwn is a text in Slack's markup. It is verbatim: Slack makes no mentions and
// links of what customers wrote.
func mrkdwn(text string) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.MarkdownType, text, false, true)
}

// quote shows somebody's own words, escaped and cut to so many characters.
func quote(words string, most int) string {
	words = strings.ReplaceAll(strings.TrimSpace(words), "\r", "")
	for keep := most; ; keep -= max(1, keep/10) {
		text := "> " + strings.ReplaceAll(escape(clipRunes(words, keep)), "\n", "\n> ")
		if utf8.RuneCountInString(text) <= maxSection {
			return text
		}
	}
}

// escape keeps text from being read as Slack's markup for links and mentions
// (Slack, "Formatting text for app surfaces").
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func clipRunes(s string, runes int) string { return casetext.Clip(s, runes) }
