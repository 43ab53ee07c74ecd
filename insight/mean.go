package insight

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"
)

// Mean is the mean score of a group of responses.
type Mean struct {
	N int
	// Value is in the unit of the scores; 0 where N is 0.
	Value float64
	// Low and High bound the 95 % t interval; with fewer than two responses they are
	// infinite.
	Low, High float64
	// variance of one score, unbiased.
	variance float64
}

// MeanOf computes the mean of scores, given by how often each was chosen.
func MeanOf(scores map[int]int) Mean {
	out := Mean{Low: math.Inf(-1), High: math.Inf(1)}
	sum := 0
	for score, n := range scores {
		out.N += n
		sum += score * n
	}
	if out.N == 0 {
		return out
	}
	size := float64(out.N)
	out.Value = float64(sum) / size
	if out.N < 2 {
		return out
	}
	for _, score := range slices.Sorted(maps.Keys(scores)) { // so that the sum is always the same
		off := float64(score) - out.Value
		out.variance += float64(scores[score]) * off * off / (size - 1)
	}
	half := quantileT(size-1) * math.Sqrt(out.variance/size)
	out.Low, out.High = out.Value-half, out.Value+half
	return out
}

func quantileT(degrees float64) float64 {
	return distuv.StudentsT{Sigma: 1, Nu: degrees}.Quantile(0.975)
}

// CompareMeans compares two means by Welch's t test, which does not take their
// variances for equal. Where all of each group gave one score there is no variance, and P is
// at most that of the permutation test. Each needs at least two responses.
func CompareMeans(first, second Mean) Difference {
	d := second.Value - first.Value
	a, b := first.variance/float64(first.N), second.variance/float64(second.N)
	out := Difference{Value: d, Low: d, High: d, P: 1, Needed: needed(d, first.variance, second.variance)}
	se := math.Sqrt(a + b)
	out.stdErr = se
	if se == 0 { // all of each gave the same score
		if d != 0 {
			out.P = splitByChance(first.N, second.N)
		}
		return out
	}
	degrees := (a + b) * (a + b) / (a*a/float64(first.N-1) + b*b/float64(second.N-1))
	out.degrees = degrees
	half := quantileT(degrees) * se
	out.Low, out.High = d-half, d+half
	out.P = 2 * distuv.StudentsT{Sigma: 1, Nu: degrees}.Survival(math.Abs(d/se))
	return out
}

// PooledP is the P of Student's t test, which takes the variances for equal. Where answers are
// skewed and one group is much smaller than the other, Welch's takes the lack of a few bad
// answers in it for proof; this one does not, and is wrong where variances differ. Each needs
// at least two responses.
func PooledP(first, second Mean) float64 {
	a, b := float64(first.N), float64(second.N)
	variance := ((a-1)*first.variance + (b-1)*second.variance) / (a + b - 2)
	if variance == 0 {
		return CompareMeans(first, second).P
	}
	t := (second.Value - first.Value) / math.Sqrt(variance*(1/a+1/b))
	return 2 * distuv.StudentsT{Sigma: 1, Nu: a + b - 2}.Survival(math.Abs(t))
}

// splitByChance bounds how likely chance alone parts so many responses so that all of one kind
// are in one group, and all others in the other one.
func splitByChance(first, second int) float64 {
	return min(1, 2*math.Exp(-combin.LogGeneralizedBinomial(float64(first+second), float64(first))))
}
