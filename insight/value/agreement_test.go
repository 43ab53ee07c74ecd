package value

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
)

// agreements are n contracts of a year each, begun in ten years before day 4000: the small
// ones end three times as often as the large ones.
func agreements(n int) []Agreement {
	random := rand.New(rand.NewPCG(3, 9))
	out := make([]Agreement, n)
	for i := range out {
		a := Agreement{ID: fmt.Sprint(i), Start: random.Float64() * 3650, TermDays: 365, RevenueYear: 1000}
		leaves := 0.3
		if i%2 == 0 {
			a.RevenueYear, leaves = 20_000, 0.1
		}
		for end := a.Start + a.TermDays; end <= 4000; end += a.TermDays {
			if random.Float64() < leaves {
				a.End = end
				break
			}
		}
		out[i] = a
	}
	return out
}

func TestBacktestOfAgreements(t *testing.T) {
	t.Parallel()
	all := agreements(3000)
	b, err := BacktestAgreements(all, 4000-Year)
	require.NoError(t, err)
	c := b.Card(4000 - Year)
	require.True(t, c.Published(), c.Reasons)
	require.InDelta(t, 0, b.Revenue.BiasPct, 5)
	skill, _ := c.Metric(card.BrierSkill)
	require.Greater(t, skill.Low, 0.01)

	m, err := FitAgreements(all, 4000, Options{Margin: 0.5})
	require.NoError(t, err)
	small, err := m.Score(Agreement{Start: 3900, TermDays: 365, RevenueYear: 1000}.Running(4000))
	require.NoError(t, err)
	large, err := m.Score(Agreement{Start: 3900, TermDays: 365, RevenueYear: 20_000}.Running(4000))
	require.NoError(t, err)
	require.InDelta(t, 0.3, small.PLeave12m, 0.05)
	require.InDelta(t, 0.1, large.PLeave12m, 0.05)
	require.Zero(t, large.PLeave90d, "it is renewed in 265 days")
	require.InDelta(t, 0.5*20_000*(1-0.1*100/365), large.CLV, 200)
}

func TestAgreementsOfTooLittle(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 20} {
		b, err := BacktestAgreements(agreements(n), 4000-Year)
		require.NoError(t, err)
		require.Equal(t, card.ThinData, b.Card(4000-Year).Status)
	}
}

func TestAgreementUntil(t *testing.T) {
	t.Parallel()
	a := Agreement{Start: 100, End: 831, TermDays: 365, RevenueYear: 1000}
	for at, want := range map[float64]struct {
		terms int
		left  bool
	}{101: {0, false}, 464: {0, false}, 465: {1, false}, 830: {2, false}, 831: {2, true}, 2000: {2, true}} {
		got := a.Until(at)
		require.Equal(t, want.terms, len(got.Terms), at)
		require.Equal(t, want.left, got.Left, at)
	}
	require.Equal(t, "1970", a.cohort())
	running := a.Running(500)
	require.Equal(t, 2, running.Term)
	require.InDelta(t, 330, running.Renewal, 1e-9)
	at := Agreement{Start: 100, End: 110, TermDays: 365}.Until(200)
	require.Len(t, at.Terms, 1, "it ended in its first term")
}

// What cannot be is left out of the fit and of its test, and said.
func TestAgreementsThatCannotBe(t *testing.T) {
	t.Parallel()
	good := agreements(3000)
	want, err := BacktestAgreements(good, 4000-Year)
	require.NoError(t, err)
	bad := append(slices.Clone(good),
		Agreement{Start: 100, TermDays: 365},
		Agreement{Start: 100, TermDays: 0, RevenueYear: 5}, Agreement{Start: 100, End: 50, TermDays: 365, RevenueYear: 5},
		Agreement{Start: math.NaN(), TermDays: 365, RevenueYear: 5}, Agreement{Start: 100, TermDays: math.Inf(1), RevenueYear: 5},
		Agreement{Start: 100, TermDays: 365, RevenueYear: 2 * MostMoney}, Agreement{Start: 100, TermDays: 365, RevenueYear: -1})
	got, err := BacktestAgreements(bad, 4000-Year)
	require.NoError(t, err)
	require.Equal(t, card.LeftOut{"no known worth": 1, "times that cannot be": 4, "an amount that cannot be": 2}, got.Model.LeftOut)
	got.Model.LeftOut = nil
	require.Equal(t, want, got)
}

// Who gave notice was a customer as any other before that.
func TestNoticeIsNotKnownBefore(t *testing.T) {
	t.Parallel()
	ending := Agreement{Start: 100, End: 4300, TermDays: 365, RevenueYear: 1000}
	require.InDelta(t, 300, ending.Running(4000).Ends, 1e-9)
	require.Zero(t, Agreement{Start: 100, TermDays: 365}.Running(4000).Ends)
	all := agreements(3000)
	before, err := BacktestAgreements(all, 4000-Year)
	require.NoError(t, err)
	for i := range all { // notice of all that go on, long after the year of the test
		if all[i].End == 0 {
			all[i].End = 9000
		}
	}
	after, err := BacktestAgreements(all, 4000-Year)
	require.NoError(t, err)
	require.Equal(t, before, after)
}
