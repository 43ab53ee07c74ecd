package insight

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNPSMeetsTheReferenceValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		promoters, detractors, n int
		score, low, high         float64
	}{
		"50/30/20 of 100": {50, 20, 100, 30, 14.051130, 44.201297},
		"7/2/1 of 10":     {7, 1, 10, 60, 7.039409, 85.268284},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := NPSOf(c.promoters, c.detractors, c.n)
			require.InDelta(t, c.score, got.Score, 1e-9)
			require.InDelta(t, c.low, got.Low, 1e-6)
			require.InDelta(t, c.high, got.High, 1e-6)
		})
	}
}

func TestNPSStaysInRange(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		for promoters := range n + 1 {
			for detractors := range n - promoters + 1 {
				got := NPSOf(promoters, detractors, n)
				require.GreaterOrEqual(t, got.Low, -100.0)
				require.LessOrEqual(t, got.High, 100.0)
				require.LessOrEqual(t, got.Low, got.High)
			}
		}
	}
}
