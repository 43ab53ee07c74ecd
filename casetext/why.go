package casetext

import (
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// why says why there is a case where the score alone does not, and what of it is
// remarkable.
func (w Writer) why(c Case) []Row {
	var lines []string
	switch origin := c.Case.Origin; origin {
	case survey.OriginPassive:
		if c.Program.Metric == survey.NPS || c.Program.Metric == survey.ENPS {
			lines = append(lines, w.Why["passive"])
		} else {
			lines = append(lines, w.Why["middle"])
		}
	default:
		lines = append(lines, w.Why[string(origin)])
	}
	r, counts := c.latest()
	switch {
	case counts && c.Program.Misread(r):
		lines = append(lines, w.Why["misread"], w.evidence(r, 1))
	case counts && c.Case.Origin == survey.OriginContradiction && c.Program.Contradicted(r):
		lines = append(lines, w.evidence(r, -1))
	}
	before := ""
	if c.Case.Earlier != "" {
		before = w.Text(c.Case.Earlier)
	}
	return []Row{{w.Labels.Why, strings.TrimSpace(strings.Join(lines, "\n"))}, {w.Labels.Before, before}}
}
