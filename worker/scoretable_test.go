package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/insight/report"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// scoresKept has cells by what is asked for: it answers with those of the metric and the kind.
type scoresKept struct {
	store.Store
	cells   map[survey.Metric]map[string][]store.ScoreCell
	queries []store.ScoreQuery
}

func (s *scoresKept) ScoreCells(_ context.Context, q store.ScoreQuery) ([]store.ScoreCell, error) {
	s.queries = append(s.queries, q)
	return s.cells[q.Metric][q.Where[store.DimensionKind][0]], nil
}

func npsCell(promoters, passives, detractors int, key ...string) store.ScoreCell {
	n := promoters + passives + detractors
	return store.ScoreCell{
		Key: key, Asked: 2 * n, Answered: n, Scores: map[int]int{10: promoters, 7: passives, 0: detractors},
		Bands: map[survey.Band]int{survey.Promoter: promoters, survey.Passive: passives, survey.Detractor: detractors},
	}
}

func in(month time.Month, c store.ScoreCell) store.ScoreCell {
	c.Period = time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
	return c
}

// scorePrograms are two programs after events, one of which has a target, one every quarter
// and one of employees.
func scorePrograms() *config.Config {
	target := 50.0
	return &config.Config{Dimensions: []survey.Dimension{{ID: "industry", From: "account.industry"}}, Programs: []survey.Program{
		{ID: "deal", Kind: survey.Transactional, Metric: survey.NPS, Target: &target},
		{ID: "onboarding", Kind: survey.Transactional, Metric: survey.NPS},
		{ID: "quarterly", Kind: survey.Relational, Metric: survey.NPS},
		{ID: "pulse", Kind: survey.Transactional, Metric: survey.ENPS, Anonymity: survey.Anonymity{Anonymous: true, Floor: 10}},
	}}
}

func tableOf(t *testing.T, c *config.Config, kept *scoresKept, flags resultsFlags, programs ...string) (scoreTable, string) {
	t.Helper()
	w, err := flags.wanted(c, programs)
	require.NoError(t, err)
	a := app{config: c, store: kept}
	table, err := a.scoreTable(t.Context(), w, nil)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, table.print(&out))
	return table, out.String()
}

func TestTableOfAllPrograms(t *testing.T) {
	t.Parallel()
	kept := &scoresKept{cells: map[survey.Metric]map[string][]store.ScoreCell{survey.NPS: {
		"transactional": {npsCell(150, 40, 10, "deal"), npsCell(90, 60, 50, "onboarding")},
		"relational":    {npsCell(3, 0, 0, "quarterly")},
	}}}
	table, text := tableOf(t, scorePrograms(), kept, resultsFlags{})
	require.Len(t, table.Sections, 2, "what is asked after events and what every so often are told apart")
	require.False(t, table.nobody())
	require.Equal(t, []string{"deal", "onboarding"}, kept.queries[0].Programs)
	require.Equal(t, []string{"quarterly"}, kept.queries[1].Programs)
	require.Equal(t, []string{store.DimensionProgram}, kept.queries[0].By)
	for _, want := range []string{
		"transactional programs (deal, onboarding): 800 asked, 400 answered (50.0 [46.5, 53.5] %)\nNPS 45.0 [37.4, 51.9], n = 400,",
		"PROGRAM     ASKED  RESPONSE RATE %    N    NPS                RANK      TARGET    WHATEVER THE OTHERS SAY\n",
		"deal        400    50.0 [45.1, 54.9]  200  70.0 [61.2, 76.7]  1 (69.5)  50.0 met  -15.0 to 85.0\n  ▲ +50.0 [+35.7, +62.9] to the rest\n",
		"relational programs (quarterly): 6 asked, 3 answered", "NPS is not shown: fewer than 10 answers.\n",
		"Anonymous, and told one at a time: pulse\n", "corrected for 2 tests.",
	} {
		require.Contains(t, text, want)
	}
}

