package insight

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestManyTests(t *testing.T) {
	t.Parallel()
	p := []float64{.01, .04, .03, .005}
	require.InDeltaSlice(t, []float64{.02, .04, .04, .02}, BenjaminiHochberg(p), 1e-12)
	require.InDeltaSlice(t, []float64{.03, .06, .06, .02}, Holm(p), 1e-12)
	require.Empty(t, BenjaminiHochberg(nil))
}

func TestEachStratumCountsByItsShare(t *testing.T) {
	t.Parallel()
	got := Stratify([]Stratum{{NPSOf(30, 10, 50), 1}, {NPSOf(10, 20, 50), 3}, {NPS{}, 9}})
	require.InDelta(t, (1*40+3*-20)/4.0, got.Score, 1e-9)
	require.InDelta(t, 80, got.Effective, 1e-9, "(Σw)²/Σw² of weights 1 and 3")
	require.Equal(t, 100, got.N)
}

func TestShrinkPutsResponsesOfTheWholeToAGroup(t *testing.T) {
	t.Parallel()
	got := Shrink(NPSOf(9, 1, 10), NPSOf(50, 20, 100), 10)
	p, d := (9+5)/20.0, (1+2)/20.0
	require.InDelta(t, 100*(p-d), got.Score, 1e-9)
	require.InDelta(t, 100*(p-d)-196*math.Sqrt((p+d-(p-d)*(p-d))/21), got.Low, .01)
}
