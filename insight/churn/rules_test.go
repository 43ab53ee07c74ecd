package churn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/predict"
)

// The coefficients of facts are the most probable ones under N(0, 0.5²): there the slope of the
// likelihood is that of the prior.
func TestPriorOfFacts(t *testing.T) {
	t.Parallel()
	rows := population{customers: madeOf(tenant{customers: 800, days: 720, bySilence: 1.6, byCase: 1.8, seed: 4})}.at(opened + 500)
	m, err := fitTwoStage(rows)
	require.NoError(t, err)
	require.Zero(t, m.Facts.Intercept)
	slopes := make([]float64, len(facts))
	for _, r := range rows {
		off := float64(count(r.left)) - predict.Sigmoid(m.logit(r.behaviour, r.facts))
		for i, v := range r.facts {
			if m.Facts.Scale[i] > 0 {
				slopes[i] += off * (v - m.Facts.Mean[i]) / m.Facts.Scale[i]
			}
		}
	}
	strongest := 0.0
	for i, coef := range m.Facts.Coef {
		require.InDelta(t, coef/(0.5*0.5), slopes[i], 1e-6, facts[i].name)
		strongest = max(strongest, coef)
	}
	require.Greater(t, strongest, 0.1)
}

func madeOf(t tenant) []Customer {
	customers, _ := t.made()
	for i, c := range customers {
		customers[i] = c.sorted()
	}
	return customers
}

// Isotonic regression is not tried before 1,000 left and as many stayed.
func TestIsotonicFromAThousandEvents(t *testing.T) {
	t.Parallel()
	of := func(gone, stayed int) calibrator {
		source := rand.New(rand.NewPCG(6, 6))
		var c calibrator
		for i := range gone + stayed {
			c.seen = append(c.seen, forecast{customer: i, left: i < gone, logit: source.NormFloat64() + float64(count(i < gone))})
		}
		return c
	}
	for _, c := range []struct {
		gone, stayed int
		tried        bool
	}{{999, 5000, false}, {5000, 999, false}, {1000, 1000, true}} {
		all := of(c.gone, c.stayed)
		_, isotonic := all.both(-1)
		require.Equal(t, c.tried, isotonic != nil, c)
	}
}

// Nobody is forecast by what was learnt from themselves, nor from what came later.
func TestForecastsAreOfOthers(t *testing.T) {
	t.Parallel()
	p := population{customers: madeOf(tenant{customers: 900, days: 720, bySilence: 1.6, seed: 9}), first: opened}
	origins := p.origins(opened + 720)
	byOrigin := make([][]row, len(origins))
	for i, at := range origins {
		byOrigin[i] = p.at(at)
	}
	want, err := backtest(p, origins, byOrigin)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(want), minOrigins)
	// What came to the customers of one fold is turned around, and to all at the last origin:
	// forecasts of that fold at the first test are as they were, and those of others are not.
	turned := make([][]row, len(byOrigin))
	for i, rows := range byOrigin {
		turned[i] = slices.Clone(rows)
		for j := range turned[i] {
			if turned[i][j].fold == 0 || i == len(byOrigin)-1 {
				turned[i][j].left = !turned[i][j].left
			}
		}
	}
	got, err := backtest(p, origins, turned)
	require.NoError(t, err)
	same, moved := 0, 0
	for i, f := range want[0].forecasts {
		g := got[0].forecasts[i]
		require.Equal(t, []int{f.customer, f.fold}, []int{g.customer, g.fold})
		if f.fold == 0 {
			require.Equal(t, f.logit, g.logit)
			same++
		} else if f.logit != g.logit {
			moved++
		}
	}
	require.Positive(t, same)
	require.Positive(t, moved)
}
