package predict

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDoubtCovers fits many small sets of which the truth is known: the 80 % intervals of
// log-odds are to hold it in about 80 %, also where each customer is there four times, with
// a leaning of its own.
func TestDoubtCovers(t *testing.T) {
	t.Parallel()
	const sets, customers, times, z80 = 60, 150, 4, 1.2815515655446004
	for name, leaning := range map[string]float64{"all apart": 0, "customers alike": 0.7} {
		source := rand.New(rand.NewPCG(7, 8))
		covered, tried := 0, 0
		for range sets {
			var examples []Example
			var group []int
			for c := range customers {
				x, own := []float64{source.NormFloat64(), source.NormFloat64()}, leaning*source.NormFloat64()
				for range times {
					p := Sigmoid(0.8*x[0] - 0.5*x[1] - 0.3 + own)
					examples, group = append(examples, Example{X: x, Happens: source.Float64() < p}), append(group, c)
				}
			}
			o := LogisticOptions{Penalty: 1e-6}
			m, err := FitLogistic(examples, o)
			require.NoError(t, err)
			require.NoError(t, m.Doubt(examples, group, o))
			// Log-odds of the average customer are nearer to 0 where customers differ.
			flatter := 1 / math.Sqrt(1+leaning*leaning*0.346)
			for _, x := range [][]float64{{0, 0}, {1, 1}, {-1, 0.5}, {2, -1}} {
				truth := flatter * (0.8*x[0] - 0.5*x[1] - 0.3)
				tried++
				if math.Abs(m.Logit(x, 0)-truth) <= z80*math.Sqrt(m.Variance(x)) {
					covered++
				}
			}
		}
		require.InDelta(t, 0.8, float64(covered)/float64(tried), 0.08, name)
	}
}

func TestDoubtNeedsAGroupOfEach(t *testing.T) {
	t.Parallel()
	examples := []Example{{X: []float64{1}, Happens: true}, {X: []float64{2}}}
	m, err := FitLogistic(examples, LogisticOptions{Penalty: 1})
	require.NoError(t, err)
	require.Error(t, m.Doubt(examples, []int{0}, LogisticOptions{Penalty: 1}))
	require.Zero(t, m.Variance([]float64{1}))
}
