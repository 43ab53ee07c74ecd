package main

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/insight/report"
)

// writeCSV writes a line for everything together, for each group and for each period.
func (t scoreTable) writeCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	var by []string
	for _, s := range t.Sections {
		by = s.By
	}
	head := append([]string{"metric", "kind"}, by...)
	head = append(head, "period", "asked", "answered", "rate", "rate_low", "rate_high", "n", "evidence", "score", "low", "high",
		"bound_low", "bound_high", "target", "target_verdict", "told", "mean", "mean_low", "mean_high", "rank", "rank_score")
	for _, change := range []string{"rest", "trend", "change"} {
		head = append(head, change, change+"_low", change+"_high", change+"_p", change+"_real", change+"_smallest")
	}
	head = append(head, "since", "changes_of")
	lines := [][]string{head}
	for _, s := range t.Sections {
		start := []string{string(s.Metric), string(s.Kind)}
		lines = append(lines, csvGroup(start, make([]string, len(by)), s.Whole)...)
		for _, g := range s.Groups {
			key := make([]string, len(g.Key))
			for i, value := range g.Key {
				key[i] = csvText(valueText(value))
			}
			lines = append(lines, csvGroup(start, key, g)...)
		}
	}
	return w.WriteAll(lines)
}

// csvGroup are the lines of a group, which begin alike.
func csvGroup(start, key []string, g report.Group) [][]string {
	start = slices.Concat(start, key)
	rank := []string{"", ""}
	if g.Rank != nil {
		rank = []string{strconv.Itoa(g.Rank.Place), csvNumber(g.Rank.Score)}
	}
	since := ""
	if g.Trend != nil {
		since = g.Trend.Since
	}
	lines := [][]string{slices.Concat(start, []string{""}, csvFigure(g.Figure), rank, csvChange(g.Rest), csvChange(g.Trend), csvChange(nil), []string{csvText(since), changesOf(g.Rest, g.Trend)})}
	for _, p := range g.Periods {
		since := ""
		if p.Change != nil {
			since = p.Change.Since
		}
		lines = append(lines, slices.Concat(start, []string{csvText(p.Name)}, csvFigure(p.Figure), []string{"", ""},
			csvChange(nil), csvChange(nil), csvChange(p.Change), []string{csvText(since), changesOf(p.Change)}))
	}
	return lines
}

func csvFigure(f report.Figure) []string {
	out := []string{strconv.Itoa(f.Asked), strconv.Itoa(f.Answered)}
	out = append(out, csvInterval(f.Rate)...)
	out = append(out, strconv.Itoa(f.N), string(f.Evidence))
	out = append(out, csvInterval(f.Score)...)
	bounds, target := []string{"", ""}, []string{"", ""}
	if f.Bounds != nil {
		bounds = []string{csvNumber(f.Bounds.Low), csvNumber(f.Bounds.High)}
	}
	if f.Target != nil {
		target = []string{csvNumber(f.Target.Value), string(f.Target.Verdict)}
	}
	return slices.Concat(out, bounds, target, []string{strconv.Itoa(f.Told)}, csvInterval(f.Mean))
}

func csvChange(c *report.Change) []string {
	if c == nil {
		return make([]string, 6)
	}
	return append(csvInterval(&c.Interval), csvNumber(c.P), strconv.FormatBool(c.Real), csvNumber(c.Smallest))
}

// changesOf says what differs, "" without a change.
func changesOf(changes ...*report.Change) string {
	for _, c := range changes {
		if c != nil {
			return cmp.Or(c.Of, "score")
		}
	}
	return ""
}

func csvInterval(i *report.Interval) []string {
	if i == nil {
		return make([]string, 3)
	}
	return []string{csvNumber(i.Value), csvNumber(i.Low), csvNumber(i.High)}
}

func csvNumber(f float64) string { return strconv.FormatFloat(f, 'g', 8, 64) }

// csvText keeps a spreadsheet from taking a text for a formula.
func csvText(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
