package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/insight/report"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func resultsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "results [PROGRAM...]",
		Short: "Tell what answers come to, from ten answers on: of one program, or of several beside each other",
		Long: "Tell what answers come to, from ten answers on.\n\n" +
			"Of one program without further flags: the score with its interval, its months, and what of anonymous answers may be told.\n" +
			"Else a table of groups and periods. Its differences are tested, and corrected for how many there are; transactional and\n" +
			"relational programs, and different metrics, are never counted together. docs/insight.md explains each figure.",
		Example: "  cxloop results won-deal-nps\n" +
			"  cxloop results --by touchpoint --from 2026-01 --to 2026-06\n" +
			"  cxloop results won-deal-nps --by owner --period quarter --where touchpoint=purchase --csv",
	}
	file := configFlag(cmd, defaultConfig)
	var flags resultsFlags
	flags.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		wanted, err := flags.wanted(c, args)
		if err != nil {
			return err
		}
		return withConfig(cmd.Context(), c, func(a *app) error {
			if !wanted.all && len(wanted.programs) == 1 && wanted.plain() {
				return a.tellProgram(cmd, wanted.programs[0], flags.json)
			}
			table, err := a.scoreTable(cmd.Context(), wanted, progressOn(cmd.ErrOrStderr(), "counting"))
			if err == nil && table.nobody() && len(wanted.query.Where) > 0 {
				names := slices.Sorted(maps.Keys(wanted.query.Where))
				fmt.Fprintf(cmd.ErrOrStderr(), "Nobody was asked of whom that is known: \"cxloop results --by %s\" lists the values that there are.\n", strings.Join(names, ","))
			}
			switch {
			case err != nil:
				return err
			case flags.csv:
				return table.writeCSV(cmd.OutOrStdout())
			}
			return printOne(cmd.OutOrStdout(), table, flags.json)
		})
	}
	return cmd
}

// tellProgram tells all that may be told of one program.
func (a *app) tellProgram(cmd *cobra.Command, program survey.Program, asJSON bool) error {
	found, err := a.resultsFound(cmd.Context(), program)
	if err != nil {
		return err
	}
	out := resultsOf(program, found)
	if out.Hidden == "" {
		out.Benchmarks = a.benchmarks(out.Whole.Score, program.Metric, program.ID)
	}
	if program.Metric == survey.Audit && out.Hidden == "" {
		audits, err := a.store.Checklists(cmd.Context(), program.ID)
		if err != nil {
			return err
		}
		out.Checklist = itemsOf(program, audits)
	}
	return printOne(cmd.OutOrStdout(), out, asJSON)
}

// resultsFound counts the answers to a program, anonymous ones with what they hold.
func (a *app) resultsFound(ctx context.Context, program survey.Program) (store.Results, error) {
	found, err := a.store.Results(ctx, program.ID)
	if err != nil || found.Floor > 0 {
		return found, err
	}
	cells, err := a.store.ScoreCells(ctx, store.ScoreQuery{Metric: program.Metric, Programs: []string{program.ID}, Period: store.Month})
	for _, c := range cells {
		month := c.Period.Format(survey.MonthLayout)
		found.Blocks = append(found.Blocks, survey.Block{
			From: month, To: month, Asked: c.Asked, Answered: c.Answered, Told: c.Told, Scores: c.Scores, Bands: c.Bands,
		})
		found.Asked, found.Answered = found.Asked+c.Asked, found.Answered+c.Answered
	}
	return found, err
}

// results are what may be shown of a program's responses.
type results struct {
	Program string        `json:"program"`
	Metric  survey.Metric `json:"metric"`
	Asked   int           `json:"asked"`
	// Rate is the share of those asked who answered, in percent; nil where nobody was asked,
	// or nobody knows who was. Told is how many answers other tools told of, that are in
	// neither.
	Answered int              `json:"answered"`
	Rate     *report.Interval `json:"rate"`
	Told     int              `json:"told,omitempty"`
	// Hidden says why there is no more; Whole is nil then.
	Hidden  string        `json:"hidden,omitempty"`
	Whole   *shownMonths  `json:"all,omitempty"`
	Periods []shownMonths `json:"periods,omitempty"`
	// Trend is how far the periods go from the first to the last, nil of fewer than three.
	Trend *report.Change `json:"trend,omitempty"`
	// Tests is how many tests were corrected together.
	Tests      int              `json:"tests,omitempty"`
	Benchmarks []shownBenchmark `json:"benchmarks,omitempty"`
	// Waiting is how many anonymous answers wait for as many as Floor.
	Waiting int `json:"waiting,omitempty"`
	Floor   int `json:"floor,omitempty"`
	// Chosen counts what was chosen in anonymous answers, by question and option;
	// Written are the texts in them, in no order.
	Chosen  map[string]map[string]int `json:"chosen,omitempty"`
	Written []string                  `json:"written,omitempty"`
	// Checklist is what became of an audit's items, in their order.
	Checklist []itemResult `json:"checklist,omitempty"`
}

