package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight"
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

// effort is a cell of n answers of 1 to 7 as customers give them: most easy, and some hard.
func effort(random *rand.Rand, n int, shift float64, group ...string) Cell {
	c := Cell{Group: group, Scores: map[int]int{}, Bands: map[string]int{}}
	for range n {
		score := min(7, max(1, int(math.Round(5.8+shift-1.4*math.Abs(random.NormFloat64())*(.4+random.ExpFloat64()/2)))))
		band := "neutral"
		if score >= 5 {
			band = "easy"
		}
		c.Scores[score]++
		c.Bands[band]++
	}
	return c
}

func TestArrowsOfEffortAreRarelyWrong(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 10))
	const tries = 600
	for _, n := range []int{10, 40} { // as few as are shown, too
		wrong := 0
		for range tries {
			s := Section{Metric: CES, By: []string{"branch"}}
			for i := range 12 {
				s.Cells = append(s.Cells, effort(random, n, 0, fmt.Sprint(i)))
			}
			if slices.ContainsFunc(Of(s)[0].Groups, func(g Group) bool { return g.Rest.Real }) {
				wrong++
			}
		}
		require.Less(t, wrong, tries*8/100, "of branches of %d that are all alike", n)
	}
}

func TestTrendsAreRarelyWrong(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 12))
	const tries = 1000
	draw := map[Metric]func() Cell{
		NPS: func() Cell { return drawn(random, 15+random.IntN(60), .5, .2, "") },
		CES: func() Cell { return effort(random, 15+random.IntN(60), 0) },
		CSAT: func() Cell {
			happy, n := 0, 15+random.IntN(60)
			for range n {
				if random.Float64() < .8 {
					happy++
				}
			}
			return shares(happy, n)
		},
		Audit: func() Cell {
			c := effort(random, 15+random.IntN(60), 0)
			c.Bands = map[string]int{"weak": c.n()}
			return c
		},
	}
	for metric, one := range draw {
		wrong := 0
		for range tries {
			var cells []Cell
			for month := range 6 {
				cells = append(cells, one().in(string(rune('a'+month)), float64(month)))
			}
			s := Section{Metric: metric, Floor: 10, Cells: cells}
			var tests []*test
			if s.trend(cells, &tests).P < insight.Significant {
				wrong++
			}
		}
		require.InDelta(t, .05*tries, wrong, .022*tries, "of %s that do not move", metric)
	}
}

func TestTrendsAreFound(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(13, 14))
	const tries = 200
	found, between := 0, 0
	for range tries {
		s := Section{Metric: CES}
		for month := range 8 {
			s.Cells = append(s.Cells, effort(random, 40, -.12*float64(month)).in(string(rune('a'+month)), float64(month)))
		}
		whole := Of(s)[0].Whole
		if whole.Trend.Real {
			found++
		}
		if slices.ContainsFunc(whole.Periods, func(p Period) bool { return p.Change != nil && p.Change.Real }) {
			between++
		}
	}
	require.Greater(t, found, tries*9/10, "a slow decline")
	require.Less(t, between, tries/2, "though no two months differ so much")
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
