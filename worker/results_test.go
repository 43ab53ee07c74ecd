package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func block(month string, scores ...survey.ScoreCount) survey.Block {
	b := survey.Block{From: month, To: month}
	for _, count := range scores {
		b.Add(count)
	}
	return b
}

func TestResultsOf(t *testing.T) {
	t.Parallel()
	promoters, detractors := survey.ScoreCount{Score: 9, Band: survey.Promoter, N: 7}, survey.ScoreCount{Score: 3, Band: survey.Detractor, N: 1}
	passives := survey.ScoreCount{Score: 8, Band: survey.Passive, N: 2}
	for name, c := range map[string]struct {
		metric survey.Metric
		found  store.Results
		want   string
	}{
		"too few": {survey.NPS, store.Results{Asked: 20, Answered: 7, Blocks: []survey.Block{block("2026-03", promoters)}},
			"team: 20 asked, 7 answered (35.0 [18.1, 56.7] %)\nNothing is shown: fewer than 10 answers can be shown.\n"},
		"anonymous ones wait": {survey.ENPS, store.Results{Asked: 20, Answered: 11, Waiting: 11, Floor: 12},
			"team: 20 asked, 11 answered (55.0 [34.2, 74.2] %)\nNothing is shown: fewer than 12 answers can be shown.\n" +
				"11 anonymous answers wait: they are released 12 or more at a time, an hour or two after they were given.\n"},
		"few": {survey.ENPS, store.Results{Asked: 10, Answered: 10, Blocks: []survey.Block{block("2026-03", promoters, passives, detractors)}},
			"team: 10 asked, 10 answered (100.0 [72.2, 100.0] %)\neNPS 60.0 [4.9, 85.9], n = 10, few, detractor 1, passive 2, promoter 7\n"},
		"by month": {survey.CSAT, store.Results{Asked: 100, Answered: 40, Blocks: []survey.Block{
			block("2026-03", survey.ScoreCount{Score: 5, Band: survey.Satisfied, N: 30}), block("2026-04", survey.ScoreCount{Score: 1, Band: survey.Dissatisfied, N: 10}),
		}}, "team: 100 asked, 40 answered (40.0 [30.9, 49.8] %)\nCSAT, % satisfied 75.0 [59.8, 85.8], n = 40, indicative, dissatisfied 10, satisfied 30\n" +
			"  of all who were asked, whatever the others would have said: 30.0 to 90.0\n2026-03\n  CSAT, % satisfied 100.0 [88.6, 100.0], n = 30, indicative, satisfied 30\n2026-04\n  CSAT, % satisfied 0.0 [0.0, 27.8], n = 10, few, dissatisfied 10\n" +
			"  ▼ -100.0 [-100.0, -70.0] since 2026-03\nIntervals of 95 %. A change is told where p < 0.05.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, resultsOf(survey.Program{ID: "team", Metric: c.metric}, c.found).print(&out))
			require.Equal(t, c.want, out.String())
		})
	}
}

func TestResultsBesideTargetAndBenchmarks(t *testing.T) {
	t.Parallel()
	target := 40.0
	p := survey.Program{ID: "won-deal", Metric: survey.NPS, Target: &target}
	half := []survey.ScoreCount{{Score: 10, Band: survey.Promoter, N: 60}, {Score: 7, Band: survey.Passive, N: 20}, {Score: 2, Band: survey.Detractor, N: 20}}
	out := resultsOf(p, store.Results{Asked: 300, Answered: 300, Blocks: []survey.Block{block("2026-01", half...), block("2026-02", half...), block("2026-03", half...)}})
	require.NotNil(t, out.Trend)
	a := app{config: &config.Config{Benchmarks: config.Benchmarks{List: []config.Benchmark{
		{Name: "Others", Metric: survey.NPS, Score: 80, AsOf: "2020-01-01", Source: "A study"}, {Name: "Calls", Metric: survey.CSAT, Score: 80, AsOf: "2020-01-01"},
	}}}}
	out.Benchmarks = a.benchmarks(out.Whole.Score, p.Metric, p.ID)
	var text bytes.Buffer
	require.NoError(t, out.print(&text))
	for _, want := range []string{
		"  target 40.0: too few answers to tell\n", "  Others 80.0: below it (A study, as of 2020-01-01, stale)\n",
		"  no real change since 2026-01: one of 36.1 would show\n", "Trend: no real change since 2026-01: one of ", "corrected for 3 tests.",
	} {
		require.Contains(t, text.String(), want)
	}
	require.NotContains(t, text.String(), "Calls")
	require.Empty(t, a.benchmarks(nil, p.Metric, p.ID), "beside a hidden score")
}

