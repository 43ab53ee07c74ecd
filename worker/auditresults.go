package main

import (
	"fmt"
	"strings"

	"github.com/cxloop/cxloop/insight/report"
	"github.com/cxloop/cxloop/survey"
)

// itemResult is what became of one item of a checklist.
type itemResult struct {
	ID string `json:"id"`
	// N is in how many audits the item applied, and Passed the share of them in which it
	// passed, in percent; nil of fewer than are shown.
	N      int              `json:"n"`
	Passed *report.Interval `json:"passed,omitempty"`
}

// itemsOf counts the items of the checklist as it is configured now. One that was taken
// out of it is not told, and one that is new was in few audits yet.
func itemsOf(program survey.Program, audits []survey.Answers) []itemResult {
	var out []itemResult
	for _, item := range program.Checklist {
		passed := 0
		r := itemResult{ID: item.ID}
		for _, audit := range audits {
			switch answer := audit[item.ID]; {
			case answer.Has(survey.ItemPassed):
				passed++
				r.N++
			case answer.Has(survey.ItemFailed):
				r.N++
			}
		}
		if r.N >= survey.MinGroup {
			share := percent(passed, r.N)
			r.Passed = &share
		}
		out = append(out, r)
	}
	return out
}

func (r results) printChecklist(b *strings.Builder) {
	if len(r.Checklist) == 0 {
		return
	}
	b.WriteString("\nPassed, % of the audits in which the item applied\n")
	for _, item := range r.Checklist {
		share := "fewer than 10"
		if item.Passed != nil {
			share = interval(*item.Passed).String()
		}
		fmt.Fprintf(b, "  %-22s  n = %-4d  %s\n", share, item.N, item.ID)
	}
}
