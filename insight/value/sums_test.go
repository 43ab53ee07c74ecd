package value

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// few are histories of all kinds.
var few = []History{
	{0, 0, 10}, {0, 0, 10}, {0, 0, 3}, {1, 2, 10}, {1, 9, 9.5}, {2, 4, 8}, {5, 9, 10}, {5, 9, 9}, {40, 3, 10}, {300, 9.9, 10},
}

// The derivatives are those of the sum of each history's likelihood.
func TestDerivatives(t *testing.T) {
	t.Parallel()
	d, err := newData(few)
	require.NoError(t, err)
	for _, model := range []Model{BG, MBG} {
		for _, theta := range [][]float64{prior[:], {0.5, 1, -2, 0.5}, {-1, 2, 1, 1.5}} {
			f := objective{model: model, data: d, prior: true}
			at := f.at(theta)
			p := f.params(theta, 1)
			sum := 0.0
			for _, h := range few {
				sum -= p.logLikelihood(h) / d.n
			}
			for i, v := range theta {
				sum += (v - prior[i]) * (v - prior[i]) / 2 / d.n
			}
			require.InEpsilon(t, sum, at.value, 1e-12)
			for i := range theta {
				up, down := append([]float64(nil), theta...), append([]float64(nil), theta...)
				up[i], down[i] = up[i]+1e-5, down[i]-1e-5
				high, low := f.at(up), f.at(down)
				require.InDelta(t, (high.value-low.value)/2e-5, at.gradient[i], 1e-7, "%s %d", model, i)
				for j := range theta {
					require.InDelta(t, (high.gradient[j]-low.gradient[j])/2e-5, at.hessian[i*dims+j], 1e-7, "%s %d %d", model, i, j)
				}
			}
		}
	}
}

func TestTrigamma(t *testing.T) {
	t.Parallel()
	require.InEpsilon(t, math.Pi*math.Pi/6, trigamma(1), 1e-12)
	require.InEpsilon(t, math.Pi*math.Pi/2, trigamma(0.5), 1e-12)
	require.InEpsilon(t, 1e-6+1e6, trigamma(1e-3)+1e-6-trigamma(1+1e-3), 1e-9)
}
