package insight

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Share is how many of N have a property.
type Share struct {
	K, N int
	// Rate is K/N, 0 to 1; 0 where N is 0.
	Rate float64
	// Low and High bound the 95 % Wilson interval, 0 to 1.
	Low, High float64
}

// ShareOf computes k of n and its Wilson score interval (Wilson 1927), which does not
// pass 0 or 1 and covers what it says in small samples too.
func ShareOf(k, n int) Share {
	out := Share{K: k, N: n, High: 1}
	if n <= 0 {
		return out
	}
	out.Rate = float64(k) / float64(n)
	out.Low, out.High = Wilson(out.Rate, float64(n))
	return out
}

// Wilson is the 95 % score interval of a share, 0 to 1, of n, which is above 0 and need not
// be whole. The share lies in it.
func Wilson(share, n float64) (low, high float64) {
	z2 := Z95 * Z95
	middle := (share + z2/(2*n)) / (1 + z2/n)
	half := Z95 / (1 + z2/n) * math.Sqrt(share*(1-share)/n+z2/(4*n*n))
	return max(0, min(share, middle-half)), min(1, max(share, middle+half))
}

// variance of one of the N, who has the property or not.
func (s Share) variance() float64 { return s.Rate * (1 - s.Rate) }

// adjusted is the variance of the rate with two pseudo-responses, one of each kind (Agresti
// and Caffo 2000): where all say the same it is small, and not 0.
func (s Share) adjusted() float64 {
	size := float64(s.N) + 2
	rate := (float64(s.K) + 1) / size
	return rate * (1 - rate) / size
}

// Difference is how far a second group is from a first, and whether that may be chance.
type Difference struct {
	// Value is the second's less the first's, in their unit; Low and High bound its 95 %
	// interval.
	Value, Low, High float64
	// P is the two-sided probability of so large a difference, or a larger one, between
	// groups that do not differ.
	P float64
	// Needed is how many in each group it takes to tell the true difference from none in
	// four of five tries, if it is as seen; 0 where none is seen.
	Needed int
	// stdErr is the standard error of Value in groups like these, and degrees are the degrees
	// of freedom by which it is known, 0 for so many that it is normal.
	stdErr, degrees float64
}

// DifferenceOf is a difference that is about normal, with its standard error.
func DifferenceOf(value, stdErr float64) Difference {
	d := Difference{Value: value, Low: value - Z95*stdErr, High: value + Z95*stdErr, P: 1, stdErr: stdErr}
	if stdErr > 0 {
		d.P = twoSided(value / stdErr)
	}
	return d
}

// Smallest is the smallest difference that groups of these sizes could have shown in four of
// five tries, in the unit of Value, if it is the only one among so many tests, at least 1,
// that are corrected together.
func (d Difference) Smallest(tests int) float64 {
	level := 1 - Significant/2/float64(max(tests, 1))
	if d.degrees > 0 {
		t := distuv.StudentsT{Sigma: 1, Nu: d.degrees}
		return (t.Quantile(level) + t.Quantile(power)) * d.stdErr
	}
	return (distuv.UnitNormal.Quantile(level) + ZPower) * d.stdErr
}

// CompareShares compares two shares: the interval is Newcombe's hybrid score interval
// (Newcombe 1998, method 10), P that of the pooled z test. Either N must be above 0.
func CompareShares(first, second Share) Difference {
	d := second.Rate - first.Rate
	out := Difference{
		Value: d, P: 1,
		Low:    d - math.Hypot(second.Rate-second.Low, first.High-first.Rate),
		High:   d + math.Hypot(second.High-second.Rate, first.Rate-first.Low),
		Needed: needed(d, first.variance(), second.variance()),
		stdErr: math.Sqrt(first.adjusted() + second.adjusted()),
	}
	pooled := float64(first.K+second.K) / float64(first.N+second.N)
	if se := math.Sqrt(pooled * (1 - pooled) * (1/float64(first.N) + 1/float64(second.N))); se > 0 {
		out.P = twoSided(d / se)
	}
	return out
}

// twoSided is the probability of a standard normal value as far from 0 as z.
func twoSided(z float64) float64 { return 2 * distuv.UnitNormal.Survival(math.Abs(z)) }

// Tests are planned to find a difference with this power, in four of five tries. ZPower is its
// quantile of the normal distribution.
const (
	power  = 0.8
	ZPower = 0.8416212335729143
)

// needed is the size of each of two groups at which a test at 5 % finds a difference
// with a power of 80 %, from the variances of one value in each.
func needed(difference, first, second float64) int {
	if difference == 0 {
		return 0
	}
	n := (Z95 + ZPower) * (Z95 + ZPower) * (first + second) / (difference * difference)
	return int(min(math.Ceil(n), math.MaxInt32))
}

// Significant is the P below which a difference is called one.
const Significant = 0.05

// Holm adjusts the P of tests that are made together, in their order: rejecting those
// below Significant keeps the probability of any false one below it (Holm 1979).
func Holm(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	var largest float64
	for rank, i := range ascending(p) {
		largest = max(largest, min(1, float64(len(p)-rank)*p[i]))
		adjusted[i] = largest
	}
	return adjusted
}

// ascending are the places of values, from the least to the greatest.
func ascending(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	return order
}
