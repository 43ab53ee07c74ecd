package config

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// withProgram replaces the program of valid.
func withProgram(program string) string { return valid[:strings.Index(valid, "  - id: won")] + program }

func TestTemplatesCompleteAProgram(t *testing.T) {
	t.Parallel()
	for template, scale := range map[survey.Metric]int{survey.NPS: 0, survey.CSAT: 5, survey.CES: 0} {
		t.Run(string(template), func(t *testing.T) {
			t.Parallel()
			cfg := load(t, withProgram("  - {id: a, template: "+string(template)+", trigger: {event: deal.changed}}\n"))
			p := cfg.Programs[0]
			require.Equal(t, template, p.Metric)
			require.Equal(t, scale, p.Scale)
			require.Equal(t, survey.Transactional, p.Kind)
			require.Equal(t, 4*day, p.Reminder.Std())
			require.Equal(t, 14*day, p.Expiry.Std())
			require.Equal(t, 90*day, p.AgainAfter.Std())
			require.False(t, p.FollowUp.Case.Off)
			require.True(t, p.FollowUp.Referral.Off, "a referral has nowhere to lead to")
			require.Len(t, p.Texts, 4)
			for _, texts := range p.Texts {
				for _, text := range textFields(texts) {
					require.LessOrEqual(t, len([]rune(text.value)), *textsSchema().Properties[text.name].MaxLength)
				}
			}
		})
	}
}

func TestProgramIsResolved(t *testing.T) {
	t.Parallel()
	cfg := load(t, withProgram(`  - id: ticket
    template: csat
    scale: 10
    trigger:
      event: ticket.changed
      where: {property: hs_pipeline_stage, value: 4, paid: true}
    delay: 1d12h
    reminder: 0
    follow_up:
      final_after: 30m
      case: {alert_after: 5m}
      referral: {url: https://example.com/r, delay: 2h}
`))
	p := cfg.Programs[0]
	require.Equal(t, 10, p.Scale)
	require.Equal(t, map[string]string{"property": "hs_pipeline_stage", "value": "4", "paid": "true"}, p.Trigger.Where)
	require.Equal(t, 36*time.Hour, p.Delay.Std())
	require.Zero(t, p.Reminder)
	cases := caseRule()
	cases.AlertAfter = survey.Span(5 * time.Minute)
	require.Equal(t, survey.FollowUp{
		FinalAfter: survey.Span(30 * time.Minute),
		Case:       cases,
		Referral:   survey.ReferralRule{URL: "https://example.com/r", AskTiming: survey.AskTiming{Delay: survey.Span(2 * time.Hour), AgainAfter: survey.Span(180 * day)}},
	}, p.FollowUp)
}

func TestOwnTextsLieAboveTheTemplates(t *testing.T) {
	t.Parallel()
	cfg := load(t, withProgram(`  - id: a
    template: nps
    trigger: {event: deal.changed}
    texts:
      en: {subject: "{first_name}, one question"}
      fr-CA: {unsubscribe: Se retirer}
`))
	texts, built := cfg.Programs[0].Texts, builtin()["nps"].Texts
	require.Empty(t, texts["fr"].Anonymous, "nothing is promised that is not so")
	french := built["fr"]
	french.Anonymous, french.Open, french.Answered, french.SMS, french.ResurveySMS, french.AskTexts = "", "", "", "", "", survey.AskTexts{} // nor does it send SMS, or ask for reviews
	french.FriendTexts = survey.FriendTexts{}                                                                                               // nor has it a page for friends
	require.Equal(t, "{first_name}, one question", texts["en"].Subject)
	require.Equal(t, built["en"].Question, texts["en"].Question)
	require.Equal(t, "Se retirer", texts["fr-CA"].Unsubscribe)
	require.Equal(t, built["fr"].Question, texts["fr-CA"].Question)
	require.Equal(t, french, texts["fr"])
	require.NotEqual(t, texts["en"].Subject, built["en"].Subject, "the template itself is left alone")
}

func TestProgramWithoutTemplateHasItsOwnTexts(t *testing.T) {
	t.Parallel()
	var words strings.Builder
	for _, field := range textFields(survey.Texts{}) {
		words.WriteString("        " + field.name + ": word\n")
	}
	cfg := load(t, withProgram("  - id: a\n    metric: ces\n    trigger: {event: a.b}\n    texts:\n      en:\n"+words.String()))
	require.Equal(t, survey.CES, cfg.Programs[0].Metric)
	require.Equal(t, "word", cfg.Programs[0].Texts["en"].AskPage)
	require.Len(t, cfg.Programs[0].Texts, 1)
}

// A program's version must not change from one start to the next, or every
// invitation would seem to run under another configuration.
func TestVersionIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	first, second := load(t, valid), load(t, valid)
	require.Equal(t, first.Programs[0].Version(), second.Programs[0].Version())
}
