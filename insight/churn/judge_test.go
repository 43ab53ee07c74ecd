package churn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

func TestPurchasesThatStoppedComingIn(t *testing.T) {
	t.Parallel()
	of := tenant{customers: 500, days: 720, seed: 5}
	customers, _ := of.made()
	_, c, err := Fit(customers, Options{AsOf: of.asOf() + 40})
	require.NoError(t, err)
	require.Equal(t, card.Stale, c.Status)
	require.Contains(t, c.Reasons[0], "coming in?")
}

// chances are forecasts of customers, each there twice, with probabilities of a grid.
func chances(n, grid int) (out []forecast) {
	source := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		p := float64(1+source.IntN(grid)) / float64(grid+1)
		out = append(out, forecast{
			customer: i / 2, fold: i / 2 % folds, left: source.Float64() < p, p: p, logit: predict.LogitOf(p), base: 0.5,
			behaviour: p, simple: []float64{0.5, 0.5}, without: []float64{p, p, p, p, p},
		})
	}
	return out
}

func TestRankedFiguresAreThoseOfQuality(t *testing.T) {
	t.Parallel()
	forecasts := chances(2000, 1<<40)
	var all []predict.Forecast
	for _, f := range forecasts {
		all = append(all, predict.Forecast{P: f.p, Happens: f.left})
	}
	want := predict.QualityOf(all)
	r := newResampling(forecasts)
	r.drawn = slices.Repeat([]float64{1}, r.customers)
	r.tied()
	require.InDeltaSlice(t, []float64{want.AUC, want.Lift, want.ECE}, []float64{r.auc(), r.lift(), r.ece()}, 1e-9)
}

func TestMeasuresHoldTheTruth(t *testing.T) {
	t.Parallel()
	forecasts := chances(4000, 9)
	var c card.Card
	measure(&c, forecasts, false)
	holds := func(name string, truth float64) {
		m, ok := c.Metric(name)
		require.True(t, ok, name)
		require.LessOrEqual(t, m.Low, truth, name)
		require.GreaterOrEqual(t, m.High, truth, name)
		require.Less(t, m.High-m.Low, 0.2, name)
	}
	brier := 0.0 // of p uniform on .1 to .9, with p(1−p) each
	for i := 1.0; i <= 9; i++ {
		brier += i / 10 * (1 - i/10) / 9
	}
	holds(card.Brier, brier)
	holds(card.BrierSkill, 1-brier/0.25)
	holds(card.Bias, 0)
	holds(card.Slope, 1)
	require.Empty(t, c.Drivers, "no fact makes a difference")
	require.Len(t, c.Baselines, 3)
	for _, b := range c.Baselines {
		require.True(t, b.Beaten(), b.Name)
		require.InDelta(t, 0.25, b.Brier, 1e-9)
	}
}

func TestJudgement(t *testing.T) {
	t.Parallel()
	good := func() *card.Card {
		return &card.Card{
			Origins:   make([]card.Origin, minOrigins),
			Metrics:   []card.Metric{{Name: card.BrierSkill, Interval: card.Interval{Value: 0.2, Low: 0.1, High: 0.3}}, {Name: card.Bias, Interval: card.Interval{Value: 0.1}}},
			Baselines: []card.Baseline{{Name: baseRate, Gain: card.Interval{Value: 0.02, Low: 0.01, High: 0.03}}},
		}
	}
	require.Empty(t, thin(good(), minTested, minTested))
	require.Empty(t, poor(good()))
	require.Len(t, thin(good(), minTested-1, minTested), 1)
	require.Len(t, thin(good(), minTested, minTested-1), 1)
	require.Len(t, thin(&card.Card{}, 0, 0), 2)

	same := good()
	same.Baselines[0].Gain.Low = 0
	require.Contains(t, poor(same)[0], "not surely better than base_rate")
	unskilled := good()
	unskilled.Metrics[0].Low = 0
	require.Contains(t, poor(unskilled)[0], "skill")
	biased := good()
	biased.Metrics[1].Value = -0.25
	require.Contains(t, poor(biased)[0], "-25 %")
}

func TestCalibratorLearnsFromEarlierOrigins(t *testing.T) {
	t.Parallel()
	var c calibrator
	require.Equal(t, "none", c.fit(-1).Name())
	bold := chances(3000, 1<<40)
	for i := range bold {
		bold[i].logit *= 3
	}
	first := append([]forecast(nil), bold...)
	c.apply(first)
	require.Equal(t, predict.Sigmoid(bold[0].logit), first[0].p, "nothing was known then")
	calibration := c.fit(-1)
	require.Equal(t, "platt", calibration.Name(), "isotonic has not shown to be better")
	require.InDelta(t, 1.0/3, calibration.Platt.A, 0.05)

	backwards := calibrator{}
	for i := range bold {
		bold[i].logit *= -1
	}
	backwards.apply(bold)
	require.Equal(t, "none", backwards.fit(-1).Name(), "what ranks backwards is not turned around")

	// Risks of three kinds only, of which the middle one is off: no line puts that right.
	stepped := calibrator{}
	for range 3 {
		steps := chances(6000, 9)
		for i := range steps {
			steps[i].logit = []float64{-3, 2.5, 3}[min(2, int(steps[i].p*10)/4)]
		}
		stepped.apply(steps)
	}
	require.Equal(t, "isotonic", stepped.fit(-1).Name())
}

func BenchmarkFit(b *testing.B) {
	of := driven(false)
	customers, _ := of.made()
	for b.Loop() {
		if _, _, err := Fit(customers, Options{AsOf: of.asOf()}); err != nil {
			b.Fatal(err)
		}
	}
}
