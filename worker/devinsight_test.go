package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// A thousand customers come with their past, and the commands tell what that comes to, while
// everything runs.
func TestDevInsight(t *testing.T) {
	t.Parallel()
	needTemporal(t)
	o := newDevOptions(t, t.TempDir())
	o.timeScale = survey.MaxTimeScale
	stop := startDev(t, o)
	defer stop()
	playInPlayground(t, o, "past")

	commands := func(args ...string) string {
		t.Helper()
		out, err := command(t, append(args, "-c", filepath.Join(o.data, devConfig))...).CombinedOutput()
		require.NoError(t, err, "%v: %s", args, out)
		return string(out)
	}
	require.Contains(t, commands("check"), "is valid")
	require.Regexp(t, `(?m)^NPS \S+ \[.*\], n = \d{3}, `, commands("results", "renewal-nps", "--by", "region", "--period", "quarter"))
	require.Contains(t, commands("results", "--by", "region", "--csv"), "APAC")
	require.Contains(t, commands("comments", "renewal-nps"), "support (Support)")
	require.Regexp(t, `hubspot +shop +purchase +\d{4} +1000 +1000 `, commands("behaviour"))
	require.Regexp(t, `(?m)^value-\S+ .* used +ok +1000`, commands("models", "list"))
	require.Contains(t, commands("roi"), "customers called")
	require.Contains(t, commands("effect"), "customers had a case")
	require.Contains(t, commands("setup", "--dry-run"), "temporal schedules: nothing is missing")
}

// playInPlayground presses a button and waits until its story has ended well.
func playInPlayground(t *testing.T, o devOptions, scenario string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+o.sandboxListen+"/playground/do/play", strings.NewReader(`{"scenario":"`+scenario+`"}`))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	require.Equal(t, http.StatusOK, fetch(t, req).status)
	var state struct {
		Revision uint64
		Runs     []struct {
			State string
			Steps []struct{ Title, State, Detail string }
		}
	}
	// The forecasts come with the next night.
	require.True(t, within(8*patience, func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s/playground/state?after=%d", o.sandboxListen, state.Revision), nil)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal([]byte(fetch(t, req).body), &state))
		require.NotEqual(t, "failed", state.Runs[0].State, "%+v", state.Runs)
		return state.Runs[0].State == "done"
	}), "%+v", &state.Runs)
}
