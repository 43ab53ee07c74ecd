package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/insight/report"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func (t scoreTable) print(out io.Writer) error {
	var b strings.Builder
	tests := 0
	for i, s := range t.Sections {
		if i > 0 {
			b.WriteByte('\n')
		}
		s.print(&b)
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

func (s scoreSection) print(b *strings.Builder) {
	name := metricNames[survey.Metric(s.Metric)]
	fmt.Fprintf(b, "%s programs (%s): %d asked, %d answered", s.Kind, strings.Join(s.Programs, ", "), s.Whole.Asked, s.Whole.Answered)
	if s.Whole.Rate != nil {
		fmt.Fprintf(b, " (%s %%)", interval(*s.Whole.Rate))
	}
	b.WriteByte('\n')
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
	s.printTable(b, name)
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
func (s scoreSection) printTable(b *strings.Builder, name string) {
	alone := len(s.Programs) == 1 && slices.Equal(s.By, []string{store.DimensionProgram})
	if len(s.Whole.Periods) == 0 && (len(s.Groups) == 0 || alone) {
		return
	}
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	var head []string
	for _, dimension := range s.By {
		head = append(head, strings.ToUpper(dimension))
	}
	if len(s.Whole.Periods) > 0 {
		head = append(head, "PERIOD")
	}
	head = append(head, "ASKED", "RESPONSE RATE %", "N", strings.ToUpper(name), "WHATEVER THE OTHERS SAY", "TARGET")
	if len(s.Groups) > 0 {
		head = append(head, "RANK")
	}
	fmt.Fprintln(table, strings.Join(append(head, "DIFFERENCE"), "\t"))
	columns := make([]string, len(s.By))
	for i := range columns {
		columns[i] = allGroups
	}
	for _, p := range s.Whole.Periods {
		s.printPeriod(table, columns, p)
	}
	for _, g := range s.Groups {
		if !alone {
			s.printGroup(table, g)
		}
	}
	_ = table.Flush() // a strings.Builder takes everything
}

func (s scoreSection) printGroup(out io.Writer, g report.Group) {
	var columns []string
	for _, value := range g.Key {
		columns = append(columns, valueText(value))
	}
	rank, rest := "", ""
	if g.Rank != nil {
		rank = fmt.Sprintf("%d (%.1f)", g.Rank.Place, g.Rank.Score)
	}
	if g.Rest != nil {
		rest = changeText(g.Rest, "to the rest")
	}
	var period []string
	if len(s.Whole.Periods) > 0 {
		period = []string{"all"}
	}
	if g.Trend != nil {
		rest = strings.TrimPrefix(rest+"; trend: "+sinceText(g.Trend), "; ")
	}
	fmt.Fprintln(out, strings.Join(slices.Concat(columns, period, figureColumns(g.Figure), []string{rank, rest}), "\t"))
	for _, p := range g.Periods {
		s.printPeriod(out, columns, p)
	}
}

// allGroups is the group of everything in a table.
const allGroups = "(all)"

func (s scoreSection) printPeriod(out io.Writer, group []string, p report.Period) {
	line := slices.Concat(group, []string{p.Name}, figureColumns(p.Figure))
	if len(s.Groups) > 0 {
		line = append(line, "") // the rank
	}
	fmt.Fprintln(out, strings.Join(append(line, sinceText(p.Change)), "\t"))
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

// figureColumns are asked, rate, n, score, bounds and target.
func figureColumns(f report.Figure) []string {
	rate, bounds, target := "", "", ""
	if f.Rate != nil {
		rate = interval(*f.Rate).String()
	}
	if f.Bounds != nil && f.Answered < f.Asked {
		bounds = fmt.Sprintf("%.1f to %.1f", f.Bounds.Low, f.Bounds.High)
	}
	if f.Target != nil {
		target = fmt.Sprintf("%.1f %s", f.Target.Value, targetWords[f.Target.Verdict])
	}
	n, score := strconv.Itoa(f.N), "hidden"
	if f.Score != nil {
		score = interval(*f.Score).String()
		if f.Evidence != insight.Enough {
			n += " " + string(f.Evidence)
		}
	}
	return []string{strconv.Itoa(f.Asked), rate, n, score, bounds, target}
}
