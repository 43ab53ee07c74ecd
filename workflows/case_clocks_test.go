package workflows_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// oneCase is a store that holds a single case, enough for AdvanceCase.
type oneCase struct {
	store.Store
	mu     sync.Mutex
	detail store.CaseDetail
	clicks []survey.Click
	owner  survey.Owner
	filed  store.Filing
}

func (s *oneCase) Owner(context.Context, string, string) (survey.Owner, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owner, nil
}

// Filing says that the CRM knows all, once it was told.
func (s *oneCase) Filing(context.Context, string, []string) (store.Filing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.filed, nil
}

func (s *oneCase) Case(context.Context, string) (store.CaseDetail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.detail, nil
}

func (s *oneCase) SaveProgram(context.Context, survey.Program) error { return nil }

func (s *oneCase) PendingClicks(context.Context, string) ([]survey.Click, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clicks, nil
}

func (s *oneCase) SlackUsers(_ context.Context, ids []string, _ time.Time) (map[string]bool, error) {
	users := map[string]bool{}
	for _, id := range ids {
		users[id] = true
	}
	return users, nil
}

func (s *oneCase) AdvanceCase(_ context.Context, _ string, _ time.Time, apply func(*survey.Case, []survey.Click) store.Advance) (survey.Case, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.detail.History = append(s.detail.History, apply(&s.detail.Case, s.clicks).History...)
	s.clicks = nil
	return s.detail.Case, nil
}

// teamHours are Monday to Friday, 9 to 17; every story begins on a Monday at 9, in UTC.
var teamHours = survey.Calendar{Timezone: "UTC", Days: survey.Weekdays[1:6], Hours: "09:00-17:00"}

var teamSLA = survey.SLA{
	Normal: survey.Promises{Acknowledge: survey.BusinessSpan{Rest: 4 * time.Hour}, Contact: survey.BusinessSpan{Days: 1}, Resolve: survey.BusinessSpan{Days: 5}},
	Warn:   0.75, Calendar: teamHours,
	Ladder: survey.Ladder{Manager: survey.BusinessSpan{Days: 1}, Channel: survey.BusinessSpan{Days: 2}, Task: survey.BusinessSpan{Days: 3}},
}

// timed is a case that is followed up by its clocks.
type timed struct {
	*story
	store *oneCase
	// team is who hears of it.
	team survey.CaseRoute
	// filing is what the CRM is told.
	filing map[string]activities.CaseFiling
	// looks is how often it was looked at.
	looks int
}

// followed is the program of the case.
var followed = survey.Program{ID: "nps"}

func tellTimed(t *testing.T) *timed {
	t.Helper()
	s := &timed{
		story: tell(t), team: survey.CaseRoute{Channel: "C0CX00001", Manager: "U0BOSS", Escalation: "C0CX00002"},
		filing: map[string]activities.CaseFiling{"hubspot": {Kind: survey.RecordNone}},
		store: &oneCase{detail: store.CaseDetail{Case: survey.Case{
			ID: unhappy.Case, CRM: "hubspot", Program: followed.ID, Version: followed.Version(), State: survey.CaseOpen, Revision: 1,
			Answered: 1, OpenedAt: began, CloseAt: began.Add(closeAt),
		}}, owner: owner("7", "")},
	}
	clock, err := survey.NewClock(nil, 1, s.env.Now)
	require.NoError(t, err)
	programs, err := activities.NewPrograms(t.Context(), s.store, []survey.Program{followed})
	require.NoError(t, err)
	real := &activities.Cases{
		Store: s.store, Programs: programs, Clock: clock, SLA: teamSLA, Route: func(store.CaseDetail) survey.CaseRoute { return s.team },
		OwnerOf: func(survey.Account) string { return "7" }, Filing: s.filing,
	}
	var cases *activities.Cases
	s.env.OnActivity(cases.AdvanceCase, mock.Anything, mock.Anything).Return(func(ctx context.Context, in activities.CaseRef) (activities.Advanced, error) {
		s.looks++
		return real.AdvanceCase(ctx, in)
	})
	var slack *activities.Slack
	s.env.OnActivity(slack.ShowCase, mock.Anything, mock.Anything).Return(func(context.Context, activities.CaseRef) error {
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		c := &s.store.detail.Case
		c.Channel, c.MessageTS, c.Shown = s.team.Channel, "1.0", c.Revision
		return nil
	})
	var records *activities.CaseRecords
	s.env.OnActivity(records.FileCase, mock.Anything, mock.Anything).Return(func(context.Context, activities.CaseRef) error {
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		s.store.filed = store.Filing{Begun: true, Record: store.CaseRecord{ID: "1", Told: 1, State: survey.RecordGone}}
		return nil
	})
	var starts *activities.Starts
	s.env.OnActivity(starts.WakeSync, mock.Anything, mock.Anything).Return(nil)
	return s
}

// clicks has somebody click after so long.
func (s *timed) clicks(elapsed time.Duration, click survey.Click) {
	s.at(elapsed, func() {
		s.store.mu.Lock()
		click.ID, click.User, click.Seen, click.At = elapsed.String(), "U1", s.store.detail.Case.Revision, began.Add(elapsed)
		s.store.clicks = append(s.store.clicks, click)
		s.store.mu.Unlock()
		s.wake()
	})
}

// owner is one who was just looked up.
func owner(id, zone string) survey.Owner { return survey.Owner{ID: id, Zone: zone, At: began} }

