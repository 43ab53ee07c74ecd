package survey

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheWorstCaseIsTheHeaviest(t *testing.T) {
	t.Parallel()
	weights := []int64{
		CaseWeight(PriorityHigh, 0, 0),
		CaseWeight(PriorityNormal, math.MaxFloat64, 1),
		CaseWeight("", 1_000_000, 0.1),
		CaseWeight(PriorityNormal, 120_000, 0.9),
		CaseWeight(PriorityNormal, 120_000, 0.4),
		CaseWeight(PriorityNormal, 90_000, 1),
		CaseWeight(PriorityNormal, 0, 1),
		CaseWeight(PriorityNormal, -5, 0.4),
		CaseWeight(PriorityLow, 1_000_000, 1),
	}
	require.IsDecreasing(t, weights)
	require.Equal(t, CaseWeight("", 0, 1), CaseWeight("", math.NaN(), 7), "what is no number is worth nothing")
	require.Equal(t, CaseWeight("", 0, 0), CaseWeight("", math.Inf(1), -7))
}

func TestBadness(t *testing.T) {
	t.Parallel()
	nps, csat := Program{Metric: NPS}, Program{Metric: CSAT, Scale: 5}
	require.InDelta(t, 1, nps.Badness(Response{Score: 0}), 0)
	require.InDelta(t, 0.4, nps.Badness(Response{Score: 6}), 1e-9)
	require.InDelta(t, 0.75, csat.Badness(Response{Score: 2}), 0)
}
