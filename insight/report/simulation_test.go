package report

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// drawn is a cell of n answers, with these shares of promoters and detractors.
func drawn(random *rand.Rand, n int, promoters, detractors float64, group string) Cell {
	var p, d int
	for range n {
		switch u := random.Float64(); {
		case u < promoters:
			p++
		case u < promoters+detractors:
			d++
		}
	}
	return npsCell(p, n-p-d, d, group)
}

func TestArrowsAreRarelyWrong(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	const tries = 400
	wrong := 0
	for range tries {
		s := Section{Metric: NPS, By: []string{"branch"}}
		for i := range 20 {
			s.Cells = append(s.Cells, drawn(random, 60, .5, .2, fmt.Sprint(i)))
		}
		for _, g := range Of(s)[0].Groups {
			if g.Rest.Real {
				wrong++
				break
			}
		}
	}
	require.Less(t, wrong, tries*8/100, "of branches that are all alike")
}

func TestTheSmallestChangeIsFoundInFourOfFiveTries(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	const tries, n = 400, 150
	for _, others := range []int{0, 10} {
		found := 0
		for range tries {
			var sections []Section
			for i := range 1 + others {
				first, second := drawn(random, n, .35, .35, ""), drawn(random, n, .35, .35, "")
				sections = append(sections, Section{Metric: NPS, Cells: []Cell{first.in("a", 0), second.in("b", float64(1+i))}})
			}
			shift := Of(sections...)[0].Whole.Periods[1].Change.Smallest / 100
			sections[0].Cells[0] = drawn(random, n, .35-shift/4, .35+shift/4, "").in("a", 0)
			sections[0].Cells[1] = drawn(random, n, .35+shift/4, .35-shift/4, "").in("b", 1)
			if Of(sections...)[0].Whole.Periods[1].Change.Real {
				found++
			}
		}
		require.InDelta(t, .8*tries, found, .06*tries, "among %d others", others)
	}
}

func TestRanksAreNearerToTheTruthThanScores(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	var raw, shrunk float64
	for range 100 {
		s := Section{Metric: NPS, By: []string{"agent"}}
		truth := map[string]float64{}
		for i := range 15 {
			agent, off := fmt.Sprint(i), .1*random.NormFloat64()
			truth[agent] = 100 * (.3 + off)
			s.Cells = append(s.Cells, drawn(random, 10+random.IntN(90), .5+off/2, .2-off/2, agent))
		}
		for _, g := range Of(s)[0].Groups {
			raw += square(g.Score.Value - truth[g.Key[0]])
			shrunk += square(g.Rank.Score - truth[g.Key[0]])
		}
	}
	require.Less(t, shrunk, .75*raw)
}

func square(x float64) float64 { return x * x }
