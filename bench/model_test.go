package bench

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The small twin of what make bench measures. Times are another matter on a machine that
// runs other tests.
func TestRunModels(t *testing.T) {
	if err := canMeasure(); err != nil {
		t.Skip(err)
	}
	var out bytes.Buffer
	require.NoError(t, RunModels(ModelOptions{Customers: 5000, Data: os.Getenv("CXLOOP_TESTDATA")}, &out))
	var report modelReport
	require.NoError(t, json.Unmarshal(out.Bytes(), &report))
	require.Positive(t, report.FitSeconds)
	require.Positive(t, report.CLVSeconds)
	if c := report.CDNOW; c != nil {
		require.InDelta(t, 0.76, c.AUC, 0.001)
		require.InDelta(t, -16.4, c.BiasPct, 0.1)
		require.Less(t, c.Brier, 0.162)
		require.Less(t, c.ECE, 0.06)
	}
	figures := report.figures(5000)
	require.Equal(t, "model.rss_mb", figures[len(figures)-1].Name)
	require.Empty(t, figures[len(figures)-1].Target, "which is of a million")
}
