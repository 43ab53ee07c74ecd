package effect

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Trial is what came of a random hold-out.
type Trial struct {
	Called int `json:"called"`
	Held   int `json:"held_out"`
	// Share is the part that was to be held out, and ShareP how likely a part as far from it
	// is by chance. Below 0.001 something other than chance decided too.
	Share  float64 `json:"share"`
	ShareP float64 `json:"share_p"`
	Told   []Told  `json:"outcomes"`
	Pasts  []Told  `json:"before"`
}

// uneven is the P below which a draw was not fair.
const uneven = 0.001

// Uneven reports whether something other than chance decided who was held out: then
// nothing can be told.
func (t Trial) Uneven() bool { return t.ShareP < uneven }

// Try compares customers whom a draw let be called with those whom it held out, a share of
// 0 to 1 exclusive, as they were drawn, whatever became of it. Options.Quick and Left say
// nothing here: what comes of customers counts from the start.
func Try(customers []Customer, share float64, o Options) Trial {
	out := Trial{Share: share}
	drawn := make([]subject, len(customers))
	for i, c := range customers {
		drawn[i] = subject{Customer: c, first: !c.Held}
		if c.Held {
			out.Held++
		} else {
			out.Called++
		}
		drawn[i].stratum = bands{}.stratum(c, []Trait{ByScore})
	}
	out.ShareP = drawP(out.Held, len(customers), share)
	out.Told, out.Pasts = tell(drawn, o, 0, func(t *Told, _ bool) { // by chance they are not alike in all
		switch {
		case out.Uneven():
			t.Verdict = NotComparable
		case t.Value > 0:
			t.Verdict = Helped
		default:
			t.Verdict = Harmed
		}
	})
	return out
}

// drawP is the two-sided P of k of n where each is drawn with a probability: twice the
// smaller exact tail.
func drawP(k, n int, share float64) float64 {
	if n == 0 {
		return 1
	}
	draw := distuv.Binomial{N: float64(n), P: share}
	upper := 1.0
	if k > 0 {
		upper = draw.Survival(float64(k) - 1)
	}
	return math.Min(1, 2*math.Min(upper, draw.CDF(float64(k))))
}