// goesTo gives the account to another owner after so long.
func (s *timed) goesTo(elapsed time.Duration, owner survey.Owner) {
	s.at(elapsed, func() {
		s.store.mu.Lock()
		s.store.owner = owner
		s.store.mu.Unlock()
		s.wake()
	})
}

// happened follows the case to its end, and requires that its history reads so, each line
// with the day since it began and the time.
func (s *timed) happened(want ...string) {
	s.t.Helper()
	s.env.ExecuteWorkflow(workflows.CaseWorkflow, unhappy)
	require.NoError(s.t, s.env.GetWorkflowError())
	var got []string
	for _, e := range s.store.detail.History {
		line := fmt.Sprintf("%d %s %s %s %s", int(e.At.Sub(began)/day), e.At.Format("15:04"), e.What, e.Choice, e.Target)
		got = append(got, strings.TrimSpace(strings.ReplaceAll(line, "  ", " ")))
	}
	require.Equal(s.t, want, got)
	require.Equal(s.t, s.looks, s.expectedLooks(), "it is looked at when something happens, and not between")
}

// expectedLooks is one at the beginning, and one at each moment of its history.
func (s *timed) expectedLooks() int {
	moments := map[time.Time]bool{began: true}
	for _, e := range s.store.detail.History {
		moments[e.At] = true
	}
	return len(moments)
}

func TestCaseThatNobodyTakesUp(t *testing.T) {
	t.Parallel()
	tellTimed(t).happened(
		"0 12:00 warned acknowledge", "0 13:00 escalated acknowledge 1", "0 15:00 warned contact", "0 17:00 escalated contact 1",
		"1 13:00 escalated acknowledge 2", "2 13:00 escalated acknowledge 3", "3 13:00 escalated acknowledge 4", "3 15:00 warned resolve",
		"4 17:00 escalated resolve 1", "30 09:00 closed age",
	)
}

func TestCaseKeptInTime(t *testing.T) {
	t.Parallel()
	s := tellTimed(t)
	s.clicks(time.Hour, survey.Click{Action: survey.ActionAcknowledge})
	s.clicks(5*time.Hour, survey.Click{Action: survey.ActionContacted})
	s.clicks(day+time.Hour, survey.Click{Action: survey.ActionResolve, Choice: "price"})
	s.happened("0 10:00 case_acknowledge", "0 14:00 case_contacted", "1 10:00 case_resolve price")
}

func TestCaseContactedLate(t *testing.T) {
	t.Parallel()
	s := tellTimed(t)
	s.clicks(time.Hour, survey.Click{Action: survey.ActionAcknowledge})
	s.clicks(2*day, survey.Click{Action: survey.ActionContacted})
	s.clicks(2*day+time.Hour, survey.Click{Action: survey.ActionResolve})
	s.happened(
		"0 10:00 case_acknowledge", "0 15:00 warned contact", "0 17:00 escalated contact 1", "1 17:00 escalated contact 2",
		"2 09:00 case_contacted", "2 10:00 case_resolve",
	)
}

// It is put off over the weekend after two hours of the eight of the contact's clock: six
// are left. To put it off is to acknowledge it.
func TestCaseSnoozed(t *testing.T) {
	t.Parallel()
	s := tellTimed(t)
	s.clicks(2*time.Hour, survey.Click{Action: survey.ActionSnooze, Until: began.Add(5*day + 3*time.Hour)})
	s.clicks(8*day, survey.Click{Action: survey.ActionResolve})
	s.happened(
		"0 11:00 case_snooze 2100-03-06T12:00:00Z", "5 12:00 woke", "7 13:00 warned contact", "7 15:00 escalated contact 1", "8 09:00 case_resolve",
	)
}

// Nobody hears of what nobody is there to hear.
func TestCaseWithoutAnybodyAbove(t *testing.T) {
	t.Parallel()
	s := tellTimed(t)
	s.team = survey.CaseRoute{Channel: "C0CX00001"}
	delete(s.filing, "hubspot")
	s.clicks(6*day, survey.Click{Action: survey.ActionReject, Choice: "test"})
	s.happened(
		"0 12:00 warned acknowledge", "0 13:00 escalated acknowledge 1", "0 15:00 warned contact", "0 17:00 escalated contact 1",
		"3 15:00 warned resolve", "4 17:00 escalated resolve 1", "6 09:00 case_reject test",
	)
}

// Two hours of the four have passed when the account goes to somebody in New York, where it
// is six in the morning: the other two begin at nine there.
func TestCaseGoesToAnotherTimeZone(t *testing.T) {
	t.Parallel()
	s := tellTimed(t)
	s.goesTo(2*time.Hour, owner("8", "America/New_York"))
	s.clicks(day, survey.Click{Action: survey.ActionResolve})
	s.happened(
		"0 11:00 owner", "0 15:00 warned acknowledge", "0 16:00 escalated acknowledge 1", "0 18:00 warned contact",
		"0 20:00 escalated contact 1", "1 09:00 case_resolve",
	)
}

// The owner leaves before anybody has the case: the manager hears of it at once.
func TestCaseOfAnOwnerWhoLeaves(t *testing.T) {
	t.Parallel()
	s := tellTimed(t)
	away := owner("7", "")
	away.Away = true
	s.goesTo(time.Hour, away)
	s.clicks(2*time.Hour, survey.Click{Action: survey.ActionContacted})
	s.clicks(3*time.Hour, survey.Click{Action: survey.ActionResolve})
	s.happened("0 10:00 escalated acknowledge 2", "0 11:00 case_contacted", "0 12:00 case_resolve")
}
