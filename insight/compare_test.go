package insight

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShareMeetsTheReferenceValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{80, 100, .7111708344, .8666330667},
		{8, 10, .4901624715, .9433178485},
		{10, 10, .7224672001, 1},
		{0, 10, 0, .2775327998},
		{0, 0, 0, 1},
	} {
		got := ShareOf(c.k, c.n)
		require.InDelta(t, c.low, got.Low, 1e-9)
		require.InDelta(t, c.high, got.High, 1e-9)
	}
}

func TestDifferencesMeetTheReferenceValues(t *testing.T) {
	t.Parallel()
	shares := CompareShares(ShareOf(65, 100), ShareOf(80, 100))
	require.InDelta(t, .15, shares.Value, 1e-12)
	require.InDelta(t, .026111979995395676, shares.Low, 1e-9)
	require.InDelta(t, .26805741450272524, shares.High, 1e-9)
	require.InDelta(t, .01752886126037272, shares.P, 1e-9)

	scores := CompareNPS(NPSOf(90, 40, 200), NPSOf(120, 20, 200))
	require.InDelta(t, 25, scores.Value, 1e-9)
	require.InDelta(t, 10.591779228263153, scores.Low, 1e-9)
	require.InDelta(t, 38.66930451557921, scores.High, 1e-9)
	require.InDelta(t, .0005845327581851043, scores.P, 1e-12)
	require.Equal(t, 903, CompareNPS(NPSOf(50, 20, 100), NPSOf(55, 15, 100)).Needed)

	means := CompareMeans(MeanOf(sevenToOne(12, 12, 10, 8, 4, 3, 1)), MeanOf(sevenToOne(20, 15, 8, 4, 0, 2, 1)))
	require.InDelta(t, .68, means.Value, 1e-9)
	require.InDelta(t, .027254959850797143, means.P, 1e-9)
	require.True(t, means.Low > 0 && means.High > means.Value)
}

func TestSmallestDifference(t *testing.T) {
	t.Parallel()
	require.InDelta(t, .05, DifferenceOf(2*1.959963984540054, 2).P, 1e-9)
	require.InDelta(t, 2*(1.959963984540054+.8416212335729143), DifferenceOf(0, 2).Smallest(1), 1e-9)
	require.InDelta(t, 2*(2.5758293035489004+.8416212335729143), DifferenceOf(0, 2).Smallest(5), 1e-9, "a hundredth is left for each")
	for _, d := range []Difference{
		CompareNPS(NPSOf(10, 0, 10), NPSOf(10, 0, 10)), CompareShares(ShareOf(0, 10), ShareOf(0, 10)),
	} {
		require.Positive(t, d.Smallest(1), "that all say the same does not make ten of them certain")
	}
}

func sevenToOne(counts ...int) map[int]int {
	scores := map[int]int{}
	for i, n := range counts {
		scores[7-i] = n
	}
	return scores
}

func TestDifferencesOfWhatIsTheSame(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]Difference{
		"shares": CompareShares(ShareOf(20, 100), ShareOf(20, 100)),
		"none":   CompareShares(ShareOf(0, 100), ShareOf(0, 100)),
		"nps":    CompareNPS(NPSOf(5, 5, 20), NPSOf(5, 5, 20)),
		"means":  CompareMeans(MeanOf(map[int]int{3: 5, 4: 5}), MeanOf(map[int]int{3: 5, 4: 5})),
		"one":    CompareMeans(MeanOf(map[int]int{3: 5}), MeanOf(map[int]int{3: 5})),
	} {
		require.Zero(t, d.Value, name)
		require.InDelta(t, 1, d.P, 1e-12, name)
		require.Zero(t, d.Needed, name)
	}
	for n, p := range map[int]float64{2: 2.0 / 6, 5: 2.0 / 252, 10: 2.0 / 184756} { // as the permutation test has it
		require.InEpsilon(t, p, CompareMeans(MeanOf(map[int]int{3: n}), MeanOf(map[int]int{4: n})).P, 1e-9)
	}
}

