package churn

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
)

// known is what was known of customers at a moment.
func known(customers []Customer, at float64) (out []Customer) {
	for _, c := range customers {
		was := c.before(at)
		was.ID = c.ID
		out = append(out, was)
	}
	return out
}

func TestDriftOfWhatStaysAsItWas(t *testing.T) {
	t.Parallel()
	of := driven(true)
	of.customers, of.steady = 2000, true
	customers, _ := of.made()
	fitAt := of.asOf() - Horizon
	m, _, err := Fit(known(customers, fitAt), Options{Contractual: true, AsOf: fitAt})
	require.NoError(t, err)
	same, err := m.Drift(known(customers, fitAt), fitAt)
	require.NoError(t, err)
	require.Equal(t, card.OK, same.Status)
	require.Zero(t, same.Customers, "nothing came of its forecasts yet")
	require.Zero(t, same.Risk.PSI)
	require.Len(t, same.Features, len(ofContracts)+len(facts))
	later, err := m.Drift(customers, of.asOf())
	require.NoError(t, err)
	require.Positive(t, later.Customers)
	require.InEpsilon(t, later.Forecast, later.Happened, 0.3)
	require.Equal(t, card.OK, later.Status, later.Reasons)
}

func TestDriftOfWhatChanges(t *testing.T) {
	t.Parallel()
	of := driven(true)
	of.customers = 1000
	m, _, customers := fitted(t, of)
	for i := range customers { // a quarter later, half of them have left, and all others have open cases
		for j, k := range customers[i].Contracts {
			if k.End == 0 && i%2 == 0 {
				customers[i].Contracts[j].End = of.asOf() + 30
			}
		}
		customers[i].Cases = append(customers[i].Cases, Case{Opened: of.asOf() + 60}, Case{Opened: of.asOf() + 60})
	}
	drift, err := m.Drift(customers, of.asOf()+Horizon)
	require.NoError(t, err)
	require.Equal(t, card.Stale, drift.Status)
	require.True(t, drift.Risk.Big())
	require.Greater(t, drift.Happened, int(1.5*drift.Forecast))
	require.Contains(t, drift.Reasons[len(drift.Reasons)-1], "log_open_cases")

	_, err = m.Drift(append(customers, customers[0]), of.asOf())
	require.ErrorContains(t, err, "twice")
	m.Format++
	drift, err = m.Drift(customers, of.asOf())
	require.NoError(t, err)
	require.Equal(t, card.Stale, drift.Status)
}

func TestShift(t *testing.T) {
	t.Parallel()
	var same, moved []float64
	for i := range 1000 {
		same, moved = append(same, float64(i)), append(moved, float64(i/2))
	}
	s := spreadOf("x", same)
	require.Len(t, s.Counts, deciles)
	require.Zero(t, s.shift(same).PSI)
	require.InDelta(t, 0.018, s.shift(same).Chance, 1e-12)
	require.Greater(t, s.shift(moved).PSI, 1.0)
	require.False(t, s.shift(nil).Big())
	constant := spreadOf("x", []float64{0, 0, 0, 0})
	require.Equal(t, []int{4, 0}, constant.Counts)
	require.True(t, constant.shift([]float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}).Big())
	require.False(t, spreadOf("x", nil).shift(same).Big())
}
