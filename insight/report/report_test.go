package report

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight"
)

// npsCell has so many of each band.
func npsCell(promoters, passives, detractors int, group ...string) Cell {
	n := promoters + passives + detractors
	return Cell{
		Group: group, Asked: 2 * n, Answered: n,
		Scores: map[int]int{10: promoters, 8: passives, 3: detractors},
		Bands:  map[string]int{"promoter": promoters, "passive": passives, "detractor": detractors},
	}
}

// in puts a cell in a period.
func (c Cell) in(period string, at float64) Cell {
	c.Period, c.At = period, at
	return c
}

func shares(happy, n int) Cell {
	return Cell{Scores: map[int]int{5: happy, 1: n - happy}, Bands: map[string]int{"satisfied": happy, "dissatisfied": n - happy}}
}

func TestFiguresOfOneGroup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		metric   Metric
		cell     Cell
		evidence insight.Evidence
		score    *Interval
	}{
		"nothing":                  {NPS, Cell{}, insight.Hidden, nil},
		"nine":                     {NPS, npsCell(9, 0, 0), insight.Hidden, nil},
		"ten, by the score test":   {NPS, npsCell(7, 2, 1), insight.Few, &Interval{60, 4.892423, 85.885832}},
		"twenty, adjusted Wald":    {NPS, npsCell(14, 4, 2), insight.Few, &Interval{60, insight.NPSOf(14, 2, 20).Low, insight.NPSOf(14, 2, 20).High}},
		"a hundred, adjusted Wald": {ENPS, npsCell(50, 30, 20), insight.Enough, &Interval{30, 14.051130, 44.201297}},
		"CSAT, Wilson":             {CSAT, shares(80, 100), insight.Enough, &Interval{80, 71.11708, 86.66331}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Of(Section{Metric: c.metric, Cells: []Cell{c.cell}})[0].Whole
			require.Equal(t, c.evidence, got.Evidence)
			if c.score == nil {
				require.Nil(t, got.Score)
				require.Nil(t, got.Bands, "the bands tell the score")
				require.Nil(t, got.Bounds)
				return
			}
			require.InDeltaSlice(t, []float64{c.score.Value, c.score.Low, c.score.High}, []float64{got.Score.Value, got.Score.Low, got.Score.High}, 1e-3)
		})
	}
}

func TestBoundsOfThoseWhoDidNotAnswer(t *testing.T) {
	t.Parallel()
	nps := Of(Section{Metric: NPS, Cells: []Cell{npsCell(50, 30, 20)}})[0].Whole
	require.Equal(t, &Bounds{-35, 65}, nps.Bounds)
	require.InDelta(t, 50, nps.Rate.Value, 1e-12)
	cell := shares(80, 100)
	require.Nil(t, Of(Section{Metric: CSAT, Cells: []Cell{cell}})[0].Whole.Bounds, "nobody was asked")
	cell.Asked, cell.Answered = 400, 100
	require.Equal(t, &Bounds{20, 95}, Of(Section{Metric: CSAT, Cells: []Cell{cell}})[0].Whole.Bounds)
}

func TestMeansBesideShares(t *testing.T) {
	t.Parallel()
	effort := Cell{Scores: map[int]int{7: 30, 4: 20}, Bands: map[string]int{"easy": 30, "neutral": 20}}
	got := Of(Section{Metric: CES, Cells: []Cell{effort}})[0].Whole
	require.InDelta(t, 60, got.Score.Value, 1e-12)
	require.InDelta(t, 5.8, got.Mean.Value, 1e-12)

	audits := Cell{Scores: map[int]int{25: 3, 75: 1, 100: 8}, Bands: map[string]int{"failed": 3, "weak": 1, "passed": 8}}
	audited := Of(Section{Metric: Audit, Cells: []Cell{audits}})[0].Whole
	require.InDelta(t, 79.1667, audited.Score.Value, 1e-4)
	require.InDelta(t, 100, audited.Score.High, 1e-12, "no score is above")
	require.InDelta(t, 25, audited.Failed.Value, 1e-12)
}

