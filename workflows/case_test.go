package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

var unhappy = activities.CaseRef{Case: "c1"}

// following is what the steps of a case answer; a step that is left out is never
// to be called.
type following struct {
	advance []turn[activities.Advanced]
	lookUp  []turn[struct{}]
	owner   []turn[struct{}]
	storm   []turn[struct{}]
	refuse  []turn[struct{}]
	show    []turn[struct{}]
	tellCRM []turn[struct{}]
}

func (f following) tell(t *testing.T) *story {
	t.Helper()
	s := tell(t)
	var cases *activities.Cases
	var slack *activities.Slack
	var owners *activities.Owners
	var starts *activities.Starts
	on(s, cases.AdvanceCase, f.advance...)
	onCall(s, owners.LookUpOwner, f.owner...)
	onCall(s, starts.WakeStorm, f.storm...)
	onCall(s, slack.LookUpUsers, f.lookUp...)
	onCall(s, slack.RefuseClick, f.refuse...)
	onCall(s, slack.ShowCase, f.show...)
	onCall(s, starts.WakeSync, f.tellCRM...)
	return s
}

// closeAt is when the cases of these tests are closed by policy.
const closeAt = 30 * day

// open is a case that waits, to be shown where something changed.
func open(show bool) turn[activities.Advanced] {
	return gives(activities.Advanced{Show: show, LookAt: after(closeAt)})
}

// ended is a case that is over.
func ended(show bool) turn[activities.Advanced] {
	return gives(activities.Advanced{Ended: true, Show: show, LookAt: after(closeAt), CRM: "hubspot"})
}

// unknownUsers is an open case on which these have clicked.
func unknownUsers(users ...string) turn[activities.Advanced] {
	return gives(activities.Advanced{UnknownUsers: users, LookAt: after(closeAt)})
}

// ownerUnknown is an open case of an account whose owner is to be looked up, at once or
// when the case was shown.
func ownerUnknown(first bool) turn[activities.Advanced] {
	return gives(activities.Advanced{OwnerUnknown: true, OwnerFirst: first, Show: true, CRM: "hubspot", LookAt: after(closeAt)})
}

// inStorm is an open case of a storm, to be shown where its message is there.
func inStorm(show bool) turn[activities.Advanced] {
	return gives(activities.Advanced{Storm: "s1", Show: show, CRM: "hubspot", LookAt: after(closeAt)})
}

// refused are clicks that changed nothing, of an open case.
func refused(users ...string) turn[activities.Advanced] {
	out := activities.Advanced{LookAt: after(closeAt)}
	for _, user := range users {
		out.Refused = append(out.Refused, activities.RefusedClick{User: user, Reason: "no"})
	}
	return gives(out)
}

func (s *story) wake() { s.env.SignalWorkflow(workflows.CaseChangedSignal, nil) }

// wakes has somebody click at these times.
func (s *story) wakes(times ...time.Duration) {
	for _, elapsed := range times {
		s.at(elapsed, s.wake)
	}
}

const (
	advanceLine = " AdvanceCase c1"
	showLine    = " ShowCase @cxloop-slack c1"
	tellCRMLine = " WakeSync hubspot"
	stormLine   = " WakeStorm {s1}"
	ownerLine   = " LookUpOwner @cxloop-crm-hubspot c1"
	lookUpLine  = " LookUpUsers @cxloop-slack"
)

func refuseLine(user string) string { return " RefuseClick @cxloop-slack {c1 {" + user + " no }}" }

