package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

func TestHousekeeping(t *testing.T) {
	t.Parallel()
	locked := errors.New("locked")
	tidied, woken := once(activities.Tidied{Expired: 1, Purged: 2}), once(activities.Woken{Cases: 1})
	for _, c := range []struct {
		name  string
		keep  []turn[activities.Tidied]
		wake  []turn[activities.Woken]
		want  []string
		fails string
	}{
		{name: "done", keep: tidied, wake: woken, want: []string{"0s KeepHouse", "0s WakeStalled"}},
		{
			name: "the database is waited for",
			keep: append([]turn[activities.Tidied]{fails[activities.Tidied](locked)}, tidied...),
			wake: append([]turn[activities.Woken]{fails[activities.Woken](locked)}, woken...),
			want: []string{"0s KeepHouse", "200ms KeepHouse", "200ms WakeStalled", "400ms WakeStalled"},
		},
		{
			name: "keeping house fails for good", keep: []turn[activities.Tidied]{fails[activities.Tidied](refusedForGood())}, wake: woken,
			want: []string{"0s KeepHouse", "0s WakeStalled"}, fails: "bad request",
		},
		{
			name: "a part of it fails", keep: once(activities.Tidied{Failed: []string{"purge_visits"}}), wake: woken,
			want: []string{"0s KeepHouse", "0s WakeStalled"}, fails: "log says: purge_visits",
		},
		{
			name: "waking fails for good", keep: tidied, wake: []turn[activities.Woken]{fails[activities.Woken](refusedForGood())},
			want: []string{"0s KeepHouse", "0s WakeStalled"}, fails: "bad request",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := housekeeping(t, c.keep, c.wake)
			s.reads(workflows.HousekeepingWorkflow, nil, c.want...)
			if c.fails == "" {
				require.NoError(t, s.env.GetWorkflowError())
				return
			}
			require.ErrorContains(t, s.env.GetWorkflowError(), c.fails)
		})
	}
}

// housekeeping is a run whose two steps answer in turns.
func housekeeping(t *testing.T, keep []turn[activities.Tidied], wake []turn[activities.Woken]) *story {
	t.Helper()
	s := tell(t)
	keeps, wakes := inTurns(s, keep), inTurns(s, wake)
	var house *activities.Housekeeping
	s.env.OnActivity(house.KeepHouse, mock.Anything).Return(
		func(ctx context.Context) (activities.Tidied, error) { return keeps(ctx, "") })
	s.env.OnActivity(house.WakeStalled, mock.Anything).Return(
		func(ctx context.Context) (activities.Woken, error) { return wakes(ctx, "") })
	return s
}

// Two runs never overlap, and a long outage is not made up for run by run.
func TestHousekeepingSchedule(t *testing.T) {
	t.Parallel()
	schedule := workflows.HousekeepingSchedule(10 * time.Minute)
	require.Equal(t, 10*time.Minute, schedule.Spec.Intervals[0].Every)
	require.Less(t, schedule.Spec.Jitter, 10*time.Minute)
	require.Equal(t, enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, schedule.Overlap)
	require.Equal(t, time.Hour, schedule.CatchupWindow)
	action, ok := schedule.Action.(*client.ScheduleWorkflowAction)
	require.True(t, ok)
	require.Equal(t, workflows.HousekeepingID, action.ID)
	require.Equal(t, workflows.QueueMain, action.TaskQueue)
}
