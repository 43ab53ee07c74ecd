package insight

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tails of small binomials are sums that can be written down.
func TestCompareRates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, now int
		spans       [2]float64
		ratio, p    float64
	}{
		"nothing":           {0, 0, [2]float64{4, 1}, 1, 1},
		"the same rate":     {8, 2, [2]float64{4, 1}, 1, 1},
		"five heads of six": {1, 5, [2]float64{1, 1}, 5, 2 * 7.0 / 64},
		"one head of six":   {5, 1, [2]float64{1, 1}, 0.2, 2 * 7.0 / 64},
		// Three of three in the fifth of the time: (1/5)^3, doubled.
		"never before": {0, 3, [2]float64{4, 1}, math.Inf(1), 2.0 / 125},
		"no more":      {3, 0, [2]float64{1, 1}, 0, 2.0 / 8},
	} {
		got := CompareRates(c.before, c.spans[0], c.now, c.spans[1])
		require.InDelta(t, c.p, got.P, 1e-12, name)
		if math.IsInf(c.ratio, 1) {
			require.True(t, math.IsInf(got.Ratio, 1) && math.IsInf(got.High, 1), name)
		} else {
			require.InDelta(t, c.ratio, got.Ratio, 1e-12, name)
		}
		require.LessOrEqual(t, got.Low, got.Ratio, name)
		require.GreaterOrEqual(t, got.High, got.Ratio, name)
	}
}

// The interval is that of the binomial's share: 5 of 6 has (0.3588, 0.9958) by Clopper and
// Pearson, in their own table as in R's binom.test.
func TestRateInterval(t *testing.T) {
	t.Parallel()
	got := CompareRates(1, 1, 5, 1)
	require.InDelta(t, 0.3587654/(1-0.3587654), got.Low, 1e-5)
	require.InDelta(t, 0.9957893/(1-0.9957893), got.High, 1e-2)
}