func TestCase(t *testing.T) {
	t.Parallel()
	works := []turn[struct{}]{works()}
	for _, c := range []struct {
		name   string
		steps  following
		clicks []time.Duration
		want   []string
		ends   time.Duration
	}{
		{
			name:  "nobody acts: closed by policy",
			steps: following{advance: []turn[activities.Advanced]{open(true), ended(true)}, show: append(works, works...), tellCRM: works},
			want: []string{
				"0s" + advanceLine, "0s" + showLine,
				"720h0m0s" + advanceLine, "720h0m0s" + showLine, "720h0m0s" + tellCRMLine,
			},
			ends: closeAt,
		},
		{
			name: "acknowledged, resolved",
			steps: following{
				advance: []turn[activities.Advanced]{open(true), open(true), ended(true)}, show: append(works, works[0], works[0]), tellCRM: works,
			},
			clicks: []time.Duration{time.Hour, day},
			want: []string{
				"0s" + advanceLine, "0s" + showLine, "1h0m0s" + advanceLine, "1h0m0s" + showLine,
				"24h0m0s" + advanceLine, "24h0m0s" + showLine, "24h0m0s" + tellCRMLine,
			},
			ends: day,
		},
		{
			name:   "what shows already is not shown again",
			steps:  following{advance: []turn[activities.Advanced]{open(false), open(false), ended(false)}, tellCRM: works},
			clicks: []time.Duration{time.Hour, 2 * time.Hour},
			want:   []string{"0s" + advanceLine, "1h0m0s" + advanceLine, "2h0m0s" + advanceLine, "2h0m0s" + tellCRMLine},
			ends:   2 * time.Hour,
		},
		{
			name:   "a storm posts its case, and tells what becomes of it",
			steps:  following{advance: []turn[activities.Advanced]{inStorm(false), inStorm(true), ended(false)}, storm: append(works, works...), show: works, tellCRM: works},
			clicks: []time.Duration{time.Hour, 2 * time.Hour},
			want: []string{
				"0s" + advanceLine, "0s" + stormLine, "1h0m0s" + advanceLine, "1h0m0s" + stormLine, "1h0m0s" + showLine,
				"2h0m0s" + advanceLine, "2h0m0s" + tellCRMLine,
			},
			ends: 2 * time.Hour,
		},
		{
			name:   "the owner is looked up before their case is shown",
			steps:  following{advance: []turn[activities.Advanced]{ownerUnknown(true), open(true), ended(false)}, owner: works, show: works, tellCRM: works},
			clicks: []time.Duration{time.Hour},
			want:   []string{"0s" + advanceLine, "0s" + ownerLine, "0s" + advanceLine, "0s" + showLine, "1h0m0s" + advanceLine, "1h0m0s" + tellCRMLine},
			ends:   time.Hour,
		},
		{
			name:   "the case of a channel is shown before the owner is looked up",
			steps:  following{advance: []turn[activities.Advanced]{ownerUnknown(false), open(false), ended(false)}, owner: works, show: works, tellCRM: works},
			clicks: []time.Duration{time.Hour},
			want:   []string{"0s" + advanceLine, "0s" + showLine, "0s" + ownerLine, "0s" + advanceLine, "1h0m0s" + advanceLine, "1h0m0s" + tellCRMLine},
			ends:   time.Hour,
		},
		{
			name: "nobody finds the owner: the case is shown all the same",
			steps: following{
				advance: []turn[activities.Advanced]{ownerUnknown(true), ended(false)},
				owner:   []turn[struct{}]{failing(temporal.NewNonRetryableApplicationError("no", activities.FailurePermanent, nil))},
				show:    works, tellCRM: works,
			},
			clicks: []time.Duration{time.Minute},
			want:   []string{"0s" + advanceLine, "0s" + ownerLine, "0s" + showLine, "1m0s" + advanceLine, "1m0s" + tellCRMLine},
			ends:   time.Minute,
		},
		{
			name: "who clicks is looked up before the click is applied",
			steps: following{
				advance: []turn[activities.Advanced]{open(false), unknownUsers("U1", "U2"), ended(false)},
				lookUp:  works, tellCRM: works,
			},
			clicks: []time.Duration{time.Hour},
			want: []string{
				"0s" + advanceLine, "1h0m0s" + advanceLine, "1h0m0s" + lookUpLine + " {[U1 U2]}",
				"1h0m0s" + advanceLine, "1h0m0s" + tellCRMLine,
			},
			ends: time.Hour,
		},
		{
			name: "who clicks while another is looked up is looked up when that click is heard of",
			steps: following{
				advance: []turn[activities.Advanced]{unknownUsers("U1"), unknownUsers("U2"), unknownUsers("U2"), ended(false)},
				lookUp:  append(works, works...), tellCRM: works,
			},
			clicks: []time.Duration{time.Minute},
			want: []string{
				"0s" + advanceLine, "0s" + lookUpLine + " {[U1]}", "0s" + advanceLine,
				"1m0s" + advanceLine, "1m0s" + lookUpLine + " {[U2]}", "1m0s" + advanceLine, "1m0s" + tellCRMLine,
			},
			ends: time.Minute,
		},
		{
			name:  "there is no such case",
			steps: following{advance: []turn[activities.Advanced]{gives(activities.Advanced{Ended: true})}},
			want:  []string{"0s" + advanceLine},
		},
		{
			name: "who clicked in vain is told, each by themselves",
			steps: following{
				advance: []turn[activities.Advanced]{refused("U1", "U2"), ended(false)}, refuse: append(works, works...), tellCRM: works,
			},
			clicks: []time.Duration{time.Hour},
			want: []string{
				"0s" + advanceLine, "0s" + refuseLine("U1"), "0s" + refuseLine("U2"), "1h0m0s" + advanceLine, "1h0m0s" + tellCRMLine,
			},
			ends: time.Hour,
		},
		{
			name: "who clicked in vain is told before and after others are looked up",
			steps: following{
				advance: []turn[activities.Advanced]{
					gives(activities.Advanced{UnknownUsers: []string{"U2"}, Refused: []activities.RefusedClick{{User: "U1", Reason: "no"}}}),
					refused("U2"), ended(false),
				},
				lookUp: works, refuse: append(works, works...), tellCRM: works,
			},
			clicks: []time.Duration{time.Hour},
			want: []string{
				"0s" + advanceLine, "0s" + lookUpLine + " {[U2]}", "0s" + advanceLine,
				"0s" + refuseLine("U1"), "0s" + refuseLine("U2"), "1h0m0s" + advanceLine, "1h0m0s" + tellCRMLine,
			},
			ends: time.Hour,
		},
		{
			name: "who cannot be told keeps no other from being told",
			steps: following{
				advance: []turn[activities.Advanced]{refused("U1", "U2"), ended(false)},
				refuse:  []turn[struct{}]{failing(refusedForGood()), works[0]}, tellCRM: works,
			},
			clicks: []time.Duration{time.Hour},
			want: []string{
				"0s" + advanceLine, "0s" + refuseLine("U1"), "0s" + refuseLine("U2"), "1h0m0s" + advanceLine, "1h0m0s" + tellCRMLine,
			},
			ends: time.Hour,
		},
		{
			name: "who cannot be told is tried three times and not minded",
			steps: following{
				advance: []turn[activities.Advanced]{refused("U1"), ended(false)},
				refuse:  []turn[struct{}]{failing(errors.New("down")), failing(errors.New("down")), failing(errors.New("down"))}, tellCRM: works,
			},
			clicks: []time.Duration{time.Hour},
			want: []string{
				"0s" + advanceLine, "0s" + refuseLine("U1"), "1s" + refuseLine("U1"), "2s" + refuseLine("U1"), "1h0m0s" + advanceLine, "1h0m0s" + tellCRMLine,
			},
			ends: time.Hour,
		},
		{
			name:  "a moment to close that is over is looked at once a second, not without end",
			steps: following{advance: []turn[activities.Advanced]{gives(activities.Advanced{LookAt: began}), ended(false)}, tellCRM: works},
			want:  []string{"0s" + advanceLine, "1s" + advanceLine, "1s" + tellCRMLine},
			ends:  time.Second,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := c.steps.tell(t)
			s.wakes(c.clicks...)
			s.reads(workflows.CaseWorkflow, unhappy, c.want...)
			s.ends(c.ends)
		})
	}
}