func TestTableByGroupAndPeriod(t *testing.T) {
	t.Parallel()
	kept := &scoresKept{cells: map[survey.Metric]map[string][]store.ScoreCell{survey.NPS: {"transactional": {
		in(1, npsCell(40, 30, 30, "gold")), in(2, npsCell(75, 20, 5, "gold")), in(1, npsCell(40, 30, 30, "")), in(2, npsCell(41, 29, 30, "")),
	}}}}
	c := scorePrograms()
	c.Population = []config.Population{{By: "owner", Shares: map[string]float64{"gold": 1, "silver": 1}}}
	flags := resultsFlags{by: []string{"owner"}, period: "month", from: "2026-01", to: "2026-02", where: []string{"touchpoint=purchase,support"}}
	table, text := tableOf(t, c, kept, flags, "deal")
	q := kept.queries[0]
	require.Equal(t, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), q.To, "the month is in it")
	require.Equal(t, map[string][]string{"touchpoint": {"purchase", "support"}, "kind": {"transactional"}}, q.Where)
	require.Equal(t, []string{"2026-01-01", "2026-02-28"}, []string{table.From, table.To})
	require.Contains(t, text, "weighted by the population: 40.0 [29.4, 50.6], worth 200 answers, without silver, 200 answers are of none of its groups\n")
	lines := strings.Split(text, "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "OWNER") })
	require.Regexp(t, `^\(all\) +2026-01 `, lines[at+1])
	require.Regexp(t, `^  ▲ .* since 2026-01$`, lines[at+3])
	require.Regexp(t, `^gold +all .* 1 \(\d`, lines[at+4])
	require.Regexp(t, `^  ▲ .* to the rest$`, lines[at+5])
	require.Regexp(t, `^gold +2026-02 `, lines[at+7])
	require.Regexp(t, `^  ▲ \+60\.0 .* since 2026-01$`, lines[at+8])
	require.Regexp(t, `^unknown +2026-02 `, lines[at+12])
	require.Regexp(t, `^  no real change since 2026-01: one of \d\d\.\d would show$`, lines[at+13])

	var out bytes.Buffer
	require.NoError(t, table.writeCSV(&out))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err, "all rows have the same columns")
	require.Len(t, rows, 1+3*3)
	require.Equal(t, []string{"metric", "kind", "owner", "period", "asked"}, rows[0][:5])
	require.Equal(t, []string{"nps", "transactional", "gold", "2026-02", "200"}, rows[6][:5])
	body, err := json.Marshal(table)
	require.NoError(t, err)
	require.Contains(t, string(body), `"kind":"transactional","programs":["deal"],"metric":"nps","by":["owner"],"whole":{"asked":800`)
}

// What is worth least leaves a table first that is too wide.
func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	kept := &scoresKept{cells: map[survey.Metric]map[string][]store.ScoreCell{survey.NPS: {"transactional": {
		in(1, npsCell(40, 30, 30, "software")), in(2, npsCell(75, 20, 5, "software")), in(1, npsCell(41, 29, 30, "")), in(2, npsCell(12, 7, 3, "")),
	}}}}
	table, _ := tableOf(t, scorePrograms(), kept, resultsFlags{by: []string{"owner"}, period: "month"}, "deal")
	for width, left := range map[int]string{
		120: "No room for: whatever the others say. --csv and --json have all.",
		80:  "No room for: whatever the others say, asked, response rate %. --csv and --json have all.",
	} {
		var out bytes.Buffer
		require.NoError(t, table.printWithin(&out, width))
		from, to := strings.Index(out.String(), "OWNER"), strings.Index(out.String(), left)
		require.Positive(t, to, out.String())
		for line := range strings.Lines(out.String()[from:to]) {
			require.LessOrEqual(t, utf8.RuneCountInString(line), width+1, line)
		}
	}
}

// Nobody knows how many another tool asked: there is no rate, and none is made up.
func TestTableOfWhatWasTold(t *testing.T) {
	t.Parallel()
	told := npsCell(50, 30, 20, "deal")
	told.Asked, told.Answered, told.Told = 0, 0, 100
	kept := &scoresKept{cells: map[survey.Metric]map[string][]store.ScoreCell{survey.NPS: {"transactional": {told, npsCell(40, 30, 30, "onboarding")}}}}
	table, text := tableOf(t, scorePrograms(), kept, resultsFlags{})
	require.Contains(t, text, "200 asked, 100 answered (50.0 [43.1, 56.9] %), and 100 answers that other tools told of\n")
	require.Regexp(t, `(?m)^deal +0 +unknown +100 +100 +30\.0 `, text)
	require.NotContains(t, text, "whatever the others would have said")
	require.True(t, strings.HasPrefix(askedText(0, 0, 100, nil), "100 answers that other tools told of"))
	body, err := json.Marshal(table.Sections[0].Groups[slices.IndexFunc(table.Sections[0].Groups, func(g report.Group) bool { return g.Key[0] == "deal" })])
	require.NoError(t, err)
	require.Contains(t, string(body), `"asked":0,"answered":0,"told":100,"rate":null,"n":100`)
	require.NotContains(t, string(body), "bounds")
	var out bytes.Buffer
	require.NoError(t, table.writeCSV(&out))
	require.Contains(t, out.String(), "\nnps,transactional,deal,,0,0,,,,100,enough,30,")
}

