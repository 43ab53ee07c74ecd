package insight

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// RateChange is how often something came in a span beside how often it came before.
type RateChange struct {
	// Ratio is the rate now over the rate before: 1 for no change, +Inf where it never came
	// before. Low and High bound its 95 % interval.
	Ratio, Low, High float64
	// P is the two-sided probability of so large a change, or a larger one, where the rate
	// is the same.
	P float64
}

// CompareRates compares counts of independent events over two spans, in any unit of time
// above 0. Given their sum, the later count is binomial: P doubles the smaller exact tail,
// and the interval is Clopper and Pearson's (Przyborowski and Wilenski 1940). Without any
// event there is nothing to compare: the ratio is 1 and P 1.
func CompareRates(before int, beforeSpan float64, now int, nowSpan float64) RateChange {
	n := float64(before + now)
	if n == 0 {
		return RateChange{Ratio: 1, High: math.Inf(1), P: 1}
	}
	share := nowSpan / (beforeSpan + nowSpan)
	same := distuv.Binomial{N: n, P: share}
	upper := 1.0
	if now > 0 {
		upper = same.Survival(float64(now) - 1)
	}
	ratio := func(p float64) float64 { return p / (1 - p) * beforeSpan / nowSpan }
	out := RateChange{
		Ratio: float64(now) / nowSpan / (float64(before) / beforeSpan),
		High:  math.Inf(1),
		P:     min(1, 2*min(upper, same.CDF(float64(now)))),
	}
	if now > 0 {
		out.Low = ratio(distuv.Beta{Alpha: float64(now), Beta: float64(before) + 1}.Quantile(0.025))
	}
	if before > 0 {
		out.High = ratio(distuv.Beta{Alpha: float64(now) + 1, Beta: float64(before)}.Quantile(0.975))
	}
	return out
}
