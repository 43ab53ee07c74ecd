package value

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
)

// How long contracts last is told always: of a model that is refused for thin data too.
func TestLasting(t *testing.T) {
	t.Parallel()
	for _, n := range []int{20, 4000} {
		m, err := FitContracts(contracted(n), usual)
		require.NoError(t, err)
		require.Equal(t, n < 100, m.Status == card.ThinData)
		got := m.Lasting()
		require.NotEmpty(t, got.Terms)
		for i, share := range got.Terms {
			step := SurvivalAt(m.Curve, float64(i+1))
			require.Equal(t, card.Interval{Value: step.Survival, Low: step.Low, High: step.High}, share)
			require.True(t, 0 <= share.Low && share.Low <= share.Value && share.Value <= share.High && share.High <= 1, share)
		}
		require.Len(t, got.Cohorts, 2)
		require.Equal(t, n/2, got.Cohorts[0].Contracts)
		require.Greater(t, got.Cohorts[0].Second, got.Cohorts[0].First, "who stays is more likely to stay")
		require.Greater(t, *got.Alike, 0.01)
		_, err = json.Marshal(got)
		require.NoError(t, err)
	}
	m, err := FitContracts(nil, usual)
	require.NoError(t, err)
	require.Nil(t, m.Lasting())
}
