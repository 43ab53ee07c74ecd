package churn

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/cxloop/cxloop/insight/card"
)

// replicates of the bootstrap, which draws customers with all their rows.
const replicates = 1000

// resampling is forecasts as a bootstrap needs them: by customer, and by rank.
type resampling struct {
	customers int
	sorted    []forecast // by probability
	of        []int      // the customer of each of sorted, numbered from 0
	// columns are sums over customers' rows, of which intervals are wanted.
	columns [][]float64
}

func newResampling(forecasts []forecast) *resampling {
	r := &resampling{sorted: slices.Clone(forecasts)}
	slices.SortFunc(r.sorted, func(a, b forecast) int {
		return cmp.Or(cmp.Compare(a.p, b.p), cmp.Compare(a.customer, b.customer), cmp.Compare(a.logit, b.logit))
	})
	numbers := map[int]int{}
	for _, f := range r.sorted {
		n, known := numbers[f.customer]
		if !known {
			n = len(numbers)
			numbers[f.customer] = n
		}
		r.of = append(r.of, n)
	}
	r.customers = len(numbers)
	return r
}

// sum adds a column, the sums of a value over each customer's rows, and returns its number.
func (r *resampling) sum(value func(forecast) float64) int {
	column := make([]float64, r.customers)
	for i, f := range r.sorted {
		column[r.of[i]] += value(f)
	}
	r.columns = append(r.columns, column)
	return len(r.columns) - 1
}

// run computes figures of the forecasts as they are, and of each replicate. A figure is of
// the sums of the columns and of how often each customer was drawn.
func (r *resampling) run(figures func(sums, drawn []float64) []float64) (whole []float64, drawn [][]float64) {
	weights, sums := make([]float64, r.customers), make([]float64, len(r.columns))
	at := func() []float64 {
		for j, column := range r.columns {
			sums[j] = 0
			for i, w := range weights {
				sums[j] += w * column[i]
			}
		}
		return figures(sums, weights)
	}
	for i := range weights {
		weights[i] = 1
	}
	whole = at()
	source := rand.New(rand.NewPCG(uint64(r.customers), uint64(len(r.sorted)))) //nolint:gosec // repeatable by intent
	for range replicates {
		clear(weights)
		for range r.customers {
			weights[source.IntN(r.customers)]++
		}
		drawn = append(drawn, at())
	}
	return whole, drawn
}

// interval is a figure with the percentile interval of its replicates that leaves out a share
// of them, half at each end. Replicates in which the figure does not exist do not count.
func interval(whole []float64, drawn [][]float64, figure int, share float64) (card.Interval, bool) {
	var of []float64
	for _, d := range drawn {
		if !math.IsNaN(d[figure]) && !math.IsInf(d[figure], 0) {
			of = append(of, d[figure])
		}
	}
	v := whole[figure]
	if len(of) == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return card.Interval{}, false
	}
	slices.Sort(of)
	cut := int(share / 2 * float64(len(of)))
	return card.Interval{Value: v, Low: of[cut], High: of[len(of)-1-cut]}, true
}

// ranked are the figures that depend on the order of forecasts: AUC, lift of the highest
// tenth, and calibration error over ten bins of as many.
func (r *resampling) ranked(weights []float64) (auc, lift, ece float64) {
	total, gone := 0.0, 0.0
	for i, f := range r.sorted {
		total += weights[r.of[i]]
		gone += weights[r.of[i]] * float64(count(f.left))
	}
	var pairs, stayed, top, done float64
	var said, was float64
	bin := 1.0
	for i := 0; i < len(r.sorted); {
		j, left, right := i, 0.0, 0.0 // of equal forecasts
		for ; j < len(r.sorted) && r.sorted[j].p == r.sorted[i].p; j++ {
			if w := weights[r.of[j]]; r.sorted[j].left {
				left += w
			} else {
				right += w
			}
		}
		pairs += left * (stayed + right/2)
		stayed += right
		weight, p := left+right, r.sorted[i].p
		// Equal forecasts at the edge of a bin are parted in proportion.
		for rest := weight; rest > 0; {
			room := bin*total/10 - done
			take := min(rest, room)
			if bin >= 10 {
				take = rest
			}
			said, was = said+take*p, was+take*left/weight
			done, rest = done+take, rest-take
			if bin >= 10 {
				top += take * left / weight
			} else if take == room {
				ece += math.Abs(said-was) / total
				said, was, bin = 0, 0, bin+1
			}
		}
		i = j
	}
	ece += math.Abs(said-was) / total
	return pairs / (gone * stayed), top / (total / 10) / (gone / total), ece
}
