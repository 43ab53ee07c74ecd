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

// resampling is forecasts as a bootstrap needs them: by customer, and by rank. Sums and
// figures are declared first, then it runs, and then figures have intervals.
type resampling struct {
	customers int
	sorted    []forecast // by probability
	of        []int      // the customer of each of sorted, numbered from 0
	columns   [][]float64
	figures   []func() float64

	// What is present while figures are computed: how often each customer was drawn, and the
	// sums of the columns and what is of each probability then.
	drawn []float64
	sums  []float64
	equal []tie
	rows  float64 // that are drawn
	// results are by figure: the first is of the forecasts as they are.
	results [][]float64
}

// sum and figure are numbers of what was declared.
type sum int

type figure int

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

// tie is how many of those who are drawn have a probability, and left or stayed.
type tie struct{ p, left, stayed float64 }

// tied puts forecasts of the same probability together.
func (r *resampling) tied() {
	r.equal, r.rows = r.equal[:0], 0
	last := -1.0
	for i := range r.sorted {
		f := &r.sorted[i]
		if f.p != last {
			last = f.p
			r.equal = append(r.equal, tie{p: last})
		}
		t, times := &r.equal[len(r.equal)-1], r.drawn[r.of[i]]
		r.rows += times
		if f.left {
			t.left += times
		} else {
			t.stayed += times
		}
	}
}

// sum declares the sum of a value over all rows.
func (r *resampling) sum(value func(forecast) float64) sum {
	column := make([]float64, r.customers)
	for i, f := range r.sorted {
		column[r.of[i]] += value(f)
	}
	r.columns = append(r.columns, column)
	return sum(len(r.columns) - 1)
}

// brier declares the sum of the squared errors of a probability.
func (r *resampling) brier(p func(forecast) float64) sum {
	return r.sum(func(f forecast) float64 { return squared(p(f), f.left) })
}

// figure declares a figure, which is computed of sums by at.
func (r *resampling) figure(of func() float64) figure {
	r.figures = append(r.figures, of)
	return figure(len(r.figures) - 1)
}

// gain declares by how much a second sum of squared errors is less than a first, per row.
func (r *resampling) gain(first, second, rows sum) figure {
	return r.figure(func() float64 { return (r.at(first) - r.at(second)) / r.at(rows) })
}

// at is a sum over the customers that are drawn.
func (r *resampling) at(s sum) float64 { return r.sums[s] }

// run computes the figures of the forecasts as they are, and of each replicate.
func (r *resampling) run() {
	r.drawn, r.sums = make([]float64, r.customers), make([]float64, len(r.columns))
	r.results = make([][]float64, len(r.figures))
	for i := range r.drawn {
		r.drawn[i] = 1
	}
	r.compute()
	source := rand.New(rand.NewPCG(uint64(r.customers), uint64(len(r.sorted)))) //nolint:gosec // repeatable by intent
	for range replicates {
		clear(r.drawn)
		for range r.customers {
			r.drawn[source.IntN(r.customers)]++
		}
		r.compute()
	}
}

func (r *resampling) compute() {
	for j, column := range r.columns {
		r.sums[j] = 0
		for i, times := range r.drawn {
			r.sums[j] += times * column[i]
		}
	}
	r.tied()
	for i, of := range r.figures {
		r.results[i] = append(r.results[i], of())
	}
}

// interval is a figure with the percentile interval of its replicates that leaves out a share
// of them, half at each end. It is false where the figure does not exist; replicates in which
// it does not do not count.
func (r *resampling) interval(f figure, share float64) (card.Interval, bool) {
	exists := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	whole := r.results[f][0]
	var of []float64
	for _, v := range r.results[f][1:] {
		if exists(v) {
			of = append(of, v)
		}
	}
	if len(of) == 0 || !exists(whole) {
		return card.Interval{}, false
	}
	slices.Sort(of)
	cut := int(share / 2 * float64(len(of)))
	return card.Interval{Value: whole, Low: of[cut], High: of[len(of)-1-cut]}, true
}

// auc is of the customers that are drawn, with ties halved.
func (r *resampling) auc() float64 {
	var pairs, stayed, gone float64
	for _, t := range r.equal {
		pairs += t.left * (stayed + t.stayed/2)
		gone, stayed = gone+t.left, stayed+t.stayed
	}
	return pairs / (gone * stayed)
}

// bin is a tenth of the forecasts that are drawn: how many were to leave, and did.
type bin struct{ said, was float64 }

const bins = 10

// binned parts the forecasts by rank. Equal ones at the edge of a bin are parted in
// proportion.
func (r *resampling) binned() (out [bins]bin, size float64) {
	size = r.rows / bins
	b, room := 0, size
	for _, t := range r.equal {
		weight := t.left + t.stayed
		for rest := weight; rest > 0; {
			take := rest
			if b < bins-1 {
				take = min(rest, room)
			}
			out[b].said += take * t.p
			out[b].was += take * t.left / weight
			rest -= take
			if room -= take; room <= 0 && b < bins-1 {
				b, room = b+1, size
			}
		}
	}
	return out, size
}

// ece is the expected calibration error.
func (r *resampling) ece() (off float64) {
	parts, size := r.binned()
	for _, b := range parts {
		off += math.Abs(b.said-b.was) / (bins * size)
	}
	return off
}

// lift is how much more often those of the highest tenth left.
func (r *resampling) lift() float64 {
	parts, _ := r.binned()
	gone := 0.0
	for _, b := range parts {
		gone += b.was / bins
	}
	return parts[bins-1].was / gone
}
