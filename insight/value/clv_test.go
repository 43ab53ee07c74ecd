package value

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/cxloop/cxloop/insight/card"
)

// week is what CDNOW's times are in.
const week = 7.0

var usual = Options{Margin: 0.4, DiscountYear: 0.1}

// cdnowHoldout are CDNOW's customers in days, with what they bought in 39 weeks more. Spends
// are of repeat purchases.
func cdnowHoldout(t testing.TB) []Holdout {
	t.Helper()
	histories, later, means := cdnow(t)
	out := make([]Holdout, len(histories))
	for i, h := range histories {
		out[i].History = History{h.X, h.Recency * week, h.Age * week}
		out[i].Orders = later[i]
		if h.X > 0 {
			out[i].Spend = Spend{h.X, means[i]}
		}
	}
	return out
}

func TestBacktestOfCDNOW(t *testing.T) {
	t.Parallel()
	got, err := Backtest(cdnowHoldout(t), 39*week, usual)
	require.NoError(t, err)
	require.Equal(t, card.OK, got.Model.Status)
	require.Equal(t, 946, got.Model.RepeatBuyers)
	require.InEpsilon(t, 1882, got.Orders.Actual, 1e-12)
	require.InDelta(t, -16.4, got.Orders.BiasPct, 0.1)
	require.Greater(t, got.Active.AUC, 0.759)
	require.Less(t, got.Active.Brier, 0.1615)
	require.Less(t, got.Active.ECE, 0.056)
	require.InDelta(t, 0.928, got.Covered, 0.001)
}

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
		draws := drawValues(m, c, 60_000)
		v := m.Score(c)
		mean, deviation := stat.MeanStdDev(draws, nil)
		slices.Sort(draws)
		near := func(want, got float64, what string) {
			require.InDelta(t, want, got, 0.03*deviation, "%s of %+v", what, c)
		}
		near(mean, v.CLV, "mean")
		near(deviation, v.SD, "deviation")
		near(stat.Quantile(0.1, stat.Empirical, draws, nil), v.P10, "P10")
		near(stat.Quantile(0.5, stat.Empirical, draws, nil), v.P50, "P50")
		near(stat.Quantile(0.9, stat.Empirical, draws, nil), v.P90, "P90")
	}
}

// drawValues plays the next year of a customer: their rate, chance to leave and worth are
// drawn by what is known, and each purchase is discounted at the end of its month.
func drawValues(m ValueModel, c Customer, n int) []float64 {
	src := rand.NewPCG(1, 2)
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