// The counts and the values are those of ces_1to7 in the reference values.
func TestEffortIsComparedByItsMean(t *testing.T) {
	t.Parallel()
	effort := func(month string, at float64, counts ...int) Cell {
		c := Cell{Group: []string{month}, Scores: map[int]int{}, Bands: map[string]int{}}
		for i, n := range counts {
			score := 7 - i
			band := "neutral"
			switch {
			case score >= 5:
				band = "easy"
			case score <= 3:
				band = "hard"
			}
			c.Scores[score] += n
			c.Bands[band] += n
		}
		return c.in(month, at)
	}
	first, second := effort("2026-01", 0, 20, 15, 8, 4, 0, 2, 1), effort("2026-02", 1, 12, 12, 10, 8, 4, 3, 1)
	got := Of(Section{Metric: CES, Cells: []Cell{first, second}})[0].Whole
	require.InDelta(t, 86, got.Periods[0].Score.Value, 1e-9, "the score is the share of easy answers")
	require.InDeltaSlice(t, []float64{5.82, 5.415265035634464, 6.2247349643655365},
		[]float64{got.Periods[0].Mean.Value, got.Periods[0].Mean.Low, got.Periods[0].Mean.High}, 1e-9)
	change := got.Periods[1].Change
	require.Equal(t, OfMean, change.Of)
	require.InDelta(t, -.68, change.Value, 1e-9, "in the unit of the answers")
	require.InDelta(t, .027254959850797143, change.P, 1e-9, "Welch")
	require.True(t, change.Real)
	require.InDelta(t, .858, change.Smallest, .001, "(t.975 + t.8) with 96.6 degrees of freedom times its standard error")

	by := Of(Section{Metric: CES, By: []string{"month"}, Cells: []Cell{second, first}})[0]
	require.Equal(t, []string{"2026-01"}, by.Groups[0].Key, "ranked by the mean, too")
	require.InDelta(t, 5.5, by.Groups[0].Rank.Score, .3)
	third := effort("2026-03", 2, 5, 8, 12, 10, 8, 5, 2)
	trend := Of(Section{Metric: CES, Cells: []Cell{first, second, third}})[0].Whole.Trend
	require.Equal(t, OfMean, trend.Of)
	require.InDelta(t, -1.34, trend.Value, .1)
	require.True(t, trend.Real)
}

// Nobody knows how many another tool asked.
func TestAnswersThatWereTold(t *testing.T) {
	t.Parallel()
	told := npsCell(50, 30, 20)
	told.Asked, told.Answered, told.Told = 0, 0, 100
	got := Of(Section{Metric: NPS, Cells: []Cell{told}})[0].Whole
	require.Equal(t, 100, got.Told)
	require.NotNil(t, got.Score)
	require.Nil(t, got.Rate)
	require.Nil(t, got.Bounds)
	mixed := Of(Section{Metric: NPS, Cells: []Cell{told, npsCell(10, 5, 5)}})[0].Whole
	require.Equal(t, []int{40, 20, 100, 120}, []int{mixed.Asked, mixed.Answered, mixed.Told, mixed.N})
	require.InDelta(t, 50, mixed.Rate.Value, 1e-9, "of those who were asked here")
	require.Nil(t, mixed.Bounds)
}

func TestChangesAreTested(t *testing.T) {
	t.Parallel()
	got := Of(Section{Metric: NPS, Cells: []Cell{
		npsCell(120, 60, 20).in("2026-03", 2), npsCell(90, 70, 40).in("2026-01", 0), npsCell(5, 0, 0).in("2026-02", 1), npsCell(121, 60, 19).in("2026-04", 3),
	}})[0]
	require.Len(t, got.Whole.Periods, 4)
	require.Equal(t, "2026-01", got.Whole.Periods[0].Name)
	require.Nil(t, got.Whole.Periods[0].Change)
	require.Nil(t, got.Whole.Periods[1].Change, "it is hidden")
	since := got.Whole.Periods[2].Change
	require.Equal(t, "2026-01", since.Since, "the last that is shown")
	require.InDelta(t, 25, since.Value, 1e-9)
	require.True(t, since.Real)
	require.InDelta(t, 1.5*.0005845327581851043, since.P, 1e-9, "of three tests it is the second, after the trend")
	require.InDelta(t, 1, got.Whole.Periods[3].Change.Value, 1e-9)
	require.False(t, got.Whole.Periods[3].Change.Real)
	require.InDelta(t, 22, got.Whole.Periods[3].Change.Smallest, 2, "200 of each cannot show less")
	require.Equal(t, 3, got.Tests)
}

