package value

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
)

func TestRollUp(t *testing.T) {
	t.Parallel()
	one := CustomerValue{
		ID: "a", Status: card.OK, Band: QuietForLong, ExpectedOrders12m: 1, PPurchase90d: 0.5, Valued: true,
		OrderValue: 10, CLV: 8, P50: 2, P90: 20, SD: 9, Nothing: 0.4, RevenueAtRisk: 3,
	}
	got := RollUp("account", []CustomerValue{one})
	require.Equal(t, 2.0, got.P50, "of a single one, nothing is worked out anew")
	require.Equal(t, "account", got.ID)

	two := one
	two.Band, two.ExpectedOrders12m, two.OrderValue = RecentlyBought, 3, 30
	got = RollUp("account", []CustomerValue{one, two})
	require.Equal(t, RecentlyBought, got.Band)
	require.InDelta(t, 4, got.ExpectedOrders12m, 1e-12)
	require.InDelta(t, 0.75, got.PPurchase90d, 1e-12)
	require.InDelta(t, 25, got.OrderValue, 1e-12)
	require.InDelta(t, 16, got.CLV, 1e-12)
	require.InDelta(t, 0.16, got.Nothing, 1e-12)
	require.InDelta(t, 12.728, got.SD, 1e-3)
	require.Zero(t, got.P10)
	require.Greater(t, got.P50, 4.0)
	require.Less(t, got.P50, 16.0)
	require.Less(t, got.P90, 40.0, "two together are surer than each")

	two.Valued = false
	require.Equal(t, CustomerValue{ID: "x", Status: card.OK, Band: RecentlyBought, ExpectedOrders12m: 4, PPurchase90d: 0.75}, RollUp("x", []CustomerValue{one, two}))
	two.Status = card.ThinData
	require.Equal(t, CustomerValue{ID: "x", Status: card.ThinData, Band: RecentlyBought}, RollUp("x", []CustomerValue{one, two}))
}

// Many contacts together are worth what draws of each add up to.
func TestRollUpOfMany(t *testing.T) {
	t.Parallel()
	m := ValueModel{Status: card.OK, Options: usual, Params: Params{MBG, 0.52, 43, 0.89, 1.61}, Worth: &GammaGamma{P: 6.25, Q: 3.74, Gamma: 15.44}}
	customers := []Customer{
		{History: History{7, 206, 272}, Spend: Spend{7, 50}},
		{History: History{3, 100, 272}, Spend: Spend{4, 30}},
		{History: History{1, 200, 272}, Spend: Spend{2, 80}},
	}
	const n = 40_000
	sums := make([]float64, n)
	for i, c := range customers {
		for j, v := range drawValues(m, c, n, uint64(i)) {
			sums[j] += v
		}
	}
	matches(t, sums, RollUp("a", m.ScoreAll(customers)), 0.05)
}
