package workflows_test

import (
	"testing"
	"time"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

// What Slack refuses is tried again within the hour, and does not keep a case from
// its clicks and its end.
func TestCaseGoesOnWithoutSlack(t *testing.T) {
	t.Parallel()
	refusal := failing(refusedForGood())
	s := following{
		advance: []turn[activities.Advanced]{open(true), open(true), open(true), open(false), ended(true)},
		show:    []turn[struct{}]{refusal, refusal, works(), refusal}, tellCRM: []turn[struct{}]{works()},
	}.tell(t)
	s.wakes(10*time.Minute, 5*time.Hour)
	s.reads(workflows.CaseWorkflow, unhappy,
		"0s"+advanceLine, "0s"+showLine,
		"10m0s"+advanceLine, "10m0s"+showLine,
		"1h10m0s"+advanceLine, "1h10m0s"+showLine,
		"5h0m0s"+advanceLine,
		"720h0m0s"+advanceLine, "720h0m0s"+showLine, "720h0m0s"+tellCRMLine,
	)
	s.ends(closeAt)
}

// While Slack asks for patience, a case waits an hour and not longer before its
// clicks are looked at again.
func TestCaseIsPatientWithSlackForAnHour(t *testing.T) {
	t.Parallel()
	busy := failing(rateLimited(25 * time.Minute))
	s := following{
		advance: []turn[activities.Advanced]{open(true), ended(false)},
		show:    []turn[struct{}]{busy, busy, busy}, tellCRM: []turn[struct{}]{works()},
	}.tell(t)
	s.wakes(30 * time.Minute)
	s.reads(workflows.CaseWorkflow, unhappy,
		"0s"+advanceLine, "0s"+showLine, "25m0s"+showLine, "50m0s"+showLine,
		"50m0s"+advanceLine, "50m0s"+tellCRMLine,
	)
	s.ends(50 * time.Minute)
}

// Nor does it matter that Slack does not say who clicked: their clicks wait and are
// tried again within the hour, the others count, and the case ends in time.
func TestCaseGoesOnWithoutKnowingWhoClicked(t *testing.T) {
	t.Parallel()
	s := following{
		advance: []turn[activities.Advanced]{
			open(false), unknownUsers("U1"), unknownUsers("U1"), open(false),
			gives(activities.Advanced{UnknownUsers: []string{"U2"}, Ended: true, CRM: "hubspot"}),
		},
		lookUp:  []turn[struct{}]{failing(refusedForGood()), works(), failing(refusedForGood())},
		tellCRM: []turn[struct{}]{works()},
	}.tell(t)
	s.wakes(time.Minute, 29*day)
	s.reads(workflows.CaseWorkflow, unhappy,
		"0s"+advanceLine,
		"1m0s"+advanceLine, "1m0s"+lookUpLine+" {[U1]}",
		"1h1m0s"+advanceLine, "1h1m0s"+lookUpLine+" {[U1]}", "1h1m0s"+advanceLine,
		"696h0m0s"+advanceLine, "696h0m0s"+lookUpLine+" {[U2]}", "696h0m0s"+tellCRMLine,
	)
	s.ends(29 * day)
}

func TestCaseAsksSlackForAnHourWhoClicked(t *testing.T) {
	t.Parallel()
	busy := failing(rateLimited(25 * time.Minute))
	s := following{
		advance: []turn[activities.Advanced]{unknownUsers("U1"), ended(false)},
		lookUp:  []turn[struct{}]{busy, busy, busy}, tellCRM: []turn[struct{}]{works()},
	}.tell(t)
	s.reads(workflows.CaseWorkflow, unhappy,
		"0s"+advanceLine, "0s"+lookUpLine+" {[U1]}", "25m0s"+lookUpLine+" {[U1]}", "50m0s"+lookUpLine+" {[U1]}",
		"1h50m0s"+advanceLine, "1h50m0s"+tellCRMLine,
	)
	s.ends(110 * time.Minute)
}
