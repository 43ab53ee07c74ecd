package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cxloop/cxloop/insight/report"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// scoreTable is what answers come to, by groups and periods.
type scoreTable struct {
	// From and To are the first and the last day, "" without an end.
	From     string         `json:"from,omitempty"`
	To       string         `json:"to,omitempty"`
	Period   string         `json:"period,omitempty"`
	Sections []scoreSection `json:"sections"`
	// LeftOut are programs whose answers are anonymous, and told one program at a time.
	LeftOut []string `json:"left_out,omitempty"`
}

// scoreSection is what may be countedScores together: the programs of a metric and a kind.
type scoreSection struct {
	Kind     survey.Kind `json:"kind"`
	Programs []string    `json:"programs"`
	report.Report
	Benchmarks []shownBenchmark `json:"benchmarks,omitempty"`
}

// shownBenchmark is a score of others, and where one's own lies beside it.
type shownBenchmark struct {
	Name    string         `json:"name"`
	Score   float64        `json:"score"`
	Verdict report.Verdict `json:"verdict"`
	AsOf    string         `json:"as_of"`
	Source  string         `json:"source"`
	URL     string         `json:"url,omitempty"`
	// Stale says that it is of more than a year ago.
	Stale bool `json:"stale,omitempty"`
}

// benchmarks are those of programs of a metric, beside their score; none beside a hidden one.
func (a *app) benchmarks(score *report.Interval, metric survey.Metric, programs ...string) []shownBenchmark {
	var shown []shownBenchmark
	if score == nil {
		return nil
	}
	for _, b := range a.config.Benchmarks.List {
		if b.About(metric, programs) {
			shown = append(shown, shownBenchmark{
				Name: b.Name, Score: b.Score, Verdict: score.Against(b.Score).Verdict, AsOf: b.AsOf, Source: b.Source, URL: b.URL,
				Stale: b.Stale(a.clock.Now()),
			})
		}
	}
	return shown
}

// scoreTable counts what is wanted.
func (a *app) scoreTable(ctx context.Context, w scoresWanted, progress func(float64)) (scoreTable, error) {
	table := scoreTable{Period: string(w.query.Period), From: dayText(w.query.From), Sections: []scoreSection{}}
	if !w.query.To.IsZero() {
		table.To = dayText(w.query.To.AddDate(0, 0, -1))
	}
	of := map[survey.Metric][]survey.Program{}
	var metrics []survey.Metric
	for _, p := range w.programs {
		if p.Anonymous {
			table.LeftOut = append(table.LeftOut, p.ID)
			continue
		}
		if of[p.Metric] == nil {
			metrics = append(metrics, p.Metric)
		}
		of[p.Metric] = append(of[p.Metric], p)
	}
	var sections []report.Section
	w.query.Progress = progress
	for _, metric := range metrics {
		found, err := a.countScores(ctx, w, of[metric])
		if err != nil {
			return table, err
		}
		for _, f := range found {
			table.Sections = append(table.Sections, scoreSection{Kind: f.kind, Programs: programIDs(f.programs)})
			sections = append(sections, a.section(f, w))
		}
	}
	for i, told := range report.Of(sections...) {
		s := &table.Sections[i]
		s.Report = told
		s.Benchmarks = a.benchmarks(told.Whole.Score, survey.Metric(told.Metric), s.Programs...)
	}
	return table, nil
}

