package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// resultsFlags are those of "cxloop results", as they were written.
type resultsFlags struct {
	by, where              []string
	from, to, period, wave string
	json, csv              bool
}

func (f *resultsFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.by, "by", nil, "count apart by these dimensions: program, touchpoint, owner, wave and others, and those that are declared")
	flags.StringVar(&f.from, "from", "", "the first day or month, such as 2026-01-15 or 2026-01")
	flags.StringVar(&f.to, "to", "", "the last day or month")
	flags.StringVar(&f.period, "period", "", "count apart by day, week, month or quarter, in UTC")
	flags.StringVar(&f.wave, "wave", "", "count one wave of a campaign alone, as --by wave shows them")
	flags.StringArrayVar(&f.where, "where", nil, "count some values of a dimension alone, such as touchpoint=purchase,support; may be repeated")
	flags.BoolVar(&f.json, "json", false, "print one object")
	flags.BoolVar(&f.csv, "csv", false, "print a table of comma-separated values")
}

// scoresWanted is what is to be counted.
type scoresWanted struct {
	programs []survey.Program
	// all says that no program was named.
	all   bool
	query store.ScoreQuery
	// waves says that it is counted by wave, one after the other as periods are.
	waves bool
	csv   bool
}

// plain reports whether nothing but programs was named.
func (w scoresWanted) plain() bool {
	q := w.query
	return len(q.By) == 0 && len(q.Where) == 0 && q.Period == "" && q.From.IsZero() && q.To.IsZero() && !w.waves && !w.csv
}

// wanted reads flags and programs.
func (f resultsFlags) wanted(c *config.Config, programs []string) (w scoresWanted, err error) {
	w = scoresWanted{programs: c.Programs, all: len(programs) == 0, csv: f.csv}
	if !w.all {
		w.programs = nil
	}
	for i, id := range programs {
		if slices.Contains(programs[:i], id) {
			continue
		}
		p, err := programOf(c, id)
		if err != nil {
			return w, err
		}
		w.programs = append(w.programs, p)
	}
	if f.json && f.csv {
		return w, fmt.Errorf("%w: --json and --csv: want one of them", errUsage)
	}
	q := &w.query
	q.Period = store.Period(f.period)
	if err := q.Period.Check(); err != nil {
		return w, fmt.Errorf("%w: --%w", errUsage, err)
	}
	if q.From, q.To, err = parseFromTo(f.from, f.to); err != nil {
		return w, err
	}
	if err := f.dimensions(c, &w); err != nil {
		return w, err
	}
	return w, w.checkAnonymous()
}

// dimensions reads by what is counted, and what of it.
func (f resultsFlags) dimensions(c *config.Config, w *scoresWanted) error {
	known := c.DimensionIDs()
	w.query.Where = map[string][]string{}
	for _, name := range f.by {
		switch {
		case !slices.Contains(known, name):
			return unknownDimension("--by", name, known)
		case slices.Contains(w.query.By, name):
		case name != store.DimensionWave:
			w.query.By = append(w.query.By, name)
		case len(w.programs) != 1 || f.period != "":
			return fmt.Errorf("%w: --by wave compares the waves of one program, without --period", errUsage)
		default:
			w.waves = true
		}
	}
	for _, text := range f.where {
		name, values, is := strings.Cut(text, "=")
		switch {
		case !is:
			return fmt.Errorf("%w: --where %q: want dimension=value, for example touchpoint=purchase", errUsage, text)
		case !slices.Contains(known, name):
			return unknownDimension("--where", name, known)
		}
		w.query.Where[name] = append(w.query.Where[name], strings.Split(values, ",")...)
	}
	if f.wave != "" {
		w.query.Where[store.DimensionWave] = []string{f.wave}
	}
	return nil
}

func unknownDimension(flag, name string, known []string) error {
	return fmt.Errorf("%w: %s %q: known are %s", errUsage, flag, name, strings.Join(known, ", "))
}

// checkAnonymous refuses to count anonymous answers apart: tables that differ by few people
// would tell who said what.
func (w scoresWanted) checkAnonymous() error {
	if w.all || w.plain() {
		return nil
	}
	for _, p := range w.programs {
		if p.Anonymous {
			return fmt.Errorf("%w: the answers to %s are anonymous, and told all together: cxloop results %s", errUsage, p.ID, p.ID)
		}
	}
	return nil
}

// parseFromTo reads the flags --from and --to: the beginning of the first day, and the end of
// the last, each zero for "".
func parseFromTo(from, to string) (begin, end time.Time, err error) {
	if begin, _, err = parseDays("--from", from); err != nil {
		return begin, end, err
	}
	if _, end, err = parseDays("--to", to); err != nil {
		return begin, end, err
	}
	if !end.IsZero() && !begin.Before(end) {
		err = fmt.Errorf("%w: --to %s is before --from %s", errUsage, to, from)
	}
	return begin, end, err
}

// parseDays reads a day or a month, in UTC: its beginning and its end, both zero for "".
func parseDays(flag, text string) (from, to time.Time, err error) {
	if text == "" {
		return from, to, nil
	}
	if from, err = time.Parse(time.DateOnly, text); err == nil {
		return from, from.AddDate(0, 0, 1), nil
	}
	if from, err = time.Parse(survey.MonthLayout, text); err == nil {
		return from, from.AddDate(0, 1, 0), nil
	}
	return from, to, fmt.Errorf("%w: %s %q: want a day or a month, for example 2026-01-15 or 2026-01", errUsage, flag, text)
}

// progressOn tells on a terminal how far something is, and nothing elsewhere.
func progressOn(out io.Writer, doing string) func(done float64) {
	f, is := out.(*os.File)
	if !is {
		return nil
	}
	if about, err := f.Stat(); err != nil || about.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(done float64) {
		fmt.Fprintf(f, "\r%s: %3.0f %%", doing, 100*done)
		if done >= 1 {
			fmt.Fprint(f, "\r\033[K")
		}
	}
}
