package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// TestThemesOfAWeek has a case resolved with a cause, of which its owner then reads in Slack.
func TestThemesOfAWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.yaml = append(w.yaml, "\nthemes: {channel: C0CX00002, owners: [{cause: speed, user: U0GRACE00}]}\n"...)
	c, err := config.LoadBytes("cxloop.yaml", w.yaml, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	c.Temporal.Local = true
	w.config = c
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)

	w.complain(t, "noor")
	m := w.message(t, casesChannel, "noor", "the case", contains(string(survey.ActionResolve)))
	in, err := w.sandbox.ClickThrough(m.Channel, m.TS, string(survey.ActionResolve), "U0GRACE", map[string]string{"choice": "speed"})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, in.Status, in.Response)
	w.awaitNumber(t, 1, "the case is resolved", `SELECT count(*) FROM cases WHERE state = 'resolved'`)

	var printed shownTheme
	got := cxloop(t, "themes", "--json", "-c", writeFile(t, string(w.yaml)))
	require.NoError(t, json.Unmarshal([]byte(got.out), &printed), got.errOut)
	require.Equal(t, shownTheme{Cause: "speed", Cases: 1, Ratio: printed.Ratio, P: 1, Owner: "U0GRACE00"}, printed)

	temporal, err := temporalClient(w.config, w.logger())
	require.NoError(t, err)
	defer temporal.Close()
	handle := temporal.ScheduleClient().GetHandle(t.Context(), workflows.ThemesID)
	require.NoError(t, handle.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
	told := w.message(t, escalationsChannel, "*How fast it came*", "the themes", contains("Cases resolved: 1"))
	require.Contains(t, readable(told.Blocks), "<@U0GRACE00>")
	require.NotContains(t, readable(told.Blocks), "noor")
	w.sandbox.Read(func(st *sandbox.State) {
		for _, other := range st.Messages(escalationsChannel) {
			require.True(t, other.TS == told.TS || !strings.Contains(string(other.Blocks), "*How fast it came*"), "told twice")
		}
	})
	w.awaitWorkflows(t, 1, `WorkflowType = "ThemesWorkflow" AND ExecutionStatus = "Completed"`)
}
