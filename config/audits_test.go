package config

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestAudits(t *testing.T) {
	t.Parallel()
	p := load(t, withProgram("  - {id: a, template: audit, trigger: {event: audit.due}}\n")).Programs[0]
	require.Equal(t, survey.Auditors, p.Of)
	require.Equal(t, survey.AuditBands{Weak: 70, Passed: 90}, p.Bands)
	for i, item := range Templates()["audit"].Checklist {
		item.Weight = max(item.Weight, 1) // 1 is left out in the file
		require.Equal(t, item, p.Checklist[i])
	}
	require.True(t, p.FollowUp.Referral.Off)
	require.False(t, p.FollowUp.Case.Off)
	require.False(t, p.Anonymous || p.ScoresInMail())
	require.Zero(t, p.AgainAfter)
	require.Equal(t, "Start the audit", p.Texts["en"].Open)
	require.Empty(t, p.Texts["en"].Anonymous)
	require.Empty(t, p.Questions)

	p = load(t, withProgram("  - id: a\n    template: audit\n    of: auditors\n    languages: [en]\n    trigger: {event: audit.due}\n"+
		"    bands: {weak: 50}\n    checklist: [{id: x, text: {en: X}}, {id: y, text: {en: Y}, weight: 3}]\n")).Programs[0]
	require.Equal(t, survey.AuditBands{Weak: 50, Passed: 90}, p.Bands)
	require.Equal(t, []survey.Item{{ID: "x", Text: survey.Words{"en": "X"}, Weight: 1}, {ID: "y", Text: survey.Words{"en": "Y"}, Weight: 3}}, p.Checklist)
}

// What measures otherwise keeps its version: it has none of an audit's words.
func TestOtherProgramsAreAsBefore(t *testing.T) {
	t.Parallel()
	p := load(t, withProgram("  - {id: a, template: nps, trigger: {event: a.b}}\n")).Programs[0]
	texts := p.Texts["en"]
	require.Empty(t, texts.Yes+texts.No+texts.NotApplicable+texts.Open)
	require.Empty(t, p.Checklist)
	require.Zero(t, p.Bands)
}
