package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func withVariants(metric survey.Metric, shares ...float64) survey.Program {
	p := survey.Program{ID: "deal-nps", Metric: metric, Scale: 5}
	for i, share := range shares {
		p.Variants = append(p.Variants, survey.Variant{ID: string(rune('a' + i)), Share: share})
	}
	return p
}

func reportOf(t *testing.T, p survey.Program, counts ...store.VariantCount) string {
	t.Helper()
	for i := range counts {
		counts[i].Variant = p.Variants[i].ID
	}
	var out bytes.Buffer
	require.NoError(t, writeVariants(&out, newVariantReport(p, counts)))
	return out.String()
}

func TestVariantReport(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		program survey.Program
		counts  []store.VariantCount
		says    []string
	}{
		"a real difference of the rate alone": {
			withVariants(survey.NPS, 0.5, 0.5),
			[]store.VariantCount{
				{Sent: 1000, Open: 12, Scores: map[int]int{10: 50, 8: 30, 2: 20}},
				{Sent: 1000, Scores: map[int]int{10: 90, 8: 70, 2: 40}},
			},
			[]string{
				"a        50%    1000  12    100      10.0% (8.3 to 12.0)   30.0 (14.1 to 44.2)\n",
				"b against a\n  response rate: +10.0 points (+6.9 to +13.1), p < 0.001: a real difference\n",
				"  NPS: -5.0 points (-22.9 to +13.9), p = 0.632: no real difference; to find one of this size takes 3760 answers of each\n",
			},
		},
		"too few of one": {
			withVariants(survey.CSAT, 0.9, 0.1),
			[]store.VariantCount{
				{Sent: 100, Scores: map[int]int{5: 15, 1: 10}},
				{Sent: 20, Scores: map[int]int{5: 4, 1: 5}},
			},
			[]string{"60.0% (40.7 to 76.6) of few\n", "45.0% (25.8 to 65.8) of few  hidden, fewer than 10\n", "  satisfied: too few answers to compare\n"},
		},
		"nothing sent": {
			withVariants(survey.CES, 0.5, 0.5),
			[]store.VariantCount{{}, {}},
			[]string{"a        50%    0     0     0        hidden, fewer than 10  hidden, fewer than 10\n", "response rate: too few invitations to compare\n"},
		},
		"the same effort": {
			withVariants(survey.CES, 0.5, 0.5),
			[]store.VariantCount{{Sent: 100, Scores: map[int]int{6: 20, 4: 20}}, {Sent: 100, Scores: map[int]int{6: 20, 4: 20}}},
			[]string{"5.0 (4.7 to 5.3) indicative\n", "  response rate: +0.0 points (-13.3 to +13.3), p = 1.000: no real difference\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := reportOf(t, c.program, c.counts...)
			for _, text := range c.says {
				require.Contains(t, got, text)
			}
		})
	}
}

// Of several variants one looks better by chance soon: what is real for two may not be
// for five.
func TestVariantsAreTestedTogether(t *testing.T) {
	t.Parallel()
	answers := func(n int) store.VariantCount {
		return store.VariantCount{Sent: 1000, Scores: map[int]int{9: n}}
	}
	two := newVariantReport(withVariants(survey.NPS, 0.5, 0.5), []store.VariantCount{answers(100), answers(130)})
	require.True(t, two.Against[0].ResponseRate.Real)
	five := newVariantReport(withVariants(survey.NPS, 0.2, 0.2, 0.2, 0.2, 0.2),
		[]store.VariantCount{answers(100), answers(130), answers(101), answers(99), answers(100)})
	require.False(t, five.Against[0].ResponseRate.Real)
	require.InDelta(t, 4*two.Against[0].ResponseRate.P, five.Against[0].ResponseRate.P, 1e-9)
}

func TestHiddenFiguresAreNotInJSON(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(newVariantReport(withVariants(survey.NPS, 0.5, 0.5), []store.VariantCount{
		{Variant: "a", Sent: 40, Scores: map[int]int{9: 9}}, {Variant: "b", Sent: 40, Scores: map[int]int{9: 12}},
	}))
	require.NoError(t, err)
	require.Contains(t, string(body), `"responses":9,"response_rate":{"value":22.5,`)
	require.Contains(t, string(body), `"score":{"value":null,"low":null,"high":null,"evidence":"hidden"}`)
	require.Contains(t, string(body), `"score":null`)
}

func TestVariantsOfAProgramWithout(t *testing.T) {
	t.Parallel()
	got := cxloop(t, "variants", "order-csat", "-c", writeFile(t, validYAML))
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.errOut, "the program order-csat has no variants")
}
