package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/cxloop/cxloop/workflows"
)

// TestSetupFindsNamespace names it in the configuration, in the environment, nowhere.
func TestSetupFindsNamespace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.startTemporal(t, nil)
	named := string(w.yaml)
	unnamed := strings.Replace(named, ", namespace: default", "", 1)
	require.NotEqual(t, named, unnamed)
	for _, c := range []struct{ yaml, env, fails string }{
		{unnamed, "", ""},
		{unnamed, "elsewhere", "elsewhere"},
		{named, "elsewhere", ""},
	} {
		cmd := command(t, "setup", "-c", writeFile(t, c.yaml))
		cmd.Env = append(cmd.Env, "TEMPORAL_NAMESPACE="+c.env)
		said, err := cmd.CombinedOutput()
		if c.fails == "" {
			require.NoError(t, err, "%s", said)
			continue
		}
		require.Error(t, err)
		require.Contains(t, string(said), c.fails)
	}
}

// TestSetupUpdatesSchedule finds one from an earlier version, which somebody paused.
func TestSetupUpdatesSchedule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.startTemporal(t, searchAttributes())
	c, err := temporalClient(w.config, w.logger())
	require.NoError(t, err)
	defer c.Close()
	want := workflows.HousekeepingSchedule(housekeepingLeast)
	earlier := workflows.HousekeepingSchedule(time.Hour)
	earlier.Overlap, earlier.CatchupWindow, earlier.Paused = enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL, time.Minute, true
	schedule, err := c.ScheduleClient().Create(t.Context(), earlier)
	require.NoError(t, err)

	require.NoError(t, w.setup().outside(t.Context()))
	got, err := schedule.Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, want.Spec.Intervals, got.Schedule.Spec.Intervals)
	require.Equal(t, want.Overlap, got.Schedule.Policy.Overlap)
	require.Equal(t, want.CatchupWindow, got.Schedule.Policy.CatchupWindow)
	require.True(t, got.Schedule.State.Paused)
}
