package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/survey"
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

// TestSetupKeepsSchedulesOfCampaigns creates, keeps, changes and deletes one.
func TestSetupKeepsSchedulesOfCampaigns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.config.Dev.TimeScale = 2
	w.startTemporal(t, searchAttributes())
	c, err := temporalClient(w.config, w.logger())
	require.NoError(t, err)
	defer c.Close()
	var said bytes.Buffer
	setup := w.setup()
	setup.out = &said
	run := func(dryRun bool) string {
		said.Reset()
		setup.dryRun = dryRun
		require.NoError(t, setup.schedules(t.Context(), c))
		return said.String()
	}
	campaigns := c.ScheduleClient().GetHandle(t.Context(), workflows.CampaignScheduleID("relationship"))
	got := func() *client.ScheduleDescription {
		t.Helper()
		d, err := campaigns.Describe(t.Context())
		require.NoError(t, err)
		return d
	}
	require.Contains(t, run(true), "would create housekeeping, comments, campaign/relationship")
	_, err = campaigns.Describe(t.Context())
	require.Error(t, err)
	before := time.Now()
	require.Contains(t, run(false), "created housekeeping, comments, campaign/relationship")
	first := got()
	require.Equal(t, 45*survey.Span(24*time.Hour).Std(), first.Schedule.Spec.Intervals[0].Every)
	require.WithinDuration(t, before.Add(45*24*time.Hour), first.Info.NextActionTimes[0], time.Minute, "nothing begins by itself")

	require.NoError(t, campaigns.Pause(t.Context(), client.SchedulePauseOptions{}))
	program := &w.config.Programs[relationshipAt(w)]
	require.Contains(t, run(false), "nothing is missing")
	require.Equal(t, first.Schedule.Spec.Intervals, got().Schedule.Spec.Intervals)
	require.True(t, got().Schedule.State.Paused)

	program.Every, program.Cron = 0, "CRON_TZ=Europe/Paris 0 6 1 */3 *"
	require.Contains(t, run(false), "nothing is missing")
	require.Empty(t, got().Schedule.Spec.Intervals)
	next := got().Info.NextActionTimes[0]
	paris, err := time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	require.Equal(t, []int{6, 1}, []int{next.In(paris).Hour(), next.In(paris).Day()})

	program.Kind = survey.Transactional
	require.True(t, within(patience, func() bool { // the list comes a little later
		return strings.Contains(run(true), "would delete campaign/relationship")
	}))
	require.Contains(t, run(false), "deleted campaign/relationship")
	_, err = campaigns.Describe(t.Context())
	require.Error(t, err)
	require.True(t, within(patience, func() bool { return !strings.Contains(run(false), "delete") }))
}

func relationshipAt(w *world) int {
	return slices.IndexFunc(w.config.Programs, func(p survey.Program) bool { return p.ID == "relationship" })
}
