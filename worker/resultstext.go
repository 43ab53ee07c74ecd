package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/insight/report"
	"github.com/cxloop/cxloop/survey"
)

// metricNames say what a metric's score is.
var metricNames = map[survey.Metric]string{
	survey.NPS: "NPS", survey.ENPS: "eNPS", survey.CSAT: "CSAT, % satisfied", survey.CES: "CES, % easy", survey.Audit: "Audit, mean %",
}

func (r results) print(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Program, askedText(r.Asked, r.Answered, r.Told, r.Rate))
	name := metricNames[r.Metric]
	if r.Hidden != "" {
		fmt.Fprintf(&b, "Nothing is shown: %s.\n", r.Hidden)
	} else {
		fmt.Fprintln(&b, figureText(r.Whole.Figure, name))
		printBeside(&b, r.Whole.Figure, r.Benchmarks)
	}
	for _, p := range r.Periods {
		fmt.Fprintf(&b, "%s\n  %s\n", monthsText(p.From, p.To), figureText(p.Figure, name))
		if p.Change != nil {
			fmt.Fprintf(&b, "  %s\n", sinceText(p.Change))
		}
	}
	if r.Trend != nil {
		fmt.Fprintf(&b, "Trend: %s\n", sinceText(r.Trend))
	}
	if r.Tests > 0 {
		fmt.Fprintln(&b, correctedText(r.Tests))
	}
	r.printChecklist(&b)
	if r.Waiting > 0 {
		fmt.Fprintf(&b, "%d anonymous answers wait: they are released %d or more at a time, an hour or two after they were given.\n", r.Waiting, r.Floor)
	}
	r.printAnonymous(&b)
	_, err := io.WriteString(out, b.String())
	return err
}

// printAnonymous tells what anonymous answers hold besides the score.
func (r results) printAnonymous(b *strings.Builder) {
	for _, question := range slices.Sorted(maps.Keys(r.Chosen)) {
		fmt.Fprintf(b, "\n%s\n", question)
		for _, option := range slices.Sorted(maps.Keys(r.Chosen[question])) {
			fmt.Fprintf(b, "  %4d  %s\n", r.Chosen[question][option], option)
		}
	}
	if len(r.Written) > 0 {
		b.WriteString("\nWritten, in no order\n")
	}
	for _, text := range r.Written {
		fmt.Fprintf(b, "- %s\n", strings.Join(strings.Fields(text), " "))
	}
}

// askedText says how many were asked and answered, and how many answers were told.
func askedText(asked, answered, told int, rate *report.Interval) string {
	if asked == 0 && told > 0 {
		return fmt.Sprintf("%d answers that other tools told of; how many they asked is unknown", told)
	}
	text := fmt.Sprintf("%d asked, %d answered", asked, answered)
	if rate != nil {
		text += fmt.Sprintf(" (%s %%)", interval(*rate))
	}
	if told > 0 {
		text += fmt.Sprintf(", and %d answers that other tools told of", told)
	}
	return text
}

// figureText is a score that is shown, with what it is made of.
func figureText(f report.Figure, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s, n = %d", name, interval(*f.Score), f.N)
	if f.Evidence != insight.Enough {
		fmt.Fprintf(&b, ", %s", f.Evidence)
	}
	for _, band := range slices.Sorted(maps.Keys(f.Bands)) {
		fmt.Fprintf(&b, ", %s %d", band, f.Bands[band])
	}
	if f.Mean != nil {
		fmt.Fprintf(&b, ", mean %.2f [%.2f, %.2f]", f.Mean.Value, f.Mean.Low, f.Mean.High)
	}
	if f.Failed != nil {
		fmt.Fprintf(&b, ", %% failed %s", interval(*f.Failed))
	}
	return b.String()
}

// printBeside tells what lies beside a score that is shown: where that of all who were asked
// may lie, the target, the scores of others.
func printBeside(b *strings.Builder, f report.Figure, benchmarks []shownBenchmark) {
	if f.Bounds != nil && f.Answered < f.Asked {
		fmt.Fprintf(b, "  of all who were asked, whatever the others would have said: %.1f to %.1f\n", f.Bounds.Low, f.Bounds.High)
	}
	if f.Target != nil {
		fmt.Fprintf(b, "  target %.1f: %s\n", f.Target.Value, targetTexts[f.Target.Verdict])
	}
	for _, mark := range benchmarks {
		stale := ""
		if mark.Stale {
			stale = ", stale"
		}
		fmt.Fprintf(b, "  %s %.1f: %s (%s, as of %s%s)\n", mark.Name, mark.Score, benchmarkTexts[mark.Verdict], mark.Source, mark.AsOf, stale)
	}
}

// What targets and the scores of others say of a score.
var (
	targetTexts    = map[report.Verdict]string{report.Above: "met", report.Below: "missed", report.Undecided: "too few answers to tell"}
	benchmarkTexts = map[report.Verdict]string{report.Above: "above it", report.Below: "below it", report.Undecided: "no real difference"}
)

// changeText says whether there is a change, and from what.
func changeText(c *report.Change, from string) string {
	format, of := "%.1f", ""
	if c.Of == report.OfMean {
		format, of = "%.2f", " of the mean"
	}
	signed := strings.ReplaceAll(format, "%", "%+")
	value := fmt.Sprintf(signed+" ["+signed+", "+signed+"]%s %s", c.Value, c.Low, c.High, of, from)
	switch {
	case !c.Real && c.Smallest == 0:
		return "no real change" + of + " " + from
	case !c.Real:
		return fmt.Sprintf("no real change%s %s: one of "+format+" would show", of, from, c.Smallest)
	case c.Value < 0:
		return "▼ " + value
	}
	return "▲ " + value
}

func correctedText(tests int) string {
	if tests == 1 {
		return "Intervals of 95 %. A change is told where p < 0.05."
	}
	return fmt.Sprintf("Intervals of 95 %%. A change is told where p < 0.05, corrected for %d tests.", tests)
}

func monthsText(from, to string) string {
	if from == to {
		return from
	}
	return from + " to " + to
}

// interval is a value with its 95 % interval, as people read it.
type interval report.Interval

// String is value [low, high].
func (i interval) String() string { return fmt.Sprintf("%.1f [%.1f, %.1f]", i.Value, i.Low, i.High) }

// percent is how many of n there are, in percent.
func percent(k, n int) report.Interval {
	share := insight.ShareOf(k, n)
	return report.Interval{Value: 100 * share.Rate, Low: 100 * share.Low, High: 100 * share.High}
}