// nobody reports whether there is nothing of all that is counted.
func (t scoreTable) nobody() bool {
	return !slices.ContainsFunc(t.Sections, func(s scoreSection) bool { return s.Whole.Asked+s.Whole.Told > 0 })
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func programIDs(programs []survey.Program) []string {
	ids := make([]string, len(programs))
	for i, p := range programs {
		ids[i] = p.ID
	}
	return ids
}

// countedScores are the cells of programs that may be counted together.
type countedScores struct {
	kind     survey.Kind
	programs []survey.Program
	cells    []store.ScoreCell
}

// countScores counts the scores of programs of one metric, those of each kind apart: what is
// asked after an event and what is asked every so often have nothing in common.
func (a *app) countScores(ctx context.Context, w scoresWanted, programs []survey.Program) ([]countedScores, error) {
	var found []countedScores
	kinds := w.query.Where[store.DimensionKind]
	for _, p := range programs {
		if len(kinds) > 0 && !slices.Contains(kinds, string(p.Kind)) {
			continue
		}
		i := slices.IndexFunc(found, func(c countedScores) bool { return c.kind == p.Kind })
		if i < 0 {
			i = len(found)
			found = append(found, countedScores{kind: p.Kind})
		}
		found[i].programs = append(found[i].programs, p)
	}
	query := w.query
	query.Metric = programs[0].Metric
	query.By = w.by()
	if w.waves {
		query.By = append(query.By, store.DimensionWave)
	}
	for i, c := range found {
		query.Programs = programIDs(c.programs)
		query.Where = maps.Clone(w.query.Where)
		query.Where[store.DimensionKind] = []string{string(c.kind)}
		cells, err := a.store.ScoreCells(ctx, query)
		if err != nil {
			return nil, err
		}
		found[i].cells = cells
	}
	return found, nil
}

// by are the dimensions of the groups: the programs where there are several and nothing else
// was said.
func (w scoresWanted) by() []string {
	if len(w.query.By) == 0 && !w.waves && len(w.programs) > 1 {
		return []string{store.DimensionProgram}
	}
	return slices.Clone(w.query.By)
}

// section is what reports are made of.
func (a *app) section(c countedScores, w scoresWanted) report.Section {
	by := w.by()
	s := report.Section{Metric: report.Metric(c.programs[0].Metric), By: by, Target: targetsOf(c.programs, by)}
	for _, p := range a.config.Population {
		if len(by) == 1 && p.By == by[0] {
			s.Population = p.Shares
		}
	}
	var waves []string
	if w.waves {
		waves = wavesOf(c.cells, len(by))
	}
	for _, cell := range c.cells {
		out := report.Cell{
			Group: cell.Key[:len(by)], Period: periodName(w.query.Period, cell.Period), At: daysSince1970(cell.Period),
			Asked: cell.Asked, Answered: cell.Answered, Told: cell.Told, Scores: cell.Scores, Bands: bandsByName(cell.Bands),
		}
		if w.waves {
			out.Period = cell.Key[len(by)]
			out.At = float64(slices.Index(waves, out.Period))
		}
		s.Cells = append(s.Cells, out)
	}
	return s
}

// wavesOf are the waves in the order in which they began.
func wavesOf(cells []store.ScoreCell, at int) []string {
	var waves []string
	for _, c := range cells {
		waves = append(waves, c.Key[at])
	}
	slices.SortFunc(waves, func(a, b string) int {
		_, _, first, _ := survey.ParseCampaignID(a)
		_, _, second, _ := survey.ParseCampaignID(b)
		return cmp.Or(cmp.Compare(first, second), cmp.Compare(a, b))
	})
	return slices.Compact(waves)
}

// targetsOf says what score a group should have: its program's, or that of all programs
// where they have the same.
func targetsOf(programs []survey.Program, by []string) func([]string) (float64, bool) {
	at := slices.Index(by, store.DimensionProgram)
	shared := programs[0].Target
	for _, p := range programs {
		if p.Target == nil || shared == nil || *p.Target != *shared {
			shared = nil
		}
	}
	return func(group []string) (float64, bool) {
		target := shared
		if group != nil && at >= 0 {
			target = nil
			for _, p := range programs {
				if p.ID == group[at] {
					target = p.Target
				}
			}
		}
		if target == nil {
			return 0, false
		}
		return *target, true
	}
}

// periodName is what a period is called that begins at a moment, "" without periods.
func periodName(period store.Period, begins time.Time) string {
	switch period {
	case store.Day:
		return begins.Format(time.DateOnly)
	case store.Week:
		year, week := begins.ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week)
	case store.Month:
		return begins.Format(survey.MonthLayout)
	case store.Quarter:
		return fmt.Sprintf("%d-Q%d", begins.Year(), (int(begins.Month())+2)/3)
	}
	return ""
}
