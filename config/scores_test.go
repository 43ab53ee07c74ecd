package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

const someBenchmarks = `benchmarks:
  - name: B2B software, Europe
    metric: nps
    score: 38.5
    as_of: 2026-03-01
    source: Example Institute, B2B report 2026, page 12
    url: https://example.com/b2b-2026
  - {name: Support, metric: csat, score: 81, as_of: "2024-11-01", source: Example Institute, programs: [chat]}
`

// withBenchmarks is valid with a file of benchmarks beside it.
func withBenchmarks(t *testing.T, benchmarks string) (name string, body []byte) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.yaml"), []byte(benchmarks), 0o600))
	return filepath.Join(dir, "f"), []byte(strings.Replace(valid, "brand:", "benchmarks: {file: b.yaml}\nbrand:", 1))
}

func TestBenchmarks(t *testing.T) {
	t.Parallel()
	list, wrong := parseBenchmarks("b.yaml", []byte(someBenchmarks))
	require.Empty(t, wrong)
	require.Len(t, list, 2)
	require.Equal(t, Benchmark{
		Name: "B2B software, Europe", Metric: survey.NPS, Score: 38.5, AsOf: "2026-03-01", Source: "Example Institute, B2B report 2026, page 12",
		URL: "https://example.com/b2b-2026",
	}, list[0])
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	require.False(t, list[0].Stale(now))
	require.True(t, list[1].Stale(now))
	require.True(t, list[0].About(survey.NPS, []string{"won-deal", "renewal"}))
	require.False(t, list[0].About(survey.CSAT, nil))
	require.True(t, list[1].About(survey.CSAT, []string{"chat"}))
	require.False(t, list[1].About(survey.CSAT, []string{"chat", "visit"}), "others are measured too")

	name, body := withBenchmarks(t, strings.Replace(someBenchmarks, ", programs: [chat]", "", 1))
	cfg, err := LoadBytes(name, body, env())
	require.NoError(t, err)
	require.Len(t, cfg.Benchmarks.List, 2)
}

func TestMistakesInBenchmarks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to, want string }{
		"no source":   {", source: Example Institute", "", `b.yaml:8:5: benchmarks[1].source: is required`},
		"no date":     {"    as_of: 2026-03-01\n", "", `b.yaml:2:5: benchmarks[0].as_of: is required`},
		"month":       {"as_of: 2026-03-01", "as_of: 2026-03", `b.yaml:5:12: benchmarks[0].as_of: "2026-03": want a day such as 2026-03-01`},
		"unknown key": {"url:", "link:", `b.yaml:7:5: benchmarks[0].link: unknown key: known are as_of, metric, name, programs, score, source, url`},
		"metric":      {"metric: nps", "metric: ces9", `b.yaml:3:13: benchmarks[0].metric: want nps or csat or ces or enps or audit`},
		"range":       {"score: 81", "score: -1", `b.yaml:8:42: benchmarks[1].score: csat goes from 0 to 100`},
		"empty":       {someBenchmarks, "benchmarks: []\n", `b.yaml:1:13: benchmarks: is empty`},
		"no program":  {"programs: [chat]", "programs: [chats]", `f:20:20: benchmarks.file: "Support" is about the program chats: there is none with that id`},
		"program":     {"programs: [chat]", "programs: [won-deal-nps]", `f:20:20: benchmarks.file: "Support" is about the program won-deal-nps, which does not measure csat`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			name, body := withBenchmarks(t, strings.Replace(someBenchmarks, c.from, c.to, 1))
			_, err := LoadBytes(name, body, env())
			require.ErrorContains(t, err, filepath.Join(filepath.Dir(name), c.want))
		})
	}
	_, err := LoadBytes("f", []byte(strings.Replace(valid, "brand:", "benchmarks: {file: none.yaml}\nbrand:", 1)), env())
	require.EqualError(t, err, "f:20:20: benchmarks.file: cannot be read: open none.yaml: no such file or directory")
}

func TestMistakesInTargetsAndPopulations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to, want string }{
		"target":       {"expiry: 14d", "target: 140", `f:32:13: programs[0].target: want at most 100`},
		"below zero":   {"template: nps", "template: csat\n    target: -5", `target: csat goes from 0 to 100`},
		"twice":        {"brand:", "population: [{by: program, shares: {a: 1}}, {by: program, shares: {a: 1}}]\nbrand:", `f:20:50: population[1].by: "program" is declared already, population[0]`},
		"unknown":      {"brand:", "population: [{by: industry, shares: {a: 1}}]\nbrand:", `f:20:19: population[0].by: there is no dimension "industry": known are channel, kind, language, owner, program, touchpoint, variant, wave`},
		"no value":     {"brand:", "dimensions: [{id: region, from: account.region, values: [emea, amer]}]\npopulation: [{by: region, shares: {emea: 1, amr: 1, (other): 1}}]\nbrand:", `f:21:50: population[0].shares.amr: is no value of the dimension region: those are emea, amer, and (other)`},
		"no share":     {"brand:", "population: [{by: program, shares: {a: 0}}]\nbrand:", `f:20:40: population[0].shares.a: want more than 0`},
		"no shares":    {"brand:", "population: [{by: program, shares: {}}]\nbrand:", `f:20:36: population[0].shares: is empty`},
		"no dimension": {"brand:", "population: [{shares: {a: 1}}]\nbrand:", `f:20:14: population[0].by: is required`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadBytes("f", []byte(strings.Replace(valid, c.from, c.to, 1)), env())
			require.ErrorContains(t, err, c.want)
		})
	}
}

func FuzzBenchmarks(f *testing.F) {
	f.Add([]byte(someBenchmarks))
	f.Add([]byte("benchmarks: [{as_of: 2026-01-01, score: .nan}, 1, null]\n"))
	f.Add([]byte("benchmarks: {a: &a [*a]}\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		list, wrong := parseBenchmarks("b.yaml", body)
		if (len(list) == 0) == (len(wrong) == 0) {
			t.Fatalf("want either benchmarks or mistakes, got %v and %v", list, wrong)
		}
		for _, b := range list {
			if b.Name == "" || b.Source == "" || checkDate(b.AsOf) != nil || b.Score < -100 || b.Score > 100 {
				t.Fatalf("taken: %+v", b)
			}
		}
	})
}
