package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

func TestComments(t *testing.T) {
	t.Parallel()
	for name, trained := range map[string]turn[activities.TextTrained]{
		"trained":                         gives(activities.TextTrained{Version: "v1", Changed: true}),
		"read by what was there, else":    fails[activities.TextTrained](refusedForGood()),
		"nothing to train on for a while": gives(activities.TextTrained{}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t)
			var comments *activities.Comments
			trains, reads := inTurns(s, []turn[activities.TextTrained]{trained}), inTurns(s, []turn[int]{gives(7)})
			s.env.OnActivity(comments.TrainText, mock.Anything).Return(
				func(ctx context.Context) (activities.TextTrained, error) { return trains(ctx, "") })
			s.env.OnActivity(comments.ReadComments, mock.Anything).Return(
				func(ctx context.Context) (int, error) { return reads(ctx, "") })
			s.reads(workflows.CommentsWorkflow, nil, "0s TrainText @cxloop-models", "0s ReadComments @cxloop-models")
			s.ends(0)
		})
	}
}

func TestCommentsSchedule(t *testing.T) {
	t.Parallel()
	spec := client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: time.Hour}}}
	schedule := workflows.CommentsSchedule(spec)
	require.Equal(t, workflows.CommentsID, schedule.ID)
	require.Equal(t, spec, schedule.Spec)
	action, ok := schedule.Action.(*client.ScheduleWorkflowAction)
	require.True(t, ok)
	require.Equal(t, workflows.CommentsID, action.ID)
	require.Equal(t, workflows.QueueMain, action.TaskQueue)
}
