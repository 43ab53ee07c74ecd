package config

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestEmployeesAreAnonymous(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys string
		of   survey.Respondents
		want survey.Anonymity
	}{
		"customers":           {"template: nps", survey.Customers, survey.Anonymity{}},
		"customers, named so": {"template: nps\n    of: customers", survey.Customers, survey.Anonymity{}},
		"employees":           {"template: employee", survey.Employees, survey.Anonymity{Anonymous: true, Floor: 10}},
		"a higher floor":      {"template: employee\n    floor: 25", survey.Employees, survey.Anonymity{Anonymous: true, Floor: 25}},
		"named employees":     {"template: employee\n    anonymous: false", survey.Employees, survey.Anonymity{}},
		"another metric":      {"template: training\n    of: employees", survey.Employees, survey.Anonymity{Anonymous: true, Floor: 10}},
		"anonymous customers": {"template: csat\n    anonymous: true\n    floor: 5", survey.Customers, survey.Anonymity{Anonymous: true, Floor: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := load(t, withProgram("  - id: a\n    "+c.keys+"\n    trigger: {event: a.b}\n")).Programs[0]
			require.Equal(t, c.of, p.Of)
			require.Equal(t, c.want, p.Anonymity)
			require.Equal(t, c.want.Anonymous, p.FollowUp.Case.Off)
			require.True(t, p.FollowUp.Referral.Off)
			require.Equal(t, !c.want.Anonymous, p.ScoresInMail())
		})
	}
}

func TestAnonymousProgramsPromiseTheirFloor(t *testing.T) {
	t.Parallel()
	p := load(t, withProgram("  - id: a\n    template: employee\n    floor: 25\n    texts: {de: {anonymous: \"{brand}: ab {floor}\"}}\n    trigger: {event: a.b}\n")).Programs[0]
	require.Equal(t, "{brand}: ab 25", p.Texts["de"].Anonymous)
	require.Contains(t, p.Texts["en"].Anonymous, "25 or more at a time")
	require.NotEmpty(t, p.Texts["fr"].Answered)
}