func TestResultsTellAnonymousAnswersApart(t *testing.T) {
	t.Parallel()
	found := store.Results{Floor: 10, Blocks: []survey.Block{block("2026-03", survey.ScoreCount{Score: 9, Band: survey.Promoter, N: 10})}}
	for i := range 10 {
		found.Said = append(found.Said, survey.AnonymousAnswer{
			Score: 9, Comment: string(rune('a' + i)), Answers: survey.Answers{survey.Causes: {Chosen: []string{"pay", survey.OptionOther}, Text: string(rune('A' + i))}},
		})
	}
	out := resultsOf(survey.Program{ID: "team", Metric: survey.ENPS}, found)
	require.Equal(t, map[string]map[string]int{survey.Causes: {"pay": 10, survey.OptionOther: 10}}, out.Chosen)
	require.Len(t, out.Written, 20)
	require.NotEqual(t, out.Written, resultsOf(survey.Program{ID: "team"}, found).Written, "each time in another order")
	text, err := json.Marshal(out)
	require.NoError(t, err)
	require.Contains(t, string(text), `"all":{"from":"2026-03","to":"2026-03","asked":0,"answered":0,"rate":null,"n":10,"evidence":"few"`)
	found.Blocks = nil
	require.Empty(t, resultsOf(survey.Program{}, found).Written, "nothing is told below the floor")
}

func TestResultsOfAudits(t *testing.T) {
	t.Parallel()
	p := survey.Program{ID: "stores", Metric: survey.Audit, Checklist: []survey.Item{{ID: "clean", Weight: 1}, {ID: "receipt", Weight: 3}}}
	found := store.Results{Asked: 12, Answered: 12, Blocks: []survey.Block{block("2026-03",
		survey.ScoreCount{Score: 25, Band: survey.Failed, N: 3}, survey.ScoreCount{Score: 75, Band: survey.Weak, N: 1}, survey.ScoreCount{Score: 100, Band: survey.Passed, N: 8},
	)}}
	out := resultsOf(p, found)
	var audits []survey.Answers
	for i := range 12 {
		audit := survey.Answers{"clean": {Chosen: []string{survey.ItemPassed}}}
		switch {
		case i < 3:
			audit["receipt"] = survey.QuestionAnswer{Chosen: []string{survey.ItemFailed}}
		case i < 9:
			audit["receipt"] = survey.QuestionAnswer{Chosen: []string{survey.ItemNotApplicable}}
		default:
			audit["receipt"] = survey.QuestionAnswer{Chosen: []string{survey.ItemPassed}}
		}
		audits = append(audits, audit)
	}
	out.Checklist = itemsOf(p, audits)
	var text bytes.Buffer
	require.NoError(t, out.print(&text))
	require.Equal(t, "stores: 12 asked, 12 answered (100.0 [75.8, 100.0] %)\n"+
		"Audit, mean % 79.2 [57.9, 100.0], n = 12, few, failed 3, passed 8, weak 1, % failed 25.0 [8.9, 53.2]\n"+
		"\nPassed, % of the audits in which the item applied\n"+
		"  100.0 [75.8, 100.0]     n = 12    clean\n"+
		"  fewer than 10           n = 6     receipt\n", text.String())
	require.InDelta(t, 25, out.Whole.Failed.Value, 1e-9)
}
