package value

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
)

// MBG/NBD is what is used, BG/NBD what it is checked by, and Gamma-Gamma has a mean: q is
// above 1, and who buys more often for more is warned of.
func TestWhatIsFitted(t *testing.T) {
	t.Parallel()
	customers := played(2000)
	m, err := FitValue(customers, usual)
	require.NoError(t, err)
	require.Equal(t, []any{card.OK, MBG}, []any{m.Status, m.Model})
	histories := make([]History, len(customers))
	for i, c := range customers {
		histories[i] = c.History
	}
	expected := map[Model]float64{}
	for _, model := range []Model{MBG, BG} {
		fit, err := FitMAP(model, histories)
		require.NoError(t, err)
		for _, h := range histories {
			expected[model] += fit.Expected(h, Year)
		}
	}
	require.InEpsilon(t, expected[BG]/expected[MBG], m.CrossCheck, 1e-9)
	require.Equal(t, math.Abs(m.CrossCheck-1) > 0.2, strings.Contains(strings.Join(m.Warnings, ""), "hangs on the model"))
	require.Greater(t, m.Worth.Q, 1.0)
	require.Less(t, math.Abs(m.Worth.Correlation), Correlated)
	require.NotContains(t, strings.Join(m.Warnings, ""), "goes together")

	together := slices.Clone(customers)
	for i := range together {
		together[i].Mean *= float64(together[i].Purchases)
	}
	m, err = FitValue(together, usual)
	require.NoError(t, err)
	require.Greater(t, m.Worth.Correlation, Correlated)
	require.Greater(t, m.Worth.Q, 1.0)
	require.Contains(t, strings.Join(m.Warnings, ""), "goes together")
}
