package value

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGammaGammaOfCDNOW(t *testing.T) {
	t.Parallel()
	var want struct {
		GG struct {
			MLE struct{ P, Q, Gamma, LL float64 }
			// A name with a comma, as E(M|x,m) has one, is nothing for a tag.
			Recomputed map[string]json.RawMessage `json:"recomputed_at_published_params"`
		} `json:"gamma_gamma_cdnow"`
	}
	references(t, &want)
	histories, _, means := cdnow(t)
	var spends []Spend
	for i, h := range histories {
		if h.X > 0 {
			spends = append(spends, Spend{h.X, means[i]})
		}
	}
	got, err := FitSpendML(spends)
	require.NoError(t, err)
	w := want.GG.MLE
	require.InDelta(t, w.LL, got.LogLikelihood, 1e-5)
	require.InEpsilonSlice(t, []float64{w.P, w.Q, w.Gamma}, []float64{got.P, got.Q, got.Gamma}, 1e-4)
	require.Equal(t, 946, got.N)
	require.Less(t, got.Correlation, Correlated)

	published := GammaGamma{P: 6.25, Q: 3.74, Gamma: 15.44}
	var mean float64
	require.NoError(t, json.Unmarshal(want.GG.Recomputed["population_mean"], &mean))
	require.InEpsilon(t, mean, published.Mean(), 1e-12)
	var worths map[string]float64
	require.NoError(t, json.Unmarshal(want.GG.Recomputed["E(M|x,m)"], &worths))
	require.NotEmpty(t, worths)
	for customer, expected := range worths {
		var s Spend
		if n, _ := fmt.Sscanf(customer, "x=%d,m=%g", &s.Purchases, &s.Mean); n == 0 {
			t.Fatal(customer)
		}
		require.InEpsilon(t, expected, published.Expected(s), 1e-10, customer)
	}
}

// Of little data there is a fit too, and it is near what was put in.
func TestSpendOfFew(t *testing.T) {
	t.Parallel()
	got, err := FitSpendMAP([]Spend{{1, 100}, {2, 120}})
	require.NoError(t, err)
	require.Greater(t, got.Q, 1.0)
	require.InEpsilon(t, 110, got.Mean(), 0.5)
	_, err = FitSpendMAP([]Spend{{0, 100}})
	require.ErrorContains(t, err, "spend 0: 0 purchases of 100 on average")
	_, err = FitSpendMAP(nil)
	require.ErrorIs(t, err, errNoSpend)
}

// Where all pay the same, that is what the next purchase brings.
func TestSpendOfOnePrice(t *testing.T) {
	t.Parallel()
	for _, price := range []float64{1e-9, 9.99, MostMoney / 2} {
		var spends []Spend
		for i := range 200 {
			spends = append(spends, Spend{1 + i%7, price * (1 + float64(i%3)*1e-6)})
		}
		got, err := FitSpendMAP(spends)
		require.NoError(t, err)
		require.InEpsilon(t, price, got.Mean(), 1e-5)
		require.InEpsilon(t, price, got.Expected(spends[5]), 1e-5)
		require.InEpsilon(t, price, got.Expected(Spend{}), 1e-5)
		_, err = json.Marshal(got)
		require.NoError(t, err, "NaN and infinity are no JSON")
	}
	rebated := slices.Repeat([]Spend{{2, 10}}, 20000)
	rebated[0].Mean = 7
	got, err := FitSpendMAP(rebated)
	require.NoError(t, err, "one other price makes no difference")
	require.InEpsilon(t, 10, got.Mean(), 1e-4)
}

// Of two prices, each customer has one: a likelihood that floats do not make quite flat.
func TestSpendOfTwoPrices(t *testing.T) {
	t.Parallel()
	for _, n := range []int{30, 20000} {
		var spends []Spend
		for i := range n {
			spends = append(spends, Spend{1 + i%7, 10 + 2*float64(i%2)})
		}
		got, err := FitSpendMAP(spends)
		require.NoError(t, err)
		require.InEpsilon(t, 11, got.Mean(), 0.02)
		require.InEpsilon(t, 12, got.Expected(Spend{7, 12}), 0.02)
	}
}

// With one price, what a customer brings is as uncertain as the number of purchases.
func TestValueAtOnePrice(t *testing.T) {
	t.Parallel()
	source := rand.New(rand.NewPCG(1, 2))
	var customers []Customer
	for range 400 {
		x := source.IntN(6)
		c := Customer{History: History{X: x, Age: 400 + 300*source.Float64()}, Spend: Spend{1 + x, 10}}
		if x > 0 {
			c.Recency = c.Age * source.Float64()
		}
		customers = append(customers, c)
	}
	m, err := FitValue(customers, Options{Margin: 1})
	require.NoError(t, err)
	require.NotNil(t, m.Worth, m.Warnings)
	for _, v := range m.ScoreAll(customers) {
		require.InEpsilon(t, 10*v.ExpectedOrders12m, v.CLV, 1e-6)
		require.InDelta(t, math.Round(v.P90/10), v.P90/10, 0.02, "whole purchases")
	}
}
