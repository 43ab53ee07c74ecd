package main

import (
	"fmt"

	"github.com/cxloop/cxloop/insight/card"
)

// lastingRows are of how long contracts last: the shares that outlast terms, the renewals of
// cohorts, and whether cohorts differ.
func lastingRows(cards []shownCard) (rows []cardRow) {
	terms := 0
	for _, c := range cards {
		if c.Lasting != nil {
			terms = max(terms, len(c.Lasting.Terms))
		}
	}
	for i := range terms {
		rows = append(rows, cardRow{fmt.Sprintf("outlast term %d", i+1), func(c shownCard) string {
			if c.Lasting == nil || i >= len(c.Lasting.Terms) {
				return ""
			}
			return shownInterval(c.Lasting.Terms[i])
		}})
	}
	for _, name := range namesIn(cards, cohortsOf) {
		rows = append(rows, cardRow{"begun in " + name, func(c shownCard) string {
			for _, of := range cohorts(c) {
				if of.Name == name {
					return fmt.Sprintf("%d, %d left, renewed %.2f, then %.2f", of.Contracts, of.Left, of.First, of.Second)
				}
			}
			return ""
		}})
	}
	return append(rows, cardRow{"cohorts alike", func(c shownCard) string {
		if c.Lasting == nil || c.Lasting.Alike == nil {
			return ""
		}
		return fmt.Sprintf("p = %.3f", *c.Lasting.Alike)
	}})
}

func cohorts(c shownCard) []card.Cohort {
	if c.Lasting == nil {
		return nil
	}
	return c.Lasting.Cohorts
}

func cohortsOf(c shownCard) (names []string) {
	for _, of := range cohorts(c) {
		names = append(names, of.Name)
	}
	return names
}
