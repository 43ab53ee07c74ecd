package effect

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight"
)

var usual = Options{Quick: 2, Left: 7, Horizon: 90, Purchases: true, Amounts: true, Contracts: true}

// tenant draws customers of whom the truth is known.
type tenant struct {
	n int
	// helps is what a call adds to the probability of recovering and of buying.
	helps float64
	// easy says that teams call those first whose score is not so low, who recover sooner
	// anyway; keen that they call those first who are keen, of which nothing is known but,
	// with past, that they bought before.
	easy, keen, past bool
	// drawn decides by chance who is called at once, and holds the others out.
	drawn bool
}

func (w tenant) customers(seed uint64) []Customer {
	r := rand.New(rand.NewPCG(seed, 8))
	out := make([]Customer, w.n)
	for i := range out {
		score, keen := r.IntN(7), r.Float64()
		soon := 0.5
		if w.easy {
			soon = 0.1 + 0.8*float64(score)/6
		}
		if w.keen {
			soon = 0.05 + 0.9*keen
		}
		c := Customer{
			Metric: "nps", Score: 10 * float64(score), Segment: []string{"big", "small"}[r.IntN(2)], Value: 1000 * r.ExpFloat64(),
			Waited: 1, Followed: 200, Contract: true,
			Invitations: []Invitation{{Day: -60, Answered: math.Inf(1)}, {Day: 25, Answered: math.Inf(1)}},
		}
		called := r.Float64() < soon
		if w.drawn {
			called = r.Float64() < 0.5
			c.Held = !called
		}
		if !called {
			c.Waited = []float64{9, math.Inf(1)}[r.IntN(2)]
		}
		well := 0.2
		if w.easy {
			well += 0.06 * float64(score)
		}
		if w.keen {
			well = 0.1 + 0.6*keen
		}
		if called {
			well += w.helps
		}
		if r.Float64() < 0.7 {
			happy := r.Float64() < well
			c.Invitations[1].Answered = 30
			c.Answers = append(c.Answers, Answer{Day: 30, Score: 30 + 50*indicator(happy), Unhappy: !happy})
		}
		if r.Float64() < well {
			c.Purchases = append(c.Purchases, Purchase{Day: 40, Amount: 100 * r.ExpFloat64()})
		}
		if w.past && r.Float64() < keen {
			c.Purchases = append(c.Purchases, Purchase{Day: -30, Amount: 50})
		}
		if r.Float64() > 0.5+well/2 {
			c.Ends = append(c.Ends, 60)
		}
		out[i] = c
	}
	return out
}

func find(t *testing.T, told []Told, outcome Outcome) Told {
	t.Helper()
	for _, one := range told {
		if one.Outcome == outcome {
			return one
		}
	}
	require.Failf(t, "not told", "%s", outcome)
	return Told{}
}

func verdicts(told []Told) []Verdict {
	var out []Verdict
	for _, one := range told {
		out = append(out, one.Verdict)
	}
	return out
}

// naive is the difference without any matching.
func naive(customers []Customer, outcome Outcome) Comparison {
	var units []Unit
	for _, c := range customers {
		if y, known := outcomes[outcome](c, 7, 97); known {
			units = append(units, Unit{"", c.Waited <= 2, y})
		}
	}
	return CompareShares(units)
}

// Teams call those with better scores first, who come back sooner anyway: whoever does not
// look at the score sees an effect of calls that have none.
func TestSelectionByWhatIsKnown(t *testing.T) {
	t.Parallel()
	customers := tenant{n: 2000, easy: true}.customers(1)
	fooled := naive(customers, Bought)
	require.Less(t, fooled.P, 0.001)
	require.Positive(t, fooled.Low)
	report := Observe(customers, usual)
	require.Equal(t, []Trait{ByScore, BySegment, ByValue}, report.Alike)
	for _, told := range report.Told {
		require.Equal(t, NoDifference, told.Verdict, told.Outcome)
		require.Zero(t, told.Unexplained)
	}
}

