package bench

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestScores is the small twin of make bench ARGS="--only scores".
func TestScores(t *testing.T) {
	t.Parallel()
	r := &run{Options: Options{Store: SQLite, Responses: 3000, Progress: t.Output()}, folder: t.TempDir()}
	figures, err := r.scoreFigures(t.Context(), nil)
	require.NoError(t, err, "all are counted")
	require.Equal(t, "page.overview_3k_p95_ms", figures[0].Name)
	require.Positive(t, figures[0].Value)
}
