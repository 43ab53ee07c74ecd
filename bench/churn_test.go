package bench

import (
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChurnOfCDNOW(t *testing.T) {
	t.Parallel()
	r := &run{Options: Options{Data: os.Getenv("CXLOOP_TESTDATA"), Progress: io.Discard}}
	if r.Data == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	figures, err := r.churnFigures(t.Context(), nil)
	require.NoError(t, err)
	got := map[string]float64{}
	for _, f := range figures {
		got[f.Name] = f.Value
	}
	require.Greater(t, got["churn.cdnow_auc"], 0.77)
	require.Less(t, got["churn.cdnow_ece"], 0.02)
	require.Greater(t, got["churn.cdnow_brier_skill"], 0.19)
	require.InDelta(t, 1, got["churn.cdnow_slope"], 0.05)
	for _, rule := range []string{"base_rate", "recency", "rfm"} {
		require.Positive(t, got["churn.cdnow_over_"+rule], rule)
	}
}