// Teams call those first whose warmth nobody wrote down. Nothing that is matched shows it;
// what they bought before does, and then no difference counts.
func TestSelectionThatThePastGivesAway(t *testing.T) {
	t.Parallel()
	customers := tenant{n: 2000, keen: true, past: true}.customers(2)
	require.Less(t, naive(customers, Recovered).P, 0.001)
	report := Observe(customers, usual)
	require.Equal(t, NotComparable, find(t, report.Pasts, BoughtBefore).Verdict)
	require.Equal(t, NotComparable, find(t, report.Told, Recovered).Verdict)
	require.Equal(t, NotComparable, find(t, report.Told, Bought).Verdict)
}

// Where nothing at all gives it away, no more is said than that the two go together.
func TestSelectionThatNothingGivesAway(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		report := Observe(tenant{n: 2000, keen: true}.customers(seed), usual)
		require.NotContains(t, verdicts(report.Told), Helped)
		told := find(t, report.Told, Recovered)
		require.Contains(t, []Verdict{Associated, NotComparable}, told.Verdict)
	}
}

// A true effect is found with its size, and only a draw calls it one.
func TestTrueEffect(t *testing.T) {
	t.Parallel()
	seen := Observe(tenant{n: 3000, easy: true, helps: 0.2}.customers(4), usual)
	told := find(t, seen.Told, Recovered)
	require.Equal(t, Associated, told.Verdict)
	require.InDelta(t, 0.2, told.Value, 0.06)
	require.Greater(t, told.Unexplained, 1.3)
	trial := Try(tenant{n: 3000, drawn: true, helps: 0.2}.customers(5), 0.5, usual)
	told = find(t, trial.Told, Recovered)
	require.Equal(t, Helped, told.Verdict)
	require.Less(t, told.Low, 0.2)
	require.Greater(t, told.High, 0.2)
	require.Equal(t, Harmed, find(t, Try(tenant{n: 3000, drawn: true, helps: -0.15}.customers(6), 0.5, usual).Told, Recovered).Verdict)
}

// Of trials in which nothing helps hardly any says that something does, and intervals hold
// the truth as often as they say, small samples included.
func TestErrorRates(t *testing.T) {
	t.Parallel()
	const rounds = 300
	var claimed, held, heldMean, shown int
	for seed := range uint64(rounds) {
		trial := Try(tenant{n: 120, drawn: true}.customers(100+seed), 0.5, usual)
		for _, told := range trial.Told {
			if told.Verdict == Helped || told.Verdict == Harmed {
				claimed++
				break
			}
		}
		report := Observe(tenant{n: 300, easy: true, helps: 0.1}.customers(1000+seed), usual)
		recovered, score := find(t, report.Told, Recovered), find(t, report.Told, NextScore)
		if recovered.Comparison == nil {
			continue
		}
		shown++
		if recovered.Low <= 0.1 && recovered.High >= 0.1 {
			held++
		}
		if score.Low <= 5 && score.High >= 5 {
			heldMean++
		}
	}
	require.Less(t, claimed, rounds*8/100, "false claims of any outcome")
	require.Greater(t, shown, rounds*9/10)
	require.Greater(t, held, shown*92/100)
	require.Greater(t, heldMean, shown*91/100)
}

func TestDrawThatWasNotFair(t *testing.T) {
	t.Parallel()
	trial := Try(tenant{n: 3000, drawn: true, helps: 0.3}.customers(7), 0.1, usual)
	require.Less(t, trial.ShareP, uneven)
	require.Equal(t, NotComparable, find(t, trial.Told, Recovered).Verdict)
}

// Nobody's own figures are shown: fewer than ten in a group are none.
func TestTooFew(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 9, 19} {
		report := Observe(tenant{n: n}.customers(1), usual)
		for _, told := range append(report.Told, report.Pasts...) {
			require.Equal(t, TooFew, told.Verdict)
			require.Nil(t, told.Comparison)
		}
		for _, wait := range report.Waits {
			require.True(t, wait.Recovered == nil || wait.Answered >= 10)
		}
	}
}

