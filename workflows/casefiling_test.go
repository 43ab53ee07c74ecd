package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

const fileLine = " FileCase @cxloop-crm-hubspot c1"

// toFile is a case of which the CRM has to be told.
func toFile(ended bool) turn[activities.Advanced] {
	return gives(activities.Advanced{Ended: ended, File: true, LookAt: after(closeAt), CRM: "hubspot"})
}

// TestCaseIsFiled tells the CRM how a case stands, once each time that something changed,
// and keeps nobody in Slack waiting for it.
func TestCaseIsFiled(t *testing.T) {
	t.Parallel()
	works := []turn[struct{}]{works()}
	type advances = []turn[activities.Advanced]
	down := errors.New("down")
	for _, c := range []struct {
		name   string
		steps  following
		file   []turn[struct{}]
		clicks []time.Duration
		want   []string
		ends   time.Duration
	}{
		{
			name:   "opened, and closed with the case",
			steps:  following{advance: advances{toFile(false), open(true), toFile(true)}, show: works, tellCRM: works},
			file:   append(works, works...),
			clicks: []time.Duration{time.Hour, 2 * time.Hour},
			want: []string{
				"0s" + advanceLine, "0s" + fileLine, "1h0m0s" + advanceLine, "1h0m0s" + showLine,
				"2h0m0s" + advanceLine, "2h0m0s" + tellCRMLine, "2h0m0s" + fileLine,
			},
			ends: 2 * time.Hour,
		},
		{
			name:   "what comes while the CRM is told is told after",
			steps:  following{advance: advances{toFile(false), toFile(false), toFile(false), toFile(true)}, tellCRM: works},
			file:   []turn[struct{}]{during((*story).wake), works[0], works[0]},
			clicks: []time.Duration{time.Hour},
			want: []string{
				"0s" + advanceLine, "0s" + fileLine, "0s" + advanceLine, "0s" + advanceLine, "0s" + fileLine,
				"1h0m0s" + advanceLine, "1h0m0s" + tellCRMLine, "1h0m0s" + fileLine,
			},
			ends: time.Hour,
		},
		{
			name:   "a CRM that is down keeps nobody waiting",
			steps:  following{advance: advances{toFile(false), gives(activities.Advanced{File: true, Show: true, LookAt: after(closeAt), CRM: "hubspot"}), ended(false)}, show: works, tellCRM: works},
			file:   []turn[struct{}]{failing(rateLimited(20 * time.Minute)), works[0]},
			clicks: []time.Duration{10 * time.Minute, time.Hour},
			want: []string{
				"0s" + advanceLine, "0s" + fileLine, "10m0s" + advanceLine, "10m0s" + showLine, "20m0s" + fileLine, "20m0s" + advanceLine, "20m0s" + tellCRMLine,
			},
			ends: 20 * time.Minute,
		},
		{
			name:  "an end waits an hour for the CRM, and no longer",
			steps: following{advance: advances{toFile(true)}, tellCRM: works},
			file:  []turn[struct{}]{failing(rateLimited(40 * time.Minute)), failing(rateLimited(40 * time.Minute)), failing(down)},
			want:  []string{"0s" + advanceLine, "0s" + tellCRMLine, "0s" + fileLine, "40m0s" + fileLine},
			ends:  40 * time.Minute,
		},
		{
			name:   "what the CRM was not told is tried again an hour later",
			steps:  following{advance: advances{toFile(false), toFile(false), ended(false)}, tellCRM: works},
			file:   []turn[struct{}]{failing(refusedForGood()), works[0]},
			clicks: []time.Duration{3 * time.Hour},
			want: []string{
				"0s" + advanceLine, "0s" + fileLine, "1h0m0s" + advanceLine, "1h0m0s" + fileLine, "3h0m0s" + advanceLine, "3h0m0s" + tellCRMLine,
			},
			ends: 3 * time.Hour,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := c.steps.tell(t)
			var records *activities.CaseRecords
			onCall(s, records.FileCase, c.file...)
			s.wakes(c.clicks...)
			s.reads(workflows.CaseWorkflow, unhappy, c.want...)
			s.ends(c.ends)
		})
	}
}

// TestHousekeepingAsksCRMs reads back what was closed in CRMs without telling; one that
// does not answer does not keep the others from it, nor the house from being kept.
func TestHousekeepingAsksCRMs(t *testing.T) {
	t.Parallel()
	s := housekeeping(t, once(activities.Tidied{}), once(activities.Woken{Watched: []string{"hubspot", "other"}}))
	var records *activities.CaseRecords
	on(s, records.ReadRecords, gives(activities.ReadBack{Read: 1}), fails[activities.ReadBack](refusedForGood()))
	s.env.ExecuteWorkflow(workflows.HousekeepingWorkflow)
	require.NoError(t, s.env.GetWorkflowError())
	require.ElementsMatch(t, []string{
		"0s KeepHouse", "0s WakeStalled", "0s ReadRecords @cxloop-crm-hubspot hubspot", "0s ReadRecords @cxloop-crm-other other",
	}, s.lines)
}
