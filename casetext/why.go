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
	if r, ok := c.latest(); ok && c.Program.Misread(r) {
		lines = append(lines, w.Why["misread"])
	}
	before := ""
	if c.Case.Earlier != "" {
		before = w.Text(c.Case.Earlier)
	}
	return []Row{{w.Labels.Why, strings.TrimSpace(strings.Join(lines, "\n"))}, {w.Labels.Before, before}}
}