func TestHolm(t *testing.T) {
	t.Parallel()
	// As R's p.adjust(c(.01, .04, .03, .005), "holm") has it.
	require.InDeltaSlice(t, []float64{.03, .06, .06, .02}, Holm([]float64{.01, .04, .03, .005}), 1e-12)
	require.Equal(t, []float64{1, 1}, Holm([]float64{.9, .8}))
	require.Empty(t, Holm(nil))
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]Evidence{0: Hidden, 9: Hidden, 10: Few, 29: Few, 30: Indicative, 99: Indicative, 100: Enough} {
		require.Equal(t, want, EvidenceOf(n), n)
	}
}

// TestAllReferenceValues goes through the figures that other programs computed.
func TestAllReferenceValues(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("CXLOOP_TESTDATA")
	if dir == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	body, err := os.ReadFile(filepath.Join(dir, "data", "reference_values.json"))
	require.NoError(t, err)
	var reference struct {
		NPS struct {
			OneSample []struct {
				Promoters, Detractors, N int
				Adjusted                 []float64 `json:"adjwald95_clipped"`
			} `json:"one_sample"`
			TwoSample []struct {
				X, Y     []int
				Adjusted bool
				P        float64   `json:"p_two_sided"`
				Interval []float64 `json:"ci95"`
			} `json:"two_sample"`
			Wilson []struct {
				K, N     int
				Interval []float64 `json:"wilson95"`
			} `json:"csat_top2_wilson"`
			Shares []struct {
				K1, N1, K2, N2 int
				P              float64
				Interval       []float64 `json:"newcombe95"`
			} `json:"csat_two_prop"`
			Means struct {
				A        []int     `json:"counts_7to1_a"`
				B        []int     `json:"counts_7to1_b"`
				Interval []float64 `json:"ci95_t_a"`
				P        float64   `json:"welch_p"`
			} `json:"ces_1to7"`
		}
	}
	require.NoError(t, json.Unmarshal(body, &reference))
	nps := func(counts []int) NPS { return NPSOf(counts[0], counts[2], counts[0]+counts[1]+counts[2]) }
	near := func(want []float64, low, high float64) {
		t.Helper()
		require.InDeltaSlice(t, want, []float64{low, high}, 1e-6)
	}
	for _, c := range reference.NPS.OneSample {
		got := NPSOf(c.Promoters, c.Detractors, c.N)
		near(c.Adjusted, got.Low, got.High)
	}
	for _, c := range reference.NPS.TwoSample {
		if c.Adjusted {
			d := CompareNPS(nps(c.Y), nps(c.X))
			near(c.Interval, d.Low, d.High)
			require.InDelta(t, c.P, d.P, 1e-9)
		}
	}
	for _, c := range reference.NPS.Wilson {
		s := ShareOf(c.K, c.N)
		near(c.Interval, s.Low, s.High)
	}
	for _, c := range reference.NPS.Shares {
		d := CompareShares(ShareOf(c.K2, c.N2), ShareOf(c.K1, c.N1))
		near(c.Interval, d.Low, d.High)
		require.InDelta(t, c.P, d.P, 1e-9)
	}
	means := reference.NPS.Means
	a, b := MeanOf(sevenToOne(means.A...)), MeanOf(sevenToOne(means.B...))
	near(means.Interval, a.Low, a.High)
	require.InDelta(t, means.P, CompareMeans(a, b).P, 1e-9)
}

// The extra hours of R's sleep, in tenths: t.test(extra ~ group), and with var.equal = TRUE.
func TestMeansOfEqualVariance(t *testing.T) {
	t.Parallel()
	mean := func(values ...int) Mean {
		counts := map[int]int{}
		for _, v := range values {
			counts[v]++
		}
		return MeanOf(counts)
	}
	first, second := mean(7, -16, -2, -12, -1, 34, 37, 8, 0, 20), mean(19, 8, 11, 1, -1, 44, 55, 16, 46, 34)
	require.InDelta(t, .07939, CompareMeans(first, second).P, 1e-5)
	require.InDelta(t, .07919, PooledP(first, second), 1e-5)
	require.InDelta(t, 1, PooledP(mean(3, 3), mean(3, 3)), 0)
}
