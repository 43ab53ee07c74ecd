package churn

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func rowsOf(t *testing.T, of tenant) (rows []row) {
	t.Helper()
	customers, _ := of.made()
	s, err := populationOf(customers, Options{Contractual: of.contractual, AsOf: of.asOf()})
	require.NoError(t, err)
	for _, at := range s.origins(of.asOf()) {
		rows = append(rows, s.at(at)...)
	}
	return rows
}

// TestIntervalsHoldTheTruth fits small tenants. What they would come to with all the
// customers in the world is about what a big one comes to.
func TestIntervalsHoldTheTruth(t *testing.T) {
	t.Parallel()
	for name, contractual := range map[string]bool{"purchases": false, "contracts": true} {
		of := driven(contractual)
		of.customers = 8000
		all := rowsOf(t, of)
		truth, err := fitTwoStage(all)
		require.NoError(t, err)
		held, tried := 0, 0
		for seed := range uint64(15) {
			of.customers, of.seed = 400, 100+seed
			few := rowsOf(t, of)
			m, err := fitTwoStage(few)
			require.NoError(t, err)
			require.NoError(t, m.doubt(few))
			for i := 0; i < len(all); i += len(all) / 40 {
				r := all[i]
				tried++
				off := m.logit(r.behaviour, r.facts) - truth.logit(r.behaviour, r.facts)
				held += count(math.Abs(off) <= z80*math.Sqrt(m.variance(r.behaviour, r.facts)))
			}
		}
		require.InDelta(t, 0.8, float64(held)/float64(tried), 0.1, name)
	}
}
