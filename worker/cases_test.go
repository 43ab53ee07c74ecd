package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

var caseNow = time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)

func listedCase() survey.Case {
	return survey.Case{
		ID: "C1", Program: "nps", State: survey.CaseAcknowledged, AccountKey: "hubspot:a", OpenedAt: caseNow.Add(-30 * time.Hour),
		CloseAt: caseNow.Add(72 * time.Hour), NextAt: caseNow.Add(time.Hour), AckedBy: "U1",
		CaseProgress: survey.CaseProgress{Priority: survey.PriorityHigh, Owner: "7", Round: 1, Earlier: "C0"},
	}
}

func TestListOfCases(t *testing.T) {
	t.Parallel()
	ended := survey.Case{
		ID: "C2", Program: "csat", State: survey.CaseRecovered, OpenedAt: caseNow.Add(-240 * time.Hour), EndedAt: caseNow.Add(-120 * time.Hour),
		CaseProgress: survey.CaseProgress{Origin: survey.OriginPassive, Priority: survey.PriorityLow},
	}
	var out strings.Builder
	require.NoError(t, writeCases(&out, []survey.Case{listedCase(), ended}, caseNow, false))
	require.Equal(t, `CASE  PROGRAM  STATE         PRIORITY  AGE  DUE               WHO HAS IT  ACCOUNT
C1    nps      acknowledged  high      30h  2026-03-04 10:00  U1          hubspot:a
C2    csat     recovered     low       5d   -                 nobody      none
`, out.String())
	out.Reset()
	require.NoError(t, writeCases(&out, []survey.Case{listedCase()}, caseNow, true))
	require.JSONEq(t, `{"id":"C1","program":"nps","state":"acknowledged","priority":"high","origin":"unhappy","account":"hubspot:a",
		"opened_at":"2026-03-03T03:00:00Z","age_hours":30,"due_at":"2026-03-04T10:00:00Z","assignee":"U1","owner":"7","round":1,"earlier":"C0"}`, out.String())
	out.Reset()
	require.NoError(t, writeCases(&out, nil, caseNow, false))
	require.Equal(t, "There are no such cases.\n", out.String())
}

func TestHistoryOfACase(t *testing.T) {
	t.Parallel()
	detail := store.CaseDetail{Case: listedCase(), History: []store.CaseEvent{
		{At: caseNow, What: "opened", Choice: "R1"}, {At: caseNow, What: "case_acknowledge", User: "U1", Note: "I call\nthem."},
	}}
	var out strings.Builder
	require.NoError(t, writeCase(&out, detail, caseNow, false))
	require.Contains(t, out.String(), "2026-03-04 09:00  case_acknowledge  U1                   I call them.\n")
	out.Reset()
	require.NoError(t, writeCase(&out, detail, caseNow, true))
	require.Contains(t, out.String(), `"history":[{"at":"2026-03-04T09:00:00Z","what":"opened","choice":"R1"}`)
}

func TestCasesWithAnUnknownState(t *testing.T) {
	t.Parallel()
	cmd := casesCommand()
	cmd.SetArgs([]string{"--state", "done"})
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	require.ErrorContains(t, cmd.Execute(), `"done" is no state of a case: want open, acknowledged, contacted, snoozed, resolved, rejected, closed, recovered, unrecovered`)
}
