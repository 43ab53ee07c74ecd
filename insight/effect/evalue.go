package effect

import "math"

// EValue is how strongly something unknown would have to go together both with being in the
// first group and with the outcome, as a ratio of probabilities from 1 upwards, to explain
// the difference away (VanderWeele and Ding 2017, for the limit of the interval that is
// nearest to no difference). 1 says that nothing has to be explained; 2 or less that little
// would do.
func (c Comparison) EValue() float64 {
	r := c.ratio
	if r < 1 {
		r = 1 / r
	}
	return r + math.Sqrt(r*(r-1))
}

// mostRatio keeps ratios to numbers that can be shown.
const mostRatio = 1e3

// nearest is the limit of the interval that is nearest to 0, 0 where it holds 0.
func (c Comparison) nearest() float64 {
	switch {
	case c.Low > 0:
		return c.Low
	case c.High < 0:
		return c.High
	}
	return 0
}

func ratioOfShares(c Comparison) float64 {
	limit := c.nearest()
	if limit == 0 {
		return 1
	}
	return bounded((c.Second.Value + limit) / c.Second.Value)
}

// ratioOfMeans takes a difference of so many standard deviations for a ratio of
// probabilities of exp(0.91 d).
func ratioOfMeans(c Comparison, deviation float64) float64 {
	limit := c.nearest()
	if limit == 0 {
		return 1
	}
	return bounded(math.Exp(0.91 * limit / deviation))
}

func bounded(ratio float64) float64 {
	if math.IsNaN(ratio) {
		return mostRatio
	}
	return max(1/mostRatio, min(mostRatio, ratio))
}