// Who clicks on a case that ends at that moment is heard, whichever step is under
// way.
func TestCaseHearsClicksWhileItEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps following
		want  []string
	}{
		{
			name: "while it is shown",
			steps: following{
				advance: []turn[activities.Advanced]{ended(true), ended(false)}, show: []turn[struct{}]{during((*story).wake)},
				tellCRM: []turn[struct{}]{works(), works()},
			},
			want: []string{"0s" + advanceLine, "0s" + showLine, "0s" + tellCRMLine, "0s" + advanceLine, "0s" + tellCRMLine},
		},
		{
			name: "while the CRM is told",
			steps: following{
				advance: []turn[activities.Advanced]{ended(false), ended(false)}, tellCRM: []turn[struct{}]{during((*story).wake), works()},
			},
			want: []string{"0s" + advanceLine, "0s" + tellCRMLine, "0s" + advanceLine, "0s" + tellCRMLine},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := c.steps.tell(t)
			s.reads(workflows.CaseWorkflow, unhappy, c.want...)
			s.ends(0)
		})
	}
}

// Clicks of one moment are taken together.
func TestCaseTakesClicksTogether(t *testing.T) {
	t.Parallel()
	s := following{
		advance: []turn[activities.Advanced]{open(false), ended(false)}, tellCRM: []turn[struct{}]{works()},
	}.tell(t)
	s.at(time.Hour, func() {
		s.env.SignalWorkflowSkippingWorkflowTask(workflows.CaseChangedSignal, nil)
		s.env.SignalWorkflowSkippingWorkflowTask(workflows.CaseChangedSignal, nil)
		s.wake()
	})
	s.reads(workflows.CaseWorkflow, unhappy, "0s"+advanceLine, "1h0m0s"+advanceLine, "1h0m0s"+tellCRMLine)
	s.ends(time.Hour)
}

