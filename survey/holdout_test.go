package survey

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Detractors, the angry and whom a condition fits are never drawn.
func TestWhoIsDrawn(t *testing.T) {
	t.Parallel()
	p := Program{ID: "nps", Metric: NPS, FollowUp: FollowUp{Case: CaseRule{Passives: true, HoldOut: 0.5}}}
	for _, one := range []struct {
		name  string
		score int
		tone  Tone
		fits  bool
		drawn bool
	}{
		{"passive", 7, "", false, true},
		{"passive whom a condition fits", 7, "", true, false},
		{"angry passive", 8, Angry, false, false},
		{"detractor", 6, "", false, false},
		{"promoter", 9, "", false, false},
	} {
		r := Response{ContactKey: "c1", Score: one.score, Band: p.BandOf(one.score), Reading: Reading{Tone: one.tone}}
		require.Equal(t, one.drawn, p.Next(r, one.fits, r.ChangedAt).Draw.Share > 0, one.name)
	}
	passive := Response{ContactKey: "c1", Score: 7, Band: Passive}
	require.Zero(t, p.Next(Response{Score: 7, Band: Passive}, false, passive.ChangedAt).Draw, "nobody in particular")
	p.FollowUp.Case.HoldOut = 0
	require.Zero(t, p.Next(passive, false, passive.ChangedAt).Draw)
}

// As many are held out as the share says, the same ones each time, and those held out by a
// share are by every higher one.
func TestHoldOutIsFairAndStays(t *testing.T) {
	t.Parallel()
	p := Program{ID: "nps", FollowUp: FollowUp{Case: CaseRule{Passives: true, HoldOut: 0.2}}}
	higher := p
	higher.FollowUp.Case.HoldOut = 0.4
	const n = 10_000
	held := 0
	for i := range n {
		r := Response{ContactKey: "c" + strconv.Itoa(i)}
		draw := p.DrawOf(r, OriginPassive)
		require.Equal(t, draw, p.DrawOf(r, OriginPassive))
		if draw.Held {
			held++
			require.True(t, higher.DrawOf(r, OriginPassive).Held)
		}
	}
	require.InDelta(t, 0.2*n, held, 4*40) // four standard deviations
}