// shownMonths is what responses of some months come to.
type shownMonths struct {
	From string `json:"from"`
	To   string `json:"to"`
	report.Figure
	// Change is that since the period before, nil of the first and of all together.
	Change *report.Change `json:"change,omitempty"`
}

func resultsOf(program survey.Program, found store.Results) results {
	out := results{
		Program: program.ID, Metric: program.Metric, Asked: found.Asked, Answered: found.Answered,
		Waiting: found.Waiting, Floor: found.Floor,
	}
	if out.Asked > 0 {
		rate := percent(out.Answered, out.Asked)
		out.Rate = &rate
	}
	for _, b := range found.Blocks {
		out.Told += b.Told
	}
	least := cmp.Or(found.Floor, survey.MinGroup)
	whole, periods, shown := survey.Disclose(found.Blocks, least)
	if !shown {
		out.Hidden = fmt.Sprintf("fewer than %d answers can be shown", least)
		return out
	}
	section := report.Section{Metric: report.Metric(program.Metric), Floor: least, Target: targetOf(program)}
	rest := report.Cell{Asked: found.Asked, Answered: found.Answered} // of anonymous programs, whose months are not known
	for _, p := range periods {
		section.Cells = append(section.Cells, cellOf(p))
		rest.Asked, rest.Answered = rest.Asked-p.Asked, rest.Answered-p.Answered
	}
	section.Cells = append(section.Cells, rest)
	told := report.Of(section)[0]
	out.Whole = &shownMonths{From: whole.From, To: whole.To, Figure: told.Whole.Figure}
	out.Trend, out.Tests = told.Whole.Trend, told.Tests
	if len(periods) > 1 {
		for i, p := range told.Whole.Periods {
			out.Periods = append(out.Periods, shownMonths{periods[i].From, periods[i].To, p.Figure, p.Change})
		}
	}
	out.tell(found.Said)
	return out
}

// cellOf counts the responses of a block as reports do.
func cellOf(b survey.Block) report.Cell {
	c := report.Cell{
		Period: monthsText(b.From, b.To), Asked: b.Asked, Answered: b.Answered, Told: b.Told,
		Scores: b.Scores, Bands: bandsByName(b.Bands),
	}
	if from, err := time.Parse(survey.MonthLayout, b.From); err == nil {
		c.At = daysSince1970(from)
	}
	return c
}

// bandsByName counts bands as reports call them.
func bandsByName(bands map[survey.Band]int) map[string]int {
	out := map[string]int{}
	for band, n := range bands {
		out[string(band)] = n
	}
	return out
}

func daysSince1970(t time.Time) float64 { return float64(t.Unix()) / (24 * 60 * 60) }

// targetOf is the target of all responses of a program, nil where it has none.
func targetOf(program survey.Program) func([]string) (float64, bool) {
	if program.Target == nil {
		return nil
	}
	return func([]string) (float64, bool) { return *program.Target, true }
}

// tell collects what anonymous answers hold, each part apart from the rest of its answer.
func (r *results) tell(said []survey.AnonymousAnswer) {
	for _, answer := range said {
		if answer.Comment != "" {
			r.Written = append(r.Written, answer.Comment)
		}
		for _, id := range slices.Sorted(maps.Keys(answer.Answers)) {
			given := answer.Answers[id]
			if given.Text != "" {
				r.Written = append(r.Written, given.Text)
			}
			for _, option := range given.Chosen {
				if r.Chosen == nil {
					r.Chosen = map[string]map[string]int{}
				}
				if r.Chosen[id] == nil {
					r.Chosen[id] = map[string]int{}
				}
				r.Chosen[id][option]++
			}
		}
	}
	rand.Shuffle(len(r.Written), func(i, j int) { r.Written[i], r.Written[j] = r.Written[j], r.Written[i] })
}
