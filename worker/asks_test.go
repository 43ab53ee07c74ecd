package main

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// outcomes are n alike, each with an id and contact of its own.
func outcomes(n int, of store.AskOutcome) []store.AskOutcome {
	var all []store.AskOutcome
	for i := range n {
		of.ID = fmt.Sprintf("%s%s%s%d", of.Program, of.Kind, of.AccountKey, i)
		all = append(all, of)
	}
	return all
}

func TestAskFigures(t *testing.T) {
	t.Parallel()
	refer := store.AskOutcome{Program: "a", Kind: survey.AskReferral, State: survey.AskSent, AccountKey: "gold"}
	var found []store.AskOutcome
	found = append(found, outcomes(11, refer)...)
	found[0].Opened, found[0].Clicked, found[0].State = true, true, survey.AskConverted
	found[0].Referred, found[0].Converted = 2, 1
	found[0].Revenue = map[string]survey.Hundredths{"EUR": 480_000, "": 100}
	found[1].State, found[1].Rule = survey.AskSuppressed, survey.RuleNotHappy
	for i, segment := range []string{"silver", "bronze"} {
		refer.AccountKey = segment
		found = append(found, outcomes(4+i, refer)...)
	}
	found[len(found)-1].State = survey.AskWaiting
	found = append(found, outcomes(1, store.AskOutcome{Program: "a", Kind: survey.AskReview, State: survey.AskUnknown, AccountKey: "gold"})...)
	segments := map[string]string{}
	for _, o := range found {
		segments[o.ID] = o.AccountKey
	}
	none := map[survey.Rule]int{}
	gold := askFigure{
		Program: "a", Kind: survey.AskReferral, Segment: "gold", Asked: 10, Opened: 1, Clicked: 1, Referred: 2, Converted: 1,
		Revenue: found[0].Revenue, NotAsked: map[survey.Rule]int{survey.RuleNotHappy: 1},
	}
	require.Equal(t, []askFigure{
		gold,
		{Program: "a", Kind: survey.AskReferral, Segment: "others", Asked: 8, Waiting: 1, Revenue: map[string]survey.Hundredths{}, NotAsked: none},
		{Program: "a", Kind: survey.AskReview, Segment: "others", Asked: 1, Revenue: map[string]survey.Hundredths{}, NotAsked: none},
	}, askFigures(found, segments))
	whole := askFigures(found, nil)
	require.Len(t, whole, 2)
	require.Equal(t, 18, whole[0].Asked)

	var out bytes.Buffer
	require.NoError(t, writeAskFigures(&out, []askFigure{gold}, "account.tier", false))
	require.Equal(t, "PROGRAM  KIND      ACCOUNT.TIER  ASKED  OPENED      CLICKED  REFERRED  CONVERTED  REVENUE            WAITING  NOT ASKED\n"+
		"a        referral  gold          10     at least 1  1        2         1          1.00, 4800.00 EUR  0        not_happy 1\n", out.String())
	out.Reset()
	require.NoError(t, writeAskFigures(&out, whole[1:], "", true))
	require.JSONEq(t, `{"program":"a","kind":"review","asked":1,"waiting":0,"opened":0,"clicked":0,"referred":0,"converted":0}`, out.String())
}

func TestSegmentsBy(t *testing.T) {
	t.Parallel()
	c, err := config.LoadBytes("cxloop.yaml", []byte("fields: {account.tier: text}\nsegments: {large: \"account.tier == 'gold'\"}\n"+validYAML), func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	gold := condition.Facts{Account: survey.Account{Attributes: map[string]string{"tier": "gold"}}, Contact: survey.Contact{Attributes: map[string]string{"plan": "pro"}}}
	silver := condition.Facts{Account: survey.Account{Attributes: map[string]string{"tier": "silver"}}}
	for field, want := range map[string][3]string{
		"account.tier":  {"gold", "silver", "unknown"},
		"contact.plan":  {"pro", "unknown", "unknown"},
		"segment.large": {"large", "not large", "unknown"},
	} {
		segment, err := segmentsBy(c, field)
		require.NoError(t, err)
		for i, about := range []condition.Facts{gold, silver, {}} {
			require.Equal(t, want[i], segment(about), field)
		}
	}
	for _, wrong := range []string{"tier", "account.", "event.amount", "segment.unheard_of"} {
		_, err := segmentsBy(c, wrong)
		require.ErrorIs(t, err, errUsage, wrong)
	}
}

func TestAskList(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	found := []store.AskOutcome{{
		ID: "k1", Program: "a", Kind: survey.AskTestimonial, State: survey.AskSuppressed, Rule: survey.RuleOpenCase, CreatedAt: at,
		Why:   survey.AskChoice{Turn: survey.AskReferral, Kind: survey.AskTestimonial, Passed: []survey.PassedAsk{{Kind: survey.AskReferral, Rule: survey.RuleAskedBefore}}},
		Facts: &survey.AskFacts{Band: survey.Promoter, HasAddress: true, OpenCase: true},
	}}
	var out bytes.Buffer
	require.NoError(t, writeAskList(&out, found, false))
	require.Equal(t, "AT                ASK  PROGRAM  TURN OF   KIND         STATE       RULE       PASSED OVER\n"+
		"2026-03-02 09:00  k1   a        referral  testimonial  suppressed  open_case  referral: asked_before\n", out.String())
	out.Reset()
	require.NoError(t, writeAskList(&out, found, true))
	require.JSONEq(t, `{"id":"k1","program":"a","kind":"testimonial","state":"suppressed","rule":"open_case","at":"2026-03-02T09:00:00Z",
		"why":{"turn":"referral","kind":"testimonial","passed":[{"kind":"referral","rule":"asked_before"}]},
		"facts":{"band":"promoter","has_address":true,"open_case":true}}`, out.String())
}

func TestTestimonialsAreListed(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	require.NoError(t, writeTestimonials(&out, []store.Testimonial{
		{Program: "a", Words: "Never a\nbad day", Name: "Ada Lovelace", Company: "Engines", GivenAt: at}, {Program: "a", Words: "Fine", GivenAt: at},
	}, false))
	require.Equal(t, "2026-03-02  a\n  Never a bad day\n  – Ada Lovelace, Engines\n2026-03-02  a\n  Fine\n  – without a name\n", out.String())
}
