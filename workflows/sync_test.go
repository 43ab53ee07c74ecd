package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

var hubspot = activities.CRMRef{CRM: "hubspot"}

// pushing is a sync whose pushes answer in turns.
func pushing(t *testing.T, turns ...turn[activities.Pushed]) *story {
	t.Helper()
	s := tell(t)
	var signals *activities.Signals
	on(s, signals.PushSignals, turns...)
	return s
}

func (s *story) change() { s.env.SignalWorkflow(workflows.SignalsChangedSignal, nil) }

var (
	pushedAll = gives(activities.Pushed{Records: 7})
	// changedMeanwhile is a push during which something changes.
	changedMeanwhile = turn[activities.Pushed]{meanwhile: (*story).change}
	pushedMore       = gives(activities.Pushed{Records: 5000, More: true})
)

const pushLine = " PushSignals @cxloop-crm-hubspot hubspot"

func TestSync(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		pushes  []turn[activities.Pushed]
		changes []time.Duration
		want    []string
		ends    time.Duration
	}{
		{
			name: "changes gather for a moment", pushes: []turn[activities.Pushed]{pushedAll},
			changes: []time.Duration{0, time.Second, 4 * time.Second},
			want:    []string{"5s" + pushLine}, ends: 5 * time.Second,
		},
		{
			name: "until nothing is left", pushes: []turn[activities.Pushed]{pushedMore, pushedMore, pushedAll},
			want: []string{"5s" + pushLine, "5s" + pushLine, "5s" + pushLine}, ends: 5 * time.Second,
		},
		{
			name: "the CRM says how long to wait", pushes: []turn[activities.Pushed]{fails[activities.Pushed](rateLimited(time.Minute)), pushedAll},
			want: []string{"5s" + pushLine, "1m5s" + pushLine}, ends: 65 * time.Second,
		},
		{
			name: "what changes while the CRM rests gets a round of its own",
			pushes: []turn[activities.Pushed]{
				fails[activities.Pushed](rateLimited(time.Minute)), pushedAll, pushedAll,
			},
			changes: []time.Duration{30 * time.Second},
			want:    []string{"5s" + pushLine, "1m5s" + pushLine, "1m10s" + pushLine}, ends: 70 * time.Second,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := pushing(t, c.pushes...)
			for _, elapsed := range c.changes {
				s.at(elapsed, s.change)
			}
			s.reads(workflows.SyncWorkflow, hubspot, c.want...)
			s.ends(c.ends)
		})
	}
}

// A change during the last push may have come too late for it.
func TestSyncHearsChangesWhileItWrites(t *testing.T) {
	t.Parallel()
	s := pushing(t, changedMeanwhile, pushedAll)
	s.reads(workflows.SyncWorkflow, hubspot, "5s"+pushLine, "10s"+pushLine)
	s.ends(10 * time.Second)
}

func TestSyncContinuesAsNewWhereMoreIsToWrite(t *testing.T) {
	t.Parallel()
	s := pushing(t, changedMeanwhile)
	s.env.SetContinueAsNewSuggested(true)
	s.reads(workflows.SyncWorkflow, hubspot, "5s"+pushLine)
	requireContinuedAsNew(t, s, "SyncWorkflow", hubspot)
}

func TestSyncEndsWhereANewHistoryIsSuggestedAndNothingIsLeft(t *testing.T) {
	t.Parallel()
	s := pushing(t, pushedAll)
	s.env.SetContinueAsNewSuggested(true)
	s.reads(workflows.SyncWorkflow, hubspot, "5s"+pushLine)
	s.ends(5 * time.Second)
}

func TestSyncFailsForGood(t *testing.T) {
	t.Parallel()
	s := pushing(t, fails[activities.Pushed](refusedForGood()))
	s.reads(workflows.SyncWorkflow, hubspot, "5s"+pushLine)
	require.ErrorContains(t, s.env.GetWorkflowError(), "bad request")
}

func TestSyncIsCancelledWhileChangesGather(t *testing.T) {
	t.Parallel()
	s := pushing(t)
	s.at(time.Second, s.env.CancelWorkflow)
	s.env.ExecuteWorkflow(workflows.SyncWorkflow, hubspot)
	require.ErrorContains(t, s.env.GetWorkflowError(), "canceled")
	require.Empty(t, s.lines)
}

// livingFor wants an activity to say that it lives, or it is taken to be lost, and
// to be given time.
func livingFor(ctx context.Context, within, silence time.Duration) error {
	info := activity.GetInfo(ctx)
	if info.HeartbeatTimeout != silence || info.StartToCloseTimeout != within {
		return refusedForGood()
	}
	return nil
}

func TestSyncHasPushesSayThatTheyLive(t *testing.T) {
	t.Parallel()
	s := tell(t)
	var signals *activities.Signals
	s.env.OnActivity(signals.PushSignals, mock.Anything, mock.Anything).Return(
		func(ctx context.Context, _ activities.CRMRef) (activities.Pushed, error) {
			return activities.Pushed{}, livingFor(ctx, 10*time.Minute, time.Minute)
		})
	s.env.ExecuteWorkflow(workflows.SyncWorkflow, hubspot)
	s.ends(5 * time.Second)
}
