package survey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhyAnAnswerLeadsToACase(t *testing.T) {
	t.Parallel()
	const angry, pleased = Angry, Pleased
	all := CaseRule{Passives: true, Contradictions: true, When: "…", Priority: PriorityHigh}
	for name, c := range map[string]struct {
		rule     CaseRule
		band     Band
		tone     Tone
		fits     bool
		origin   CaseOrigin
		priority CasePriority
	}{
		"a detractor":                        {CaseRule{}, Detractor, "", false, OriginUnhappy, PriorityNormal},
		"one who matters":                    {all, Detractor, "", true, OriginUnhappy, PriorityHigh},
		"a promoter":                         {all, Promoter, pleased, false, "", ""},
		"a promoter who is angry":            {all, Promoter, angry, false, OriginContradiction, PriorityNormal},
		"a passive who is angry":             {all, Passive, angry, false, OriginContradiction, PriorityNormal},
		"one who is angry, not looked for":   {CaseRule{}, Promoter, angry, false, "", ""},
		"a promoter whom the condition fits": {all, Promoter, "", true, OriginCondition, PriorityHigh},
		"without a priority of its own":      {CaseRule{When: "…"}, Promoter, "", true, OriginCondition, PriorityNormal},
		"a passive":                          {all, Passive, pleased, false, OriginPassive, PriorityLow},
		"neutral":                            {all, Neutral, "", false, OriginPassive, PriorityLow},
		"a weak audit":                       {all, Weak, "", false, OriginPassive, PriorityLow},
		"a passive, not looked for":          {CaseRule{Contradictions: true}, Passive, "", false, "", ""},
		"no cases":                           {CaseRule{Off: true, Passives: true, Contradictions: true}, Detractor, angry, true, "", ""},
	} {
		p := Program{Metric: NPS, FollowUp: FollowUp{Case: c.rule, FinalAfter: Span(time.Hour)}}
		r := Response{ContactKey: "shop/1", Band: c.band, Comment: "…", Reading: Reading{Tone: c.tone}, Done: true}
		want := NextStep{Case: c.origin != "", Origin: c.origin, Priority: c.priority}
		if got := p.Next(r, c.fits, noon); got.Case {
			got.Ask = false
			require.Equal(t, want, got, name)
		} else {
			require.Empty(t, c.origin, name)
		}
		r.ContactKey = ""
		require.Empty(t, p.OriginOf(r, c.fits), "%s, by nobody in particular", name)
	}
}

func TestWhoContradictsTheirScoreIsNotAskedForAReferral(t *testing.T) {
	t.Parallel()
	p := Program{FollowUp: FollowUp{Case: CaseRule{Contradictions: true, Off: true}, Referral: ReferralRule{URL: "https://example.com/r"}}}
	r := Response{ContactKey: "shop/1", Band: Promoter, Done: true, Comment: "Worst support ever", Reading: Reading{Tone: Angry}}
	rule := func() Rule {
		choice, ok := p.FollowUp.ChooseAsk(p.AskAnswer(r), AskHistory{}, noon)
		require.True(t, ok)
		return choice.Rule
	}
	require.Equal(t, RuleNotHappy, rule(), "also where there are no cases")
	r.Reading.Tone = Pleased
	require.Empty(t, rule())
}

func TestScaleTakenTheWrongWayRound(t *testing.T) {
	t.Parallel()
	p := Program{FollowUp: FollowUp{Case: CaseRule{Contradictions: true}}}
	require.True(t, p.Misread(Response{Band: Detractor, Reading: Reading{Tone: Pleased}}))
	require.False(t, p.Misread(Response{Band: Detractor}))
	require.False(t, p.Misread(Response{Band: Promoter, Reading: Reading{Tone: Pleased}}))
}

// What may lead to a case is looked at as soon as a score that does, once.
func TestWhatMayLeadToACaseIsLookedAtSoon(t *testing.T) {
	t.Parallel()
	p := Program{FollowUp: followUp}
	r := Response{ContactKey: "shop/1", Band: Passive, AnsweredAt: noon, ChangedAt: noon}
	require.Equal(t, noon.Add(time.Hour), p.DueAt(r))
	for _, rule := range []CaseRule{{Passives: true}, {When: "response.score == 7"}} {
		rule.AlertAfter = Span(2 * time.Minute)
		p.FollowUp.Case = rule
		require.Equal(t, noon.Add(2*time.Minute), p.DueAt(r))
		looked := r
		looked.Alerted = noon
		require.Equal(t, noon.Add(time.Hour), p.DueAt(looked))
	}
}

func TestPriorities(t *testing.T) {
	t.Parallel()
	require.True(t, PriorityHigh.Above(PriorityNormal))
	require.True(t, CasePriority("").Above(PriorityLow))
	require.False(t, CasePriority("").Above(PriorityNormal))
	require.False(t, PriorityLow.Above(PriorityHigh))
}
