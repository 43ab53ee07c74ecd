package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/survey"
)

// cardRow is a line of cards side by side.
type cardRow struct {
	name string
	of   func(shownCard) string
}

// writeCards prints cards side by side, a row for whatever one of them has.
func writeCards(out io.Writer, cards []shownCard) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range cardRows(cards) {
		cells := make([]string, len(cards))
		empty := true
		for i, c := range cards {
			cells[i] = row.of(c)
			empty = empty && cells[i] == ""
		}
		if !empty {
			fmt.Fprintf(table, "%s\t%s\n", row.name, strings.Join(cells, "\t"))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if slices.ContainsFunc(cards, func(c shownCard) bool { return !sameForecast(c, cards[0]) }) {
		if _, err := fmt.Fprintln(out, "\nThey forecast different things: figures of one say nothing about the other."); err != nil {
			return err
		}
	}
	say := func(of, reason string) error {
		_, err := fmt.Fprintf(out, "\n%s: %s.\n", of, strings.TrimSuffix(reason, "."))
		return err
	}
	for _, c := range cards {
		for _, reason := range c.Reasons {
			if err := say(c.Version, reason); err != nil {
				return err
			}
		}
		if c.Drift == nil {
			continue
		}
		for _, reason := range c.Drift.Reasons {
			if err := say(c.Version+" since then", reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameForecast says whether the figures of two cards can be compared.
func sameForecast(a, b shownCard) bool {
	return a.Model == b.Model && a.Kind == b.Kind && a.Horizon == b.Horizon
}

func cardRows(cards []shownCard) []cardRow {
	rows := []cardRow{
		{"version", func(c shownCard) string { return c.Version }},
		{"forecasts", func(c shownCard) string { return fmt.Sprintf("%s of %s, %.0f days ahead", c.Model, c.Kind, c.Horizon) }},
		{"known until", func(c shownCard) string { return onDay(c.AsOf) }},
		{"events", func(c shownCard) string {
			if c.Data.To == 0 {
				return ""
			}
			return onDay(c.Data.From) + " to " + onDay(c.Data.To)
		}},
		{"decision", func(c shownCard) string {
			if c.Published() {
				return "published"
			}
			return "refused: " + string(c.Status)
		}},
		{"customers", func(c shownCard) string { return fmt.Sprint(c.Data.Customers) }},
		{"  of them used", func(c shownCard) string { return fmt.Sprint(c.Data.Sampled) }},
		{"  left out", func(c shownCard) string {
			if c.Data.LeftOut == nil {
				return ""
			}
			return fmt.Sprint(c.Data.LeftOut.N())
		}},
		{"  last purchase", func(c shownCard) string { return bandsOf(c.Data.Recency) }},
		{"rows", func(c shownCard) string { return fmt.Sprint(c.Data.Rows) }},
		{"  that came to it", func(c shownCard) string { return fmt.Sprint(c.Data.Happened) }},
	}
	for _, kind := range namesIn(cards, func(c shownCard) []string { return slices.Sorted(maps.Keys(c.Data.Counts)) }) {
		rows = append(rows, cardRow{"  " + kind, func(c shownCard) string { return fmt.Sprint(c.Data.Counts[kind]) }})
	}
	rows = append(rows, lastingRows(cards)...)
	rows = append(rows, cardRow{"tested from", testedFrom})
	for _, name := range namesIn(cards, metricsOf) {
		rows = append(rows, cardRow{name, func(c shownCard) string {
			m, known := c.Metric(name)
			if !known {
				return ""
			}
			return shownInterval(m.Interval)
		}})
	}
	for _, name := range namesIn(cards, baselinesOf) {
		rows = append(rows, cardRow{"gain over " + name, func(c shownCard) string { return gainOver(c, name) }})
	}
	for _, name := range namesIn(cards, driversOf) {
		rows = append(rows, cardRow{"gain by " + name, func(c shownCard) string { return gainBy(c, name) }})
	}
	return append(rows,
		cardRow{"calibration", func(c shownCard) string { return c.Calibration }},
		cardRow{"risks moved since", movedSince},
		cardRow{"left since", leftSince})
}

// bandsOf says how many are in each band of recency, "" of a card without.
func bandsOf(recency map[string]int) string {
	if len(recency) == 0 {
		return ""
	}
	bands := make([]string, len(survey.RecencyBands))
	for i, band := range survey.RecencyBands {
		bands[i] = fmt.Sprintf("%d %s", recency[string(band)], band)
	}
	return strings.Join(bands, ", ")
}

// namesIn are the names that cards have, in their order, each once.
func namesIn(cards []shownCard, of func(shownCard) []string) (names []string) {
	for _, c := range cards {
		for _, name := range of(c) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func metricsOf(c shownCard) (names []string) {
	for _, m := range c.Metrics {
		names = append(names, m.Name)
	}
	return names
}

func baselinesOf(c shownCard) (names []string) {
	for _, b := range c.Baselines {
		names = append(names, b.Name)
	}
	return names
}

func driversOf(c shownCard) (names []string) {
	for _, d := range c.Drivers {
		names = append(names, d.Name)
	}
	return names
}

func testedFrom(c shownCard) string {
	origins := make([]string, len(c.Origins))
	for i, o := range c.Origins {
		origins[i] = onDay(o.At)
	}
	return strings.Join(origins, ", ")
}

func gainOver(c shownCard, name string) string {
	for _, b := range c.Baselines {
		if b.Name == name {
			return shownInterval(b.Gain)
		}
	}
	return ""
}

// gainBy tells a fact that is proven from one that is only shown.
func gainBy(c shownCard, name string) string {
	for _, d := range c.Drivers {
		switch {
		case d.Name != name:
		case d.Proven:
			return shownInterval(d.Gain) + ", a driver"
		default:
			return shownInterval(d.Gain) + ", not proven"
		}
	}
	return ""
}

// movedSince is the stability index of the risks.
func movedSince(c shownCard) string {
	if c.Drift == nil {
		return ""
	}
	return fmt.Sprintf("%.3f, %.3f by chance", c.Drift.Risk.PSI, c.Drift.Risk.Chance)
}

// leftSince holds how many were to leave against how many did.
func leftSince(c shownCard) string {
	if c.Drift == nil || c.Drift.Customers == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d, %.0f forecast", c.Drift.Happened, c.Drift.Customers, c.Drift.Forecast)
}

func shownInterval(i card.Interval) string {
	return fmt.Sprintf("%.4f [%.4f, %.4f]", i.Value, i.Low, i.High)
}

// onDay writes a day since 1970.
func onDay(days float64) string {
	return time.UnixMilli(int64(days * 24 * float64(time.Hour/time.Millisecond))).UTC().Format(time.DateOnly)
}