func TestTrend(t *testing.T) {
	t.Parallel()
	// The smokers of R's prop.trend.test: X-squared = 8.2249, p = 0.004132.
	var cells []Cell
	for i, of := range [][2]int{{83, 86}, {90, 93}, {129, 136}, {70, 82}} {
		cells = append(cells, shares(of[0], of[1]).in(string(rune('a'+i)), float64(i)))
	}
	var tests []*test
	s := Section{Metric: CSAT, Floor: 10, Cells: cells}
	trend := s.trend(cells, &tests)
	require.InDelta(t, .004132, trend.P, 1e-6)
	require.Negative(t, trend.High)
	require.Equal(t, "a", trend.Since)
	require.Nil(t, s.trend(cells[:2], &tests), "two are a change")
	level := s.trend([]Cell{shares(10, 10).in("a", 0), shares(10, 10).in("b", 1), shares(10, 10).in("c", 2)}, &tests)
	require.Zero(t, level.Value)
	require.InDelta(t, 1, level.P, 0)
}

func TestAllTestsAreCorrectedTogether(t *testing.T) {
	t.Parallel()
	differs := Section{Metric: NPS, By: []string{"tier"}, Cells: []Cell{npsCell(40, 40, 20, "gold"), npsCell(28, 42, 30, "silver")}}
	alone := Of(differs)[0]
	require.True(t, alone.Groups[0].Rest.Real)
	require.Equal(t, []string{"gold"}, alone.Groups[0].Key)
	many := Section{Metric: CSAT, By: []string{"city"}}
	for i := range 40 {
		c := shares(50, 100)
		c.Group = []string{string(rune('A' + i))}
		many.Cells = append(many.Cells, c)
	}
	among := Of(differs, many)
	require.Equal(t, 42, among[0].Tests)
	require.False(t, among[0].Groups[0].Rest.Real, "one in twenty tests is found where nothing is")
	require.Greater(t, among[0].Groups[0].Rest.Smallest, alone.Groups[0].Rest.Smallest)
}

func TestRanksAreDrawnToTheWhole(t *testing.T) {
	t.Parallel()
	got := Of(Section{Metric: NPS, By: []string{"agent"}, Cells: []Cell{
		npsCell(9, 0, 1, "ten delighted"), npsCell(600, 250, 150, "many happy"), npsCell(500, 300, 200, "many others"), npsCell(3, 0, 0, "three"),
		npsCell(480, 300, 220, "more"),
	}})[0]
	require.Equal(t, []string{"many happy"}, got.Groups[0].Key, "ten are no proof")
	require.Equal(t, 1, got.Groups[0].Rank.Place)
	require.Equal(t, []string{"ten delighted"}, got.Groups[1].Key)
	require.Less(t, got.Groups[1].Rank.Score, 50.0)
	require.Equal(t, []string{"three"}, got.Groups[4].Key)
	require.Nil(t, got.Groups[4].Rank)
	require.Nil(t, got.Groups[4].Rest)
	audit := func(group string, score, n int) Cell {
		return Cell{Group: []string{group}, Scores: map[int]int{score: n, 50: n}, Bands: map[string]int{"weak": 2 * n}}
	}
	audits := Of(Section{Metric: Audit, By: []string{"store"}, Cells: []Cell{audit("a", 60, 20), audit("b", 90, 20), audit("c", 90, 20)}})[0]
	require.Equal(t, []int{1, 1, 3}, []int{audits.Groups[0].Rank.Place, audits.Groups[1].Rank.Place, audits.Groups[2].Rank.Place})
}

// Two shares of 60 and 40 % of 100 vary by 8.33 times what chance does: one of that is
// expected, and the rest says how far apart groups truly are (DerSimonian and Laird 1986).
func TestStrengthOfTheWhole(t *testing.T) {
	t.Parallel()
	s := Section{Metric: CSAT}
	require.InDelta(t, 100/(2*100/24.0-1), s.strength([]Cell{shares(60, 100), shares(40, 100)}), 1e-9)
	require.InDelta(t, 200, s.strength([]Cell{shares(50, 100), shares(50, 100)}), 1e-9, "groups that do not differ are drawn to the whole")
}

func TestTargets(t *testing.T) {
	t.Parallel()
	target := func(group []string) (float64, bool) {
		if group == nil {
			return 14, true
		}
		return 60, group[0] == "gold"
	}
	got := Of(Section{Metric: NPS, By: []string{"tier"}, Target: target, Cells: []Cell{npsCell(30, 15, 10, "gold"), npsCell(20, 15, 10, "silver")}})[0]
	require.Equal(t, &Mark{14, Above}, got.Whole.Target)
	require.Equal(t, &Mark{60, Below}, got.Groups[0].Target)
	require.Nil(t, got.Groups[1].Target)
	require.Equal(t, Undecided, Interval{30, 14, 44}.Against(30).Verdict)
	require.Equal(t, Above, Interval{30, 14, 44}.Against(14).Verdict, "on it")
	require.Equal(t, Undecided, Interval{30, 14, 44}.Against(44).Verdict)
}

