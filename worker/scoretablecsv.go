package main

import (
	"encoding/csv"
	"io"
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
		"bound_low", "bound_high", "target", "target_verdict", "rank", "rank_score")
	for _, change := range []string{"rest", "trend", "change"} {
		head = append(head, change, change+"_low", change+"_high", change+"_p", change+"_real", change+"_smallest", change+"_since")
	}
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

func csvGroup(start, key []string, g report.Group) [][]string {
	var rank, score string
	if g.Rank != nil {
		rank, score = strconv.Itoa(g.Rank.Place), csvNumber(g.Rank.Score)
	}
	line := func(period string, f report.Figure, rank, score string, changes ...*report.Change) []string {
		out := append(append([]string{}, start...), key...)
		out = append(append(append(out, period), csvFigure(f)...), rank, score)
		for _, c := range changes {
			out = append(out, csvChange(c)...)
		}
		return out
	}
	lines := [][]string{line("", g.Figure, rank, score, g.Rest, g.Trend, nil)}
	for _, p := range g.Periods {
		lines = append(lines, line(csvText(p.Name), p.Figure, "", "", nil, nil, p.Change))
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
	return append(append(out, bounds...), target...)
}

func csvChange(c *report.Change) []string {
	if c == nil {
		return make([]string, 7)
	}
	return append(csvInterval(&c.Interval), csvNumber(c.P), strconv.FormatBool(c.Real), csvNumber(c.Smallest), csvText(c.Since))
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
