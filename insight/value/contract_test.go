package value

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/predict"
)

// contracted are accounts that leave at the end of a term with log-odds of −2, less 0.5 for
// each doubling of the term's number, and 1.5 more with the feature.
func contracted(n int) []Contracted {
	random := rand.New(rand.NewPCG(3, 4))
	out := make([]Contracted, n)
	for i := range out {
		out[i] = Contracted{ID: string(rune('a' + i%26)), Cohort: []string{"2024", "2025"}[i%2]}
		for term := 1; term <= 6 && !out[i].Left; term++ {
			x := float64(random.IntN(2))
			out[i].Terms = append(out[i].Terms, []float64{x})
			odds := -2 + 1.5*x - 0.5/0.693147*hazardRow(term, nil)[0]
			out[i].Left = random.Float64() < predict.Sigmoid(odds)
		}
	}
	return out
}

func TestFitContracts(t *testing.T) {
	t.Parallel()
	accounts := contracted(4000)
	m, err := FitContracts(accounts, usual)
	require.NoError(t, err)
	require.Equal(t, card.OK, m.Status)
	for term, odds := range map[int]float64{1: -2, 2: -2.5, 4: -3} {
		require.InDelta(t, predict.Sigmoid(odds), m.Hazard.Predict(hazardRow(term, []float64{0}), 0), 0.012, term)
		require.InDelta(t, predict.Sigmoid(odds+1.5), m.Hazard.Predict(hazardRow(term, []float64{1}), 0), 0.03, term)
	}
	require.Len(t, m.Cohorts, 2)
	require.Greater(t, m.Alike.P, 0.01, "cohorts do not differ")
	for _, c := range m.Cohorts { // sBG, which knows no features, has the curve of all
		require.InDelta(t, SurvivalAt(m.Curve, 6).Survival, c.Retention.Survival(6), 0.04)
	}
	slices.Reverse(accounts)
	again, err := FitContracts(accounts, usual)
	require.NoError(t, err)
	require.Equal(t, m, again, "the order does not matter")
}

func TestContractValue(t *testing.T) {
	t.Parallel()
	m := ContractModel{Status: card.OK, Options: Options{Margin: 0.5, DiscountYear: 0}, Hazard: &predict.Logistic{Coef: []float64{0}, Mean: []float64{0}, Scale: []float64{0}}}
	// The odds are even at each renewal.
	got, err := m.Score(UnderContract{ID: "a", Term: 1, Renewal: Year / 4, TermDays: Year / 2, RevenueYear: 1000})
	require.NoError(t, err)
	require.InDelta(t, 0.75, got.PLeave12m, 1e-12)
	require.Zero(t, got.PLeave90d, "the renewal is on day 91")
	require.InDelta(t, 0.5*(0.5*250+0.25*750+0.25*1000), got.CLV, 1e-9)
	require.InDelta(t, 0.5*750+0.25*250, got.RevenueAtRisk, 1e-9)
	require.InDeltaSlice(t, []float64{125, 125, 500}, []float64{got.P10, got.P50, got.P90}, 1e-9)
	far, err := m.Score(UnderContract{ID: "a", Term: 1, Renewal: 2 * Year, TermDays: Year, RevenueYear: 1000})
	require.NoError(t, err)
	require.Equal(t, ContractValue{ID: "a", Status: card.OK, CLV: 500, P10: 500, P50: 500, P90: 500}, far, "no renewal within the year")
	for ends, want := range map[float64]ContractValue{ // whatever the odds of renewals are
		Year / 5: {PLeave90d: 1, PLeave12m: 1, CLV: 100, P10: 100, P50: 100, P90: 100, RevenueAtRisk: 800},
		Year / 2: {PLeave12m: 1, CLV: 250, P10: 250, P50: 250, P90: 250, RevenueAtRisk: 500},
		2 * Year: {CLV: 500, P10: 500, P50: 500, P90: 500},
	} {
		want.ID, want.Status = "a", card.OK
		got, err := m.Score(UnderContract{ID: "a", Term: 1, Renewal: Year / 4, TermDays: Year / 4, RevenueYear: 1000, Ends: ends})
		require.NoError(t, err)
		require.InDelta(t, want.CLV, got.CLV, 1e-9)
		require.InDelta(t, want.RevenueAtRisk, got.RevenueAtRisk, 1e-9)
		require.InDeltaSlice(t, []float64{want.P10, want.P50, want.P90}, []float64{got.P10, got.P50, got.P90}, 1e-9)
		require.Equal(t, []float64{want.PLeave90d, want.PLeave12m}, []float64{got.PLeave90d, got.PLeave12m})
	}
	_, err = m.Score(UnderContract{ID: "a", Term: 1, TermDays: 30, Ends: -1})
	require.ErrorContains(t, err, "ending in -1")
	_, err = m.Score(UnderContract{ID: "a", Term: 1, TermDays: 0.5})
	require.ErrorContains(t, err, "contract a: term 1, renewed in 0 days for 0.5")
	_, err = m.Score(UnderContract{ID: "a", Term: 1, TermDays: 30, X: []float64{1}})
	require.ErrorContains(t, err, "has 1 features, and the model 0")
}

func TestFewContracts(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		m, err := FitContracts(contracted(n), usual)
		require.NoError(t, err, n)
		require.Equal(t, card.ThinData, m.Status)
		require.Contains(t, m.Reason, "25 of each are the least")
		v, err := m.Score(UnderContract{ID: "a", Term: 1, TermDays: 365, X: []float64{1}})
		require.NoError(t, err)
		require.Equal(t, ContractValue{ID: "a", Status: card.ThinData}, v)
	}
	_, err := FitContracts([]Contracted{{ID: "a", Terms: [][]float64{{1}, {}}}}, usual)
	require.ErrorContains(t, err, "account a: term 2 has 0 features, and others 1")
}
