package effect

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func within(text string) *Range {
	r, err := ParseRange(text)
	if err != nil {
		panic(err)
	}
	return &r
}

func TestParseRange(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Range{
		"20": {20, 20, 20}, "0": {}, "10..45": {10, 27.5, 45}, "10..20..45": {10, 20, 45}, " 0.5 .. 0.5 ": {0.5, 0.5, 0.5},
	} {
		got, err := ParseRange(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := ParseRange(got.String())
		require.NoError(t, err, text)
		require.Equal(t, want, again, text)
	}
	for text, want := range map[string]string{
		"": "want a number from 0 on", "-1": "want a number", "NaN": "want a number", "1..2..3..4": "want a number", "1e13": "want a number", "a..2": "want a number",
		"3..2": `"3..2": 2 comes after a greater number`, "1..9..5": "5 comes after a greater number",
	} {
		_, err := ParseRange(text)
		require.ErrorContains(t, err, want, text)
	}
}

func FuzzParseRange(f *testing.F) {
	for _, text := range []string{"1", "1..2", "1..2..3", "..", "1e9..", "0x1p4", "Inf"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRange(text)
		if err != nil {
			return
		}
		require.True(t, r.Low >= 0 && r.Low <= r.Likely && r.Likely <= r.High && r.High <= mostOf, "%+v", r)
	})
}

// What is known exactly gives exact figures.
func TestReturnOfWhatIsKnown(t *testing.T) {
	t.Parallel()
	hour := within("60")
	got := ReturnOf(
		[]Item{{"licence", []*Range{within("12"), within("100")}}, {"time", []*Range{within("50"), within("0.5"), hour}}},
		[]Item{{"kept", []*Range{within("10"), within("0.2"), within("5000"), within("0.5")}}},
	)
	require.Equal(t, Interval{1200, 1200, 1200}, *got.Costs[0].Interval)
	require.Equal(t, Interval{2700, 2700, 2700}, got.Cost)
	require.Equal(t, Interval{5000, 5000, 5000}, got.Gain)
	require.InDelta(t, (5000.0-2700)/2700, got.ROI.Median, 1e-12)
	require.InDelta(t, 1, *got.Pays, 0)
}

// A triangular range has the quantiles of its distribution, and the sum of two is narrower
// than their limits added up.
func TestRangesAreCarriedThrough(t *testing.T) {
	t.Parallel()
	one := ReturnOf([]Item{{"a", []*Range{within("10..20..45")}}}, nil)
	width, rising, falling := 35.0, 10.0, 25.0
	low, high := 10+math.Sqrt(0.05*width*rising), 45-math.Sqrt(0.05*width*falling)
	median := 45 - math.Sqrt(0.5*width*falling)
	require.InDelta(t, low, one.Cost.Low, 0.3)
	require.InDelta(t, median, one.Cost.Median, 0.3)
	require.InDelta(t, high, one.Cost.High, 0.3)
	two := ReturnOf([]Item{{"a", []*Range{within("0..10")}}, {"b", []*Range{within("0..10")}}}, nil)
	require.Greater(t, two.Cost.Low, 2*two.Costs[0].Low)
	require.Less(t, two.Cost.High, 2*two.Costs[0].High)
	same := within("0..10")
	together := ReturnOf([]Item{{"a", []*Range{same}}, {"b", []*Range{same}}}, nil)
	require.InDelta(t, 2*together.Costs[0].High, together.Cost.High, 1e-9, "one quantity is drawn once")
}

func TestWhatPaysIsMoreThanItsCosts(t *testing.T) {
	t.Parallel()
	got := ReturnOf([]Item{{"licence", []*Range{within("100")}}}, []Item{{"kept", []*Range{within("50..150")}}})
	require.InDelta(t, 0.5, *got.Pays, 0.02)
}

// Without all costs there is no return, and without all gains it is a least.
func TestWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	costs := []Item{{"licence", []*Range{within("100")}}, {"time", []*Range{within("3"), nil}}}
	gains := []Item{{"kept", []*Range{nil}}, {"referrals", []*Range{within("150..250")}}}
	got := ReturnOf(costs, gains)
	require.Nil(t, got.ROI)
	require.Nil(t, got.Pays)
	require.Nil(t, got.Costs[1].Interval)
	got = ReturnOf(costs[:1], gains)
	require.InDelta(t, 1, got.ROI.Median, 0.02)
	require.Nil(t, got.Gains[0].Interval)
	require.Nil(t, ReturnOf(nil, gains).ROI, "nothing is no cost to divide by")
	require.Nil(t, ReturnOf([]Item{{"free", []*Range{within("0..1")}}, {"", []*Range{within("0")}}}[1:], gains).ROI)
}

func TestReturnsAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	figures := func() string {
		text, err := json.Marshal(ReturnOf([]Item{{"a", []*Range{within("1..9"), within("2..3")}}}, []Item{{"b", []*Range{within("5..50")}}}))
		require.NoError(t, err)
		return string(text)
	}
	require.Equal(t, figures(), figures())
}