func TestWhatIsNotKnownIsNotTold(t *testing.T) {
	t.Parallel()
	o := usual
	o.Purchases, o.Amounts, o.Contracts = false, false, false
	report := Observe(tenant{n: 400}.customers(1), o)
	require.Len(t, report.Told, 3)
	early := tenant{n: 400}.customers(1)
	for i := range early {
		early[i].Followed = 20
	}
	report = Observe(early, usual)
	require.Positive(t, report.Soon)
	require.Equal(t, TooFew, find(t, report.Told, Bought).Verdict, "too early to tell")
	require.Equal(t, NoDifference, find(t, report.Pasts, Worth).Verdict)
}

// Customers who have no partner in everything are compared by the score alone.
func TestMatchesByLessWhereFewAreAlike(t *testing.T) {
	t.Parallel()
	customers := tenant{n: 200}.customers(3)
	for i := range customers {
		customers[i].Segment = string(rune('a' + i))
	}
	require.Equal(t, []Trait{ByScore, ByValue}, Observe(customers, usual).Alike)
}

// A set of traits is used that leaves four fifths of the smaller group a partner.
func TestMatchesWhereMostHaveAPartner(t *testing.T) {
	t.Parallel()
	for alike, want := range map[int][]Trait{8: {ByScore, BySegment, ByValue}, 7: {ByScore, ByValue}} {
		var subjects []subject
		for i := range 30 {
			s := subject{Customer: Customer{Metric: "nps", Segment: "all", Value: math.NaN()}, first: i < 10}
			if s.first && i >= alike {
				s.Segment = "alone"
			}
			subjects = append(subjects, s)
		}
		require.Equal(t, want, match(subjects), "%d of 10", alike)
	}
}

// Outcomes are those of their days, of which the last one is no more.
func TestOutcomesOfTheirDays(t *testing.T) {
	t.Parallel()
	asked := func(day, answered float64) Customer { return Customer{Invitations: []Invitation{{day, answered}}} }
	ended := func(day float64) Customer { return Customer{Contract: true, Ends: []float64{day}} }
	for _, c := range []struct {
		of    Outcome
		who   Customer
		want  float64
		known bool
	}{
		{Answered, asked(6, 8), 0, false}, {Answered, asked(7, 96), 1, true}, {Answered, asked(7, 97), 0, true}, {Answered, asked(97, 98), 0, false},
		{Stayed, ended(-1), 1, true}, {Stayed, ended(6), 1, false}, {Stayed, ended(7), 0, true}, {Stayed, ended(97), 1, true},
		{Stayed, Customer{}, 1, false},
		{Bought, Customer{Purchases: []Purchase{{Day: 6}, {Day: 97}}}, 0, true}, {Bought, Customer{Purchases: []Purchase{{Day: 7}}}, 1, true},
	} {
		got, known := outcomes[c.of](c.who, 7, 97)
		require.Equal(t, c.want, got, "%s of %+v", c.of, c.who)
		require.Equal(t, c.known, known, "%s of %+v", c.of, c.who)
	}
}

// Whatever order customers come in, the figures are the same to the last digit.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	customers := tenant{n: 500, easy: true, helps: 0.1}.customers(9)
	first, err := json.Marshal(Observe(customers, usual))
	require.NoError(t, err)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(customers), func(i, j int) { customers[i], customers[j] = customers[j], customers[i] })
	again, err := json.Marshal(Observe(customers, usual))
	require.NoError(t, err)
	require.Equal(t, string(first), string(again))
}