// The share of easy answers is the score; the mean is what differs.
func TestTableOfEffort(t *testing.T) {
	t.Parallel()
	c := scorePrograms()
	c.Programs = []survey.Program{{ID: "help", Kind: survey.Transactional, Metric: survey.CES}}
	effort := func(sevens, ones int) store.ScoreCell {
		return store.ScoreCell{Asked: 200, Answered: sevens + ones, Scores: map[int]int{7: sevens, 1: ones}, Bands: map[survey.Band]int{survey.Easy: sevens, survey.Hard: ones}}
	}
	kept := &scoresKept{cells: map[survey.Metric]map[string][]store.ScoreCell{survey.CES: {"transactional": {in(1, effort(50, 50)), in(2, effort(90, 10))}}}}
	table, text := tableOf(t, c, kept, resultsFlags{period: "month"}, "help")
	require.Regexp(t, `CES, % EASY +MEAN`, text)
	require.Contains(t, text, "6.40 [6.04, 6.76]")
	require.Contains(t, text, "  ▲ +2.40 [+1.71, +3.09] of the mean since 2026-01\n")
	var out bytes.Buffer
	require.NoError(t, table.writeCSV(&out))
	require.Contains(t, out.String(), ",2026-01,mean\n")
}

func TestTableOfNobody(t *testing.T) {
	t.Parallel()
	table, _ := tableOf(t, scorePrograms(), &scoresKept{}, resultsFlags{where: []string{"touchpoint=typo"}})
	require.True(t, table.nobody())
}

func TestTableByWave(t *testing.T) {
	t.Parallel()
	wave := func(run string, promoters int) store.ScoreCell {
		return npsCell(promoters, 100-promoters, 0, survey.CampaignID("quarterly", "9f", run))
	}
	second := npsCell(20, 80, 0, survey.CampaignID("quarterly", "01", "2026-04-01T06:00:00Z"))
	kept := &scoresKept{cells: map[survey.Metric]map[string][]store.ScoreCell{survey.NPS: {"relational": {second, wave("2026-01-01T06:00:00Z", 80), wave("2026-07-01T06:00:00Z", 20)}}}}
	table, text := tableOf(t, scorePrograms(), kept, resultsFlags{by: []string{"wave"}}, "quarterly")
	var names []string
	for _, p := range table.Sections[0].Whole.Periods {
		names = append(names, p.Name)
	}
	require.Equal(t, []string{"quarterly/9f/2026-01-01T06:00:00Z", "quarterly/01/2026-04-01T06:00:00Z", "quarterly/9f/2026-07-01T06:00:00Z"}, names)
	require.Contains(t, text, "▼ -60.0")
	require.Contains(t, text, "no real change since quarterly/01/2026-04-01T06:00:00Z")
}

func TestResultsFlagsThatAreWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flags    resultsFlags
		programs []string
		want     string
	}{
		"program":   {resultsFlags{}, []string{"deel"}, `no program "deel": known are deal, onboarding, quarterly, pulse`},
		"dimension": {resultsFlags{by: []string{"tier"}}, nil, `--by "tier": known are channel, kind, language, owner, program, touchpoint, variant, wave, industry`},
		"where":     {resultsFlags{where: []string{"touchpoint"}}, nil, `--where "touchpoint": want dimension=value, for example touchpoint=purchase`},
		"of none":   {resultsFlags{where: []string{"tier=gold"}}, nil, `--where "tier": known are channel,`},
		"from":      {resultsFlags{from: "January"}, nil, `--from "January": want a day or a month, for example 2026-01-15 or 2026-01`},
		"backwards": {resultsFlags{from: "2026-02", to: "2026-01"}, nil, `--to 2026-01 is before --from 2026-02`},
		"period":    {resultsFlags{period: "year"}, nil, `--period "year": want day, week, month or quarter`},
		"two forms": {resultsFlags{json: true, csv: true}, nil, `--json and --csv: want one of them`},
		"waves":     {resultsFlags{by: []string{"wave"}}, nil, `--by wave compares the waves of one program, without --period`},
		"anonymous": {resultsFlags{period: "month"}, []string{"pulse"}, `the answers to pulse are anonymous, and told all together: cxloop results pulse`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.flags.wanted(scorePrograms(), c.programs)
			require.ErrorIs(t, err, errUsage)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestPeriodNames(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC)
	for period, want := range map[store.Period]string{store.Day: "2026-08-31", store.Week: "2026-W36", store.Month: "2026-08", store.Quarter: "2026-Q3", "": ""} {
		require.Equal(t, want, periodName(period, at))
	}
	require.Equal(t, "'=1+1", csvText("=1+1"))
}
