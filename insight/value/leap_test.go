package value

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

func TestLeaps(t *testing.T) {
	t.Parallel()
	money := func(v float64) []Figure { return []Figure{{"money", v}} }
	for name, c := range map[string]struct {
		before, now []Figure
		leaps       int
	}{
		"the same":             {money(50), money(50), 0},
		"thrice":               {money(50), money(150), 0},
		"more than thrice":     {money(50), money(150.1), 1},
		"a third":              {money(51), money(17), 0},
		"less than a third":    {money(51), money(16.9), 1},
		"cents":                {money(50), money(5000), 1},
		"another figure":       {money(50), []Figure{{"orders", 5000}}, 0},
		"nothing known before": {nil, money(50), 0},
		"nothing known now":    {money(50), nil, 0},
		"both":                 {append(money(50), Figure{"orders", 1}), append(money(5), Figure{"orders", 10}), 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leaps := Leaps("value-1", c.before, c.now)
			require.Len(t, leaps, c.leaps)
			for _, l := range leaps {
				require.Equal(t, "value-1", l.From)
			}
		})
	}
	require.Equal(t, []card.Leap{{Of: "money", From: "value-1", Before: 50, Now: 5000}}, Leaps("value-1", money(50), money(5000)))
}

// What a model is told a thousandfold, it says a thousandfold: the least data do.
func TestFiguresFollowWhatWasTold(t *testing.T) {
	t.Parallel()
	customers := played(400)
	figuresOf := func(change func(*Customer)) []Figure {
		changed := make([]Customer, len(customers))
		for i, c := range customers {
			change(&c)
			changed[i] = c
		}
		m, err := FitValue(changed, Options{Margin: 0.4, DiscountYear: 0.1})
		require.NoError(t, err)
		require.Equal(t, card.OK, m.Status, m.Reason)
		return m.Figures()
	}
	good := figuresOf(func(*Customer) {})
	require.Len(t, good, 2)
	require.Empty(t, Leaps("1", good, good))
	cents := figuresOf(func(c *Customer) { c.Mean *= 1000 })
	require.InEpsilon(t, 1000, cents[1].Value/good[1].Value, 1e-6)
	leaps := Leaps("1", good, cents)
	require.Len(t, leaps, 1)
	require.Equal(t, "the mean purchase", leaps[0].Of)
	many := Leaps("1", good, figuresOf(func(c *Customer) { c.X *= 10 }))
	require.NotEmpty(t, many)
	require.Contains(t, many[0].Of, "orders")
	require.Len(t, figuresOf(func(c *Customer) { c.Spend = Spend{} }), 1, "no amounts")
	require.Empty(t, ValueModel{Status: card.ThinData}.Figures())
}

func TestFiguresOfContracts(t *testing.T) {
	t.Parallel()
	m := ContractModel{Hazard: &predict.Logistic{Mean: []float64{0.7, math.Log1p(1200)}}}
	require.InDelta(t, 1.5, m.Figures(1.5)[0].Value, 1e-9)
	require.InDelta(t, 1200, m.Figures(1.5)[1].Value, 1e-6)
	require.Empty(t, ContractModel{}.Figures(1.5))
}