func TestWeightedByThePopulation(t *testing.T) {
	t.Parallel()
	s := Section{
		Metric: NPS, By: []string{"industry"}, Population: map[string]float64{"retail": 3, "software": 1, "banks": 1},
		Cells: []Cell{npsCell(10, 20, 30, "retail"), npsCell(70, 20, 10, "software"), npsCell(12, 0, 0, "farms")},
	}
	got := Of(s)[0].Weighted
	require.InDelta(t, (3*(-100.0/3)+60)/4, got.Score.Value, 1e-9)
	require.Equal(t, []string{"banks"}, got.Silent)
	require.Equal(t, 12, got.Unknown)
	require.Equal(t, 160, got.N)
	require.Less(t, got.Effective, 160.0)
	s.Cells = s.Cells[2:]
	require.Nil(t, Of(s)[0].Weighted)
}

// TestLegalInputHasLegalFigures makes cells of all kinds: no figure may be anything but a
// number in its range, nothing of too few may be shown, and the order of cells is nothing.
func TestLegalInputHasLegalFigures(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		metric := []Metric{NPS, ENPS, CSAT, CES, Audit}[random.IntN(5)]
		s := Section{Metric: metric, By: []string{"a", "b"}[:random.IntN(3)], Floor: random.IntN(12), Cells: randomCells(random, metric)}
		for i := range s.Cells {
			s.Cells[i].Group = s.Cells[i].Group[:len(s.By)]
		}
		if len(s.By) == 1 {
			s.Population = map[string]float64{"x": 2, "y": .5}
		}
		s.Target = func([]string) (float64, bool) { return 50, true }
		got := Of(s)
		text, err := json.Marshal(got)
		require.NoError(t, err, "NaN and infinity are no JSON")
		requireLegal(t, s, got[0])
		random.Shuffle(len(s.Cells), reflect.Swapper(s.Cells))
		again, err := json.Marshal(Of(s))
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	}
}

func randomCells(random *rand.Rand, metric Metric) []Cell {
	happy, unhappy := metric.bands()
	var cells []Cell
	for range random.IntN(30) {
		at := random.IntN(4)
		c := Cell{
			Group:  []string{string(rune('x' + random.IntN(3))), string(rune('k' + random.IntN(2)))},
			Period: string(rune('0' + at)), At: float64(at), Scores: map[int]int{}, Bands: map[string]int{},
		}
		for range random.IntN(1 << random.IntN(9)) {
			score, band := []int{1, 4, 7}[random.IntN(3)], "between"
			switch score {
			case 1:
				band = unhappy
			case 7:
				band = happy
			}
			c.Scores[score]++
			c.Bands[band]++
			c.Answered++
		}
		c.Asked = c.Answered + random.IntN(50)
		cells = append(cells, c)
	}
	return cells
}

func requireLegal(t *testing.T, s Section, r Report) {
	t.Helper()
	low := 0.0
	if s.Metric.net() {
		low = -100
	}
	figure := func(f Figure) int {
		require.Equal(t, f.N >= max(s.Floor, 2) && (s.Floor > 0 || f.N >= 10), f.Score != nil)
		require.Equal(t, f.Score == nil, f.Evidence == insight.Hidden)
		if f.Score != nil {
			require.True(t, low <= f.Score.Low && f.Score.Low <= f.Score.Value+1e-9 && f.Score.Value-1e-9 <= f.Score.High && f.Score.High <= 100)
			if f.Bounds != nil {
				require.True(t, low-1e-9 <= f.Bounds.Low && f.Bounds.Low <= f.Score.Value+1e-9 && f.Score.Value-1e-9 <= f.Bounds.High && f.Bounds.High <= 100+1e-9)
			}
		}
		return f.N
	}
	var all int
	for _, g := range append(slices.Clone(r.Groups), r.Whole) {
		n, sum := figure(g.Figure), 0
		for _, p := range g.Periods {
			sum += figure(p.Figure)
			if p.Change != nil {
				require.True(t, p.Change.P >= 0 && p.Change.P <= 1 && !math.IsInf(p.Change.Smallest, 0))
			}
		}
		require.Equal(t, n, sum)
		all += n
	}
	if len(s.By) > 0 {
		require.Equal(t, 2*r.Whole.N, all)
	}
}
