package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/insight/report"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func (t scoreTable) print(out io.Writer) error { return t.printWithin(out, widthOf(out)) }

// printWithin prints the table for lines of so many characters, 0 for any length.
func (t scoreTable) printWithin(out io.Writer, width int) error {
	var b strings.Builder
	tests := 0
	for i, s := range t.Sections {
		if i > 0 {
			b.WriteByte('\n')
		}
		s.print(&b, width)
		tests = s.Tests
	}
	if len(t.Sections) == 0 {
		b.WriteString("Nothing is counted.\n")
	}
	b.WriteByte('\n')
	if tests > 0 {
		fmt.Fprintln(&b, correctedText(tests))
	}
	if len(t.LeftOut) > 0 {
		fmt.Fprintf(&b, "Anonymous, and told one at a time: %s\n", strings.Join(t.LeftOut, ", "))
	}
	_, err := io.WriteString(out, strings.TrimPrefix(b.String(), "\n"))
	return err
}

func (s scoreSection) print(b *strings.Builder, width int) {
	name := metricNames[survey.Metric(s.Metric)]
	fmt.Fprintf(b, "%s programs (%s): %s\n", s.Kind, strings.Join(s.Programs, ", "), askedText(s.Whole.Asked, s.Whole.Answered, s.Whole.Told, s.Whole.Rate))
	if s.Whole.Score == nil {
		fmt.Fprintf(b, "%s is not shown: fewer than %d answers.\n", name, survey.MinGroup)
	} else {
		fmt.Fprintln(b, figureText(s.Whole.Figure, name))
		printBeside(b, s.Whole.Figure, s.Benchmarks)
	}
	if w := s.Weighted; w != nil {
		fmt.Fprintf(b, "  weighted by the population: %s, worth %.0f answers%s\n", interval(w.Score), w.Effective, weightedText(*w))
	}
	if s.Whole.Trend != nil {
		fmt.Fprintf(b, "  trend: %s\n", sinceText(s.Whole.Trend))
	}
	s.printTable(b, name, width)
}

// weightedText says what of population and answers does not fit together.
func weightedText(w report.Weighted) string {
	var text string
	if len(w.Silent) > 0 {
		text += ", without " + strings.Join(w.Silent, ", ")
	}
	if w.Unknown > 0 {
		text += fmt.Sprintf(", %d answers are of none of its groups", w.Unknown)
	}
	return text
}

// printTable prints groups and periods, where there are any that say more than the whole.
func (s scoreSection) printTable(b *strings.Builder, name string, width int) {
	alone := len(s.Programs) == 1 && slices.Equal(s.By, []string{store.DimensionProgram})
	if len(s.Whole.Periods) == 0 && (len(s.Groups) == 0 || alone) {
		return
	}
	all := make([]string, len(s.By))
	for i := range all {
		all[i] = allGroups
	}
	var rows []scoreRow
	for _, p := range s.Whole.Periods {
		rows = append(rows, periodRow(all, p))
	}
	for _, g := range s.Groups {
		if !alone {
			rows = append(rows, s.groupRows(g)...)
		}
	}
	printColumns(b, s.columns(name), rows, width)
}

// columns are those of the section's table. One that is worth less leaves it first where
// there is no room.
func (s scoreSection) columns(name string) []scoreColumn {
	var columns []scoreColumn
	for i, dimension := range s.By {
		columns = append(columns, scoreColumn{strings.ToUpper(dimension), func(r scoreRow) string { return r.key[i] }, always})
	}
	of := func(text func(report.Figure) string) func(scoreRow) string {
		return func(r scoreRow) string { return text(r.figure) }
	}
	return append(columns,
		scoreColumn{"PERIOD", func(r scoreRow) string { return r.period }, always},
		scoreColumn{"ASKED", of(func(f report.Figure) string { return strconv.Itoa(f.Asked) }), 3},
		scoreColumn{"RESPONSE RATE %", of(rateText), 4},
		scoreColumn{"TOLD", of(func(f report.Figure) string { return countText(f.Told) }), 2},
		scoreColumn{"N", of(sizeText), always},
		scoreColumn{strings.ToUpper(name), of(func(f report.Figure) string { return shownText(f, f.Score) }), always},
		scoreColumn{"MEAN", of(meanText), 7},
		scoreColumn{"RANK", func(r scoreRow) string { return r.rank }, 6},
		scoreColumn{"TARGET", of(targetText), 5},
		scoreColumn{"WHATEVER THE OTHERS SAY", of(boundsText), 1},
	)
}

// groupRows are a group and its periods.
func (s scoreSection) groupRows(g report.Group) []scoreRow {
	row := scoreRow{figure: g.Figure}
	for _, value := range g.Key {
		row.key = append(row.key, valueText(value))
	}
	if g.Rank != nil {
		row.rank = fmt.Sprintf("%d (%.1f)", g.Rank.Place, g.Rank.Score)
		if g.Mean != nil {
			row.rank = fmt.Sprintf("%d (%.2f)", g.Rank.Place, g.Rank.Score)
		}
	}
	if g.Rest != nil {
		row.below = append(row.below, changeText(g.Rest, "to the rest"))
	}
	if g.Trend != nil {
		row.below = append(row.below, "trend: "+sinceText(g.Trend))
	}
	if len(s.Whole.Periods) > 0 {
		row.period = "all"
	}
	rows := []scoreRow{row}
	for _, p := range g.Periods {
		rows = append(rows, periodRow(row.key, p))
	}
	return rows
}

// allGroups is the group of everything in a table.
const allGroups = "(all)"

func periodRow(key []string, p report.Period) scoreRow {
	row := scoreRow{key: key, period: p.Name, figure: p.Figure}
	if p.Change != nil {
		row.below = []string{sinceText(p.Change)}
	}
	return row
}

func sinceText(c *report.Change) string {
	if c == nil {
		return ""
	}
	return changeText(c, "since "+c.Since)
}

// valueText is the value of a dimension as people read it.
func valueText(value string) string {
	if value == "" {
		return unknownSegment
	}
	return value
}

// targetWords say in a column whether a target is met.
var targetWords = map[report.Verdict]string{report.Above: "met", report.Below: "missed", report.Undecided: "undecided"}

func rateText(f report.Figure) string {
	switch {
	case f.Rate != nil:
		return interval(*f.Rate).String()
	case f.Told > 0: // nobody knows how many were asked
		return "unknown"
	}
	return ""
}

// sizeText is how many responses a score is made of, and whether these are few.
func sizeText(f report.Figure) string {
	if f.Score != nil && f.Evidence != insight.Enough {
		return fmt.Sprintf("%d %s", f.N, f.Evidence)
	}
	return strconv.Itoa(f.N)
}

func shownText(f report.Figure, of *report.Interval) string {
	switch {
	case f.Score == nil:
		return "hidden"
	case of == nil:
		return ""
	}
	return interval(*of).String()
}

func meanText(f report.Figure) string {
	if f.Mean == nil {
		return ""
	}
	return fmt.Sprintf("%.2f [%.2f, %.2f]", f.Mean.Value, f.Mean.Low, f.Mean.High)
}

func boundsText(f report.Figure) string {
	if f.Bounds == nil || f.Answered >= f.Asked {
		return ""
	}
	return fmt.Sprintf("%.1f to %.1f", f.Bounds.Low, f.Bounds.High)
}

func targetText(f report.Figure) string {
	if f.Target == nil {
		return ""
	}
	return fmt.Sprintf("%.1f %s", f.Target.Value, targetWords[f.Target.Verdict])
}

func countText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