// Without strata the comparison is Newcombe's, and Welch's but for the degrees of freedom.
func TestOneStratumIsThePlainComparison(t *testing.T) {
	t.Parallel()
	var shares, means []Unit
	for i := range 40 {
		shares = append(shares, Unit{"", true, indicator(i < 25)}, Unit{"", false, indicator(i < 14)})
		means = append(means, Unit{"", true, float64(i % 7)}, Unit{"", false, float64(i % 5)})
	}
	want := insight.CompareShares(insight.ShareOf(14, 40), insight.ShareOf(25, 40))
	got := CompareShares(shares)
	require.InDelta(t, want.Value, got.Value, 1e-12)
	require.InDelta(t, want.Low, got.Low, 1e-12)
	require.InDelta(t, want.High, got.High, 1e-12)
	require.InDelta(t, want.P, got.P, 0.001)
	first, second := map[int]int{}, map[int]int{}
	for i := range 40 {
		first[i%7]++
		second[i%5]++
	}
	welch := insight.CompareMeans(insight.MeanOf(second), insight.MeanOf(first))
	mean := CompareMeans(means)
	require.InDelta(t, welch.Value, mean.Value, 1e-12)
	require.InDelta(t, welch.Low, mean.Low, 0.005)
	require.InDelta(t, welch.P, mean.P, 0.001)
}

// Errors of the arithmetic are no difference, whatever the size of the values.
func TestNoDifferenceAtAll(t *testing.T) {
	t.Parallel()
	for _, value := range []float64{0.1, 87.5, 1e9 / 3, 0} {
		var units []Unit
		for i := range 60 {
			units = append(units, Unit{string(rune('a' + i%7)), i%2 == 0, value})
		}
		c := CompareMeans(units)
		require.Equal(t, []float64{0, 0, 0, 1, 0}, []float64{c.Value, c.Low, c.High, c.P, c.Smallest}, "%g", value)
		require.InEpsilon(t, 1+value, 1+c.First.Value, 1e-9)
	}
}

// VanderWeele and Ding's own example: a risk ratio of 3.9 with the limit 1.8 has the
// E-values 7.2 and 3.0.
func TestEValue(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 7.26, Comparison{ratio: 3.9}.EValue(), 0.01)
	require.InDelta(t, 3.0, Comparison{ratio: 1.8}.EValue(), 0.01)
	require.InDelta(t, 3.0, Comparison{ratio: 1 / 1.8}.EValue(), 0.01)
	require.InDelta(t, 1, Comparison{ratio: 1}.EValue(), 0)
	require.InDelta(t, math.Exp(0.91*2/4), ratioOfMeans(Comparison{Low: 2, High: 6}, 4), 1e-12, "half a standard deviation, at least")
	require.InDelta(t, 1, ratioOfMeans(Comparison{Low: -1, High: 6}, 4), 0)
	require.InDelta(t, 1.5, ratioOfShares(Comparison{Second: Group{Value: 0.2}, Low: 0.1, High: 0.3}), 1e-12)
}

func finite(t *testing.T, c Comparison) {
	t.Helper()
	for _, v := range []float64{
		c.Value, c.Low, c.High, c.P, c.Smallest, c.EValue(), c.First.Value, c.First.Low, c.First.High, c.Second.Value, c.Second.Low, c.Second.High,
	} {
		require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%+v", c)
	}
	require.LessOrEqual(t, c.Low, c.Value+1e-9)
	require.GreaterOrEqual(t, c.High, c.Value-1e-9)
	require.True(t, c.P >= 0 && c.P <= 1)
}

func FuzzComparisonsAreNumbers(f *testing.F) {
	f.Add(uint64(1), 3, 1, 1.0)
	f.Add(uint64(2), 2, 1, 0.0)
	f.Add(uint64(3), 40, 9, 1e9)
	f.Fuzz(func(t *testing.T, seed uint64, n, strata int, size float64) {
		if n < 0 || n > 200 || strata < 1 || strata > 50 || math.IsNaN(size) || math.Abs(size) > 1e12 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 3))
		var shares, means []Unit
		for range n {
			u := Unit{string(rune('a' + r.IntN(strata))), r.IntN(2) == 0, indicator(r.IntN(3) == 0)}
			shares = append(shares, u)
			u.Y = size * float64(r.IntN(4))
			means = append(means, u)
		}
		finite(t, CompareShares(shares))
		finite(t, CompareMeans(means))
	})
}