// A click while a step is under way is not waited for once more.
func TestCaseHearsClicksWhileItIsShown(t *testing.T) {
	t.Parallel()
	s := following{
		advance: []turn[activities.Advanced]{open(true), ended(false)},
		show:    []turn[struct{}]{during((*story).wake)}, tellCRM: []turn[struct{}]{works()},
	}.tell(t)
	s.reads(workflows.CaseWorkflow, unhappy, "0s"+advanceLine, "0s"+showLine, "0s"+advanceLine, "0s"+tellCRMLine)
	s.ends(0)
}

// A case that lives long begins a new history, after what happened is applied.
func TestCaseContinuesAsNew(t *testing.T) {
	t.Parallel()
	s := following{advance: []turn[activities.Advanced]{open(true)}, show: []turn[struct{}]{works()}}.tell(t)
	s.env.SetContinueAsNewSuggested(true)
	s.reads(workflows.CaseWorkflow, unhappy, "0s"+advanceLine, "0s"+showLine)
	requireContinuedAsNew(t, s, "CaseWorkflow", unhappy)
}

// One that has ended does not.
func TestCaseEndsWhereANewHistoryIsSuggested(t *testing.T) {
	t.Parallel()
	s := following{advance: []turn[activities.Advanced]{ended(false)}, tellCRM: []turn[struct{}]{works()}}.tell(t)
	s.env.SetContinueAsNewSuggested(true)
	s.reads(workflows.CaseWorkflow, unhappy, "0s"+advanceLine, "0s"+tellCRMLine)
	s.ends(0)
}

func TestCaseFailsForGood(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string]following{
		"advance":  {advance: []turn[activities.Advanced]{fails[activities.Advanced](refusedForGood())}},
		"again":    {advance: []turn[activities.Advanced]{unknownUsers("U1"), fails[activities.Advanced](refusedForGood())}, lookUp: []turn[struct{}]{works()}},
		"tell CRM": {advance: []turn[activities.Advanced]{ended(false)}, tellCRM: []turn[struct{}]{failing(refusedForGood())}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := steps.tell(t)
			s.env.ExecuteWorkflow(workflows.CaseWorkflow, unhappy)
			require.ErrorContains(t, s.env.GetWorkflowError(), "bad request")
		})
	}
}

// A wait is cut short by nothing but what it waits for: a workflow that is
// cancelled ends and does not spin.
func TestCaseIsCancelled(t *testing.T) {
	t.Parallel()
	s := following{advance: []turn[activities.Advanced]{open(false)}}.tell(t)
	s.at(time.Hour, s.env.CancelWorkflow)
	s.reads(workflows.CaseWorkflow, unhappy, "0s"+advanceLine)
	require.ErrorContains(t, s.env.GetWorkflowError(), "canceled")
	require.Equal(t, time.Hour, s.elapsed())
}

func requireContinuedAsNew[In any](t *testing.T, s *story, name string, in In) {
	t.Helper()
	again, ok := errors.AsType[*workflow.ContinueAsNewError](s.env.GetWorkflowError())
	require.True(t, ok, "%v", s.env.GetWorkflowError())
	require.Equal(t, name, again.WorkflowType.Name)
	var got In
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &got))
	require.Equal(t, in, got)
}
