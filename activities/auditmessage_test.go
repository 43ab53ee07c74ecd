package activities

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func auditProgram() survey.Program {
	p := testProgram()
	p.ID, p.Metric, p.Of, p.Bands = "store-audit", survey.Audit, survey.Auditors, survey.AuditBands{Weak: 70, Passed: 90}
	p.Checklist = []survey.Item{
		{ID: "clean", Text: survey.Words{"en": "Clean <floor> & shelves"}, Weight: 2},
		{ID: "receipt", Text: survey.Words{"en": "A receipt"}, Weight: 3}, {ID: "queue", Text: survey.Words{"en": "No queue"}, Weight: 1},
	}
	return p
}

func failedAudit() store.CaseDetail {
	d := detractorCase()
	d.Responses[0].Score, d.Responses[0].Band, d.Responses[0].Version = 0, survey.Failed, "audit"
	d.Responses[0].Answers = survey.Answers{
		"clean": {Chosen: []string{survey.ItemFailed}}, "receipt": {Chosen: []string{survey.ItemFailed}}, "queue": {Chosen: []string{survey.ItemNotApplicable}},
	}
	return d
}

func TestCaseMessageOfAnAudit(t *testing.T) {
	t.Parallel()
	shown := visible(t, posted(t, failedAudit()))
	require.Equal(t, []string{"Failed audit: Ångström & Söhne", "*State*\nOpen", "*Who has it*\nnobody yet", "*Score*\n0\u00a0% (failed)"}, shown[:4])
	require.Contains(t, shown, "*Auditor*\nZoë O'Brien")
	require.Contains(t, shown, "*Failed: 2 of 3 points*\n• Clean &lt;floor&gt; &amp; shelves (weight 2)\n• A receipt (weight 3)")
	require.Contains(t, shown, "> Too slow.")

	d := failedAudit()
	d.Account.Name = ""
	require.Equal(t, "Failed audit: account a0", visible(t, posted(t, d))[0])

	d = detractorCase() // a customer's answer to the case of an audit
	d.Responses[0].Program = "won-nps"
	c := testCase(d)
	c.Program = auditProgram()
	require.Equal(t, "2 (detractor)", written("en").Scored(c, d.Responses[0]))

	d = failedAudit() // corrected since
	d.Responses[0].Score, d.Responses[0].Band, d.Responses[0].Answers = 100, survey.Passed, survey.Answers{"clean": {Chosen: []string{survey.ItemPassed}}}
	shown = visible(t, posted(t, d))
	require.Contains(t, shown, "*Score*\n100\u00a0% (passed)")
	require.False(t, slices.ContainsFunc(shown, func(text string) bool { return strings.Contains(text, " points") }))
}

func TestCaseMessageOfALongChecklist(t *testing.T) {
	t.Parallel()
	p, answers := auditProgram(), survey.Answers{}
	p.Checklist = nil
	for range 50 {
		id := strings.Repeat("a", len(p.Checklist)+1)
		p.Checklist = append(p.Checklist, survey.Item{ID: id, Text: survey.Words{"en": strings.Repeat("&", 300)}, Weight: 100})
		answers[id] = survey.QuestionAnswer{Chosen: []string{survey.ItemFailed}}
	}
	c := casetext.Case{Programs: map[string]survey.Program{"": p}}
	text := joinRows(written("en").Answers(c, survey.Response{Answers: answers}))
	require.LessOrEqual(t, len(text), maxSection)
	require.Contains(t, text, "\n… and 49 more")
}

// The mail of an audit has a button, and no link that chooses a score.
func TestMailOfAnAudit(t *testing.T) {
	t.Parallel()
	p := auditProgram()
	for locale, texts := range p.Texts {
		texts.Open = "Start now"
		p.Texts[locale] = texts
	}
	mails := testComposer(t).Preview(p, "en", person(0, "en"), survey.Account{Name: "Store 5"})
	require.Contains(t, mails[0].HTML, ">Start now</a>")
	require.NotContains(t, mails[0].HTML+mails[0].Text, "score=")
	require.NotContains(t, mails[0].Text, "100")
}
