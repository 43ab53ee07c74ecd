package value

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/cxloop/cxloop/insight/card"
)

// The distribution of purchases has the mean that the models' closed form gives.
func TestOrdersWithin(t *testing.T) {
	t.Parallel()
	for _, model := range []Model{BG, MBG} {
		p := Params{model, 0.52, 43, 0.89, 1.61}
		for _, h := range []History{{0, 0, 0}, {0, 0, 400}, {1, 12, 300}, {7, 206, 272}, {100, 266, 272}, {1000, 269, 272}} {
			var d ordersDistribution
			d.ordersWithin(p, h, Year)
			mean, all := 0.0, 0.0
			for i, mass := range d.mass {
				require.GreaterOrEqual(t, mass, 0.0)
				mean += mass * d.count[i]
				all += mass
			}
			require.InDelta(t, 1, all, 1e-9)
			require.InEpsilon(t, p.Expected(h, Year), mean, 1e-3, "%s %v", model, h)
		}
	}
}

// Quantiles are those of customers drawn one by one, each purchase discounted at its own
// time.
func TestQuantilesOfDraws(t *testing.T) {
	t.Parallel()
	m := ValueModel{Status: card.OK, Options: usual, Params: Params{MBG, 0.52, 43, 0.89, 1.61}, Worth: &GammaGamma{P: 6.25, Q: 3.74, Gamma: 15.44}}
	for _, c := range []Customer{
		{History: History{7, 206, 272}, Spend: Spend{7, 50}},
		{History: History{40, 268, 272}, Spend: Spend{41, 20}},
		{History: History{2, 213, 272}, Spend: Spend{2, 22}},
	} {
		matches(t, drawValues(m, c, 60_000, 1), m.Score(c), 0.03)
	}
}

// matches compares a value with draws, in standard deviations.
func matches(t *testing.T, draws []float64, v CustomerValue, off float64) {
	t.Helper()
	mean, deviation := stat.MeanStdDev(draws, nil)
	slices.Sort(draws)
	quantile := func(p float64) float64 { return stat.Quantile(p, stat.Empirical, draws, nil) }
	for i, c := range []struct{ want, got float64 }{
		{mean, v.CLV}, {deviation, v.SD}, {quantile(0.1), v.P10}, {quantile(0.5), v.P50}, {quantile(0.9), v.P90},
	} {
		require.InDelta(t, c.want, c.got, off*deviation, "%d of %+v", i, v)
	}
}

// drawValues plays the next year of a customer: their rate, chance to leave and worth are
// drawn by what is known, and each purchase is discounted at the end of its month.
func drawValues(m ValueModel, c Customer, n int, seed uint64) []float64 {
	src := rand.NewPCG(seed, 2)
	random := rand.New(src)
	x, spent := float64(c.X), float64(c.Purchases)
	rates := distuv.Gamma{Alpha: m.R + x, Beta: m.Alpha + c.Age, Src: src}
	chances := distuv.Beta{Alpha: m.A, Beta: m.B + x + 1, Src: src}
	worths := distuv.Gamma{Alpha: m.Worth.P*spent + m.Worth.Q, Beta: m.Worth.Gamma + spent*c.Mean, Src: src}
	discounts, alive := m.discounts(), m.Alive(c.History)
	out := make([]float64, n)
	for i := range out {
		rate, leaves := rates.Rand(), chances.Rand()
		worth := distuv.Gamma{Alpha: m.Worth.P, Beta: worths.Rand(), Src: src}
		stays := random.Float64() < alive
		for day := random.ExpFloat64() / rate; stays && day < Year; day += random.ExpFloat64() / rate {
			out[i] += m.Margin * discounts[int(day/Year*months)] * worth.Rand()
			stays = random.Float64() >= leaves
		}
	}
	return out
}

// The table and the cube roots are near the exact functions.
func TestRevenueBelow(t *testing.T) {
	t.Parallel()
	for z := -6.0; z < 6; z += 0.01 {
		require.InDelta(t, math.Erfc(-z/math.Sqrt2)/2, normalBelow(z), 1e-5, z)
	}
	for _, g := range []GammaGamma{{P: 6.25, Q: 3.74, Gamma: 1}, {P: 1.2, Q: 1.5, Gamma: 1}, {P: 0.3, Q: 2, Gamma: 1}} {
		for _, purchases := range []int{1, 5} {
			d := ordersDistribution{count: []float64{0, 1, 3, 60}, mass: []float64{0.4, 0.3, 0.2, 0.1}}
			r := g.revenueOf(purchases, &d)
			for _, probability := range []float64{0.5, 0.9} {
				s := r.quantile(probability)
				sum := d.mass[0]
				for i, n := range d.count[1:] {
					sum += d.mass[i+1] * distuv.Beta{Alpha: r.p * n, Beta: r.q}.CDF(s/(1+s))
				}
				require.InDelta(t, probability, sum, 4e-3, "%+v %d", g, purchases)
			}
			require.Zero(t, r.quantile(0.4))
		}
	}
}
