package activities

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// CaseEventType marks the messages of cases in Slack's own history, so that one
// can be found again by its case.
const CaseEventType = "cxloop_case"

// caseEventField is the case's id in the metadata's payload.
const caseEventField = "case"

// Slack's limits, in characters.
const (
	maxHeader  = 150
	maxSection = 3000
)

// maxGiven is how much of what was said to one question is shown, in characters.
const maxGiven = 600

// shownResponses is how many of a case's responses its message shows.
const shownResponses = 3

// caseMessage is what the account team sees of a case. The programs that its responses
// are to are by version; a response of another program shows its comment alone.
func caseMessage(program survey.Program, programs map[string]survey.Program, d store.CaseDetail, clock survey.Clock) slack.Message {
	who := caseSubject(d)
	title := fmt.Sprintf("Unhappy customer: %s", who)
	if len(d.Responses) > 0 {
		title = fmt.Sprintf("%s: %s", bandTitle(d.Responses[0].Band), who)
		if d.Responses[0].Band == survey.Failed {
			title = "Failed audit: " + auditSubject(d)
		}
	}
	title = clipRunes(title, maxHeader)
	blocks := []slackgo.Block{
		slackgo.NewHeaderBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, title, true, false)),
		slackgo.NewSectionBlock(nil, caseFields(program, d), nil),
	}
	for i, r := range d.Responses {
		if i == shownResponses {
			break
		}
		if r.State == survey.Withdrawn {
			blocks = append(blocks, slackgo.NewSectionBlock(mrkdwn("_Withdrawn: this answer counts no more. A machine gave it, or an operator took it out._"), nil, nil))
			continue
		}
		if text := saidText(programs[r.Version], r); text != "" {
			blocks = append(blocks, slackgo.NewSectionBlock(mrkdwn(text), nil, nil))
		}
		if r.Comment != "" {
			blocks = append(blocks, slackgo.NewSectionBlock(mrkdwn(quote(r.Comment)), nil, nil))
		}
	}
	blocks = append(blocks, slackgo.NewContextBlock("", mrkdwn(caseHistory(d, clock))))
	if buttons := caseButtons(d.Case); len(buttons) > 0 {
		blocks = append(blocks, slackgo.NewActionBlock("", buttons...))
	}
	return slack.Message{
		Text: escape(title), Blocks: blocks,
		Metadata: slackgo.SlackMetadata{EventType: CaseEventType, EventPayload: map[string]any{caseEventField: d.Case.ID}},
	}
}

func caseSubject(d store.CaseDetail) string {
	name, account := d.Contact.Name(), d.Account.Name
	switch {
	case name != "" && account != "":
		return name + ", " + account
	case name != "":
		return name
	case account != "":
		return account
	}
	return "contact " + d.Contact.ID
}

func bandTitle(b survey.Band) string {
	name := string(b)
	return strings.ToUpper(name[:1]) + name[1:]
}

func caseFields(program survey.Program, d store.CaseDetail) []*slackgo.TextBlockObject {
	state := caseStateText(d.Case)
	if d.Case.State == survey.CaseClosed && allWithdrawn(d.Responses) {
		state = "Closed: its answer was withdrawn"
	}
	fields := []*slackgo.TextBlockObject{mrkdwn("*State*\n" + state)}
	if len(d.Responses) > 0 {
		fields = append(fields, mrkdwn("*Score*\n"+scoreText(program, d.Responses[0])))
	}
	if d.Account.Name != "" {
		fields = append(fields, mrkdwn("*Account*\n"+escape(clipRunes(d.Account.Name, 200))))
	}
	role := "Contact"
	if len(d.Responses) > 0 && auditBand(d.Responses[0].Band) {
		role = "Auditor"
	}
	fields = append(fields, mrkdwn("*"+role+"*\n"+escape(clipRunes(contactText(d.Contact), 200))), mrkdwn("*Program*\n"+escape(program.ID)))
	return fields
}

func allWithdrawn(responses []survey.Response) bool {
	return len(responses) > 0 && !slices.ContainsFunc(responses, func(r survey.Response) bool { return r.State != survey.Withdrawn })
}

func contactText(c survey.Contact) string {
	if name := c.Name(); name != "" {
		return name
	}
	return c.ID
}

func caseStateText(c survey.Case) string {
	switch c.State {
	case survey.CaseAcknowledged:
		return "Acknowledged by <@" + c.AckedBy + ">"
	case survey.CaseResolved:
		if c.ResolvedBy == "" {
			return "Resolved: it was closed in the CRM"
		}
		return "Resolved by <@" + c.ResolvedBy + ">"
	case survey.CaseClosed:
		return "Closed: nobody resolved it in time"
	}
	return "Open"
}

func caseHistory(d store.CaseDetail, clock survey.Clock) string {
	text := "Case `" + d.Case.ID + "` opened " + slackDate(clock.Real(d.Case.OpenedAt))
	if len(d.Responses) > 1 {
		text += fmt.Sprintf(" · %d responses", len(d.Responses))
	}
	if !d.Case.EndedAt.IsZero() {
		text += " · ended " + slackDate(clock.Real(d.Case.EndedAt))
	}
	return text
}

func caseButtons(c survey.Case) []slackgo.BlockElement {
	if c.State.Ended() {
		return nil
	}
	button := func(action survey.CaseAction, label string, style slackgo.Style) slackgo.BlockElement {
		b := slackgo.NewButtonBlockElement(string(action), c.Button(), slackgo.NewTextBlockObject(slackgo.PlainTextType, label, false, false))
		b.Style = style
		return b
	}
	var buttons []slackgo.BlockElement
	if c.State == survey.CaseOpen {
		buttons = append(buttons, button(survey.ActionAcknowledge, "Acknowledge", slackgo.StylePrimary))
	}
	return append(buttons, button(survey.ActionResolve, "Resolve", slackgo.StyleDefault))
}

// givenText is what a customer said to the questions after the score, "" for nothing. The
// questions are in the language that every program has, the customer's own words as they
// wrote them.
func givenText(given []survey.Given) string {
	var lines []string
	for _, g := range given {
		said := g.Labels(survey.DefaultLocale)
		if g.Answer.Has(survey.OptionOther) && g.Answer.Text == "" {
			said = append(said, "other")
		} else if g.Answer.Text != "" {
			said = append(said, "“"+strings.Join(strings.Fields(g.Answer.Text), " ")+"”")
		}
		lines = append(lines, "*"+escape(g.Question.Text.In(survey.DefaultLocale))+"*\n"+escape(clipRunes(strings.Join(said, " · "), maxGiven)))
	}
	text := strings.Join(lines, "\n")
	if utf8.RuneCountInString(text) > maxSection { // escapes are never cut: a whole line goes
		return givenText(given[:len(given)-1])
	}
	return text
}

// slackDate is a moment that Slack shows in each reader's own time zone.
func slackDate(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.Unix(), t.UTC().Format("2006-01-02 15:04 UTC"))
}

// mrkdwn is a text in Slack's markup. It is verbatim: Slack makes no mentions and
// links of what customers wrote.
func mrkdwn(text string) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.MarkdownType, text, false, true)
}

// quote shows a customer's own words, escaped and cut to what a section holds.
func quote(comment string) string {
	comment = strings.ReplaceAll(strings.TrimSpace(comment), "\r", "")
	for keep := maxSection; ; keep -= keep / 10 {
		text := "> " + strings.ReplaceAll(escape(clipRunes(comment, keep)), "\n", "\n> ")
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

func clipRunes(s string, runes int) string {
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:runes-1]) + "…"
}
