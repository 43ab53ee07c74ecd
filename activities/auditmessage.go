package activities

import (
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// auditSubject is what was audited; who did it is no part of the title.
func auditSubject(d store.CaseDetail) string {
	if d.Account.Name != "" {
		return d.Account.Name
	}
	return "account " + d.Account.ID
}

// auditBand reports whether a response is an audit. Its case may be of another program.
func auditBand(b survey.Band) bool {
	return b == survey.Failed || b == survey.Weak || b == survey.Passed
}

// scoreText is a response's score on its scale, which the case's program knows of its own
// responses alone.
func scoreText(program survey.Program, r survey.Response) string {
	switch {
	case auditBand(r.Band):
		return fmt.Sprintf("%d %% (%s)", r.Score, r.Band)
	case r.Program != "" && r.Program != program.ID:
		return fmt.Sprintf("%d (%s)", r.Score, r.Band)
	}
	_, high := program.Range()
	return fmt.Sprintf("%d of %d (%s)", r.Score, high, r.Band)
}

// saidText is what a response says besides score and comment: of an audit the items that
// failed, with their weights.
func saidText(program survey.Program, r survey.Response) string {
	if program.Metric != survey.Audit {
		return givenText(program.Given(r))
	}
	failed := program.FailedItems(r)
	if len(failed) == 0 {
		return ""
	}
	text := fmt.Sprintf("*Failed: %d of %d points*", len(failed), len(program.Checklist))
	for i, item := range failed {
		line := fmt.Sprintf("• %s (weight %d)", escape(item.Text.In(survey.DefaultLocale)), item.Weight)
		if len(text)+len(line) > maxSection-60 { // in bytes, which are no fewer than characters
			return text + fmt.Sprintf("\n… and %d more", len(failed)-i)
		}
		text += "\n" + line
	}
	return text
}
