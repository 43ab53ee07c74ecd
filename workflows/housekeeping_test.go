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
	for _, c := range []struct {
		name  string
		turns []turn[activities.Tidied]
		want  []string
		fails bool
	}{
		{name: "done", turns: []turn[activities.Tidied]{gives(activities.Tidied{Expired: 1, Purged: 2})}, want: []string{"0s KeepHouse"}},
		{
			name:  "the database is waited for",
			turns: []turn[activities.Tidied]{fails[activities.Tidied](errors.New("locked")), gives(activities.Tidied{})},
			want:  []string{"0s KeepHouse", "200ms KeepHouse"},
		},
		{name: "fails for good", turns: []turn[activities.Tidied]{fails[activities.Tidied](refusedForGood())}, want: []string{"0s KeepHouse"}, fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := tell(t)
			answer := inTurns(s, c.turns)
			var house *activities.Housekeeping
			s.env.OnActivity(house.KeepHouse, mock.Anything).Return(
				func(ctx context.Context) (activities.Tidied, error) { return answer(ctx, "") })
			s.reads(workflows.HousekeepingWorkflow, nil, c.want...)
			if c.fails {
				require.ErrorContains(t, s.env.GetWorkflowError(), "bad request")
				return
			}
			require.NoError(t, s.env.GetWorkflowError())
		})
	}
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
