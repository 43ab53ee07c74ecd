package chaos

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlanIsRepeatable(t *testing.T) {
	t.Parallel()
	plan := newPlan(7, 1000, 100)
	require.Equal(t, plan, newPlan(7, 1000, 100))
	require.NotEqual(t, plan, newPlan(8, 1000, 100))
}

func TestPlanHasEverything(t *testing.T) {
	t.Parallel()
	plan := newPlan(7, 1000, 100)
	walked, struck := map[path]int{}, map[target]int{}
	for _, v := range plan.visits {
		walked[v.path]++
		switch v.path {
		case promoter, referrer, regular, shopper:
			require.GreaterOrEqual(t, v.score, 9)
		case passive:
			require.Contains(t, []int{7, 8}, v.score)
		case detractor, colleague, hesitant:
			require.LessOrEqual(t, v.score, 6)
		case corrector:
			require.True(t, v.score >= 9 && v.then <= 6 || v.score <= 6 && v.then >= 9, "%d, then %d", v.score, v.then)
		}
	}
	for _, p := range paths {
		require.Equal(t, p.share*1000/20, walked[p.path])
	}
	for i, s := range plan.strikes {
		struck[s.target]++
		require.True(t, i == 0 || s.at >= plan.strikes[i-1].at, "in order of time")
	}
	require.Equal(t, 100, struck[httpProcess]+struck[workerProcess])
	require.Equal(t, maxRestarts, struck[temporalServer])
	require.Equal(t, maxRestarts, struck[postgresServer])
}

func TestPlanWithoutKills(t *testing.T) {
	t.Parallel()
	plan := newPlan(1, 30, 0)
	require.Len(t, plan.visits, 30)
	require.Empty(t, plan.strikes)
}
