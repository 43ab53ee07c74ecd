package value

import (
	"errors"
	"fmt"
	"slices"
)

// data are histories in a form that likelihoods are quickly computed over: those that are
// the same are one row, and logarithms are taken once for each different time.
type data struct {
	rows  []row
	n     float64
	xs    []float64 // different numbers of purchases
	times []float64 // different recencies and ages, scaled
	// scale is what times were divided by, so that the longest age is longestAge.
	scale float64
}

type row struct {
	x, recency, age int // indices
	weight          float64
}

// longestAge is what times are scaled to: parameters of any unit of time are of one
// magnitude then.
const longestAge = 10

var errNoHistories = errors.New("value: there is no history to fit")

func newData(histories []History) (*data, error) {
	if len(histories) == 0 {
		return nil, errNoHistories
	}
	longest := 0.0
	for i, h := range histories {
		if err := h.valid(); err != nil {
			return nil, fmt.Errorf("value: history %d: %w", i, err)
		}
		longest = max(longest, h.Age)
	}
	if longest == 0 {
		return nil, errNoHistories
	}
	d := &data{n: float64(len(histories)), scale: longest / longestAge}
	xs, times := newIndex(), newIndex()
	counts := map[[3]int]int{}
	for _, h := range histories {
		counts[[3]int{xs.of(float64(h.X)), times.of(h.Recency / d.scale), times.of(h.Age / d.scale)}]++
	}
	d.xs, d.times = xs.values, times.values
	for key, count := range counts {
		d.rows = append(d.rows, row{key[0], key[1], key[2], float64(count)})
	}
	// The order of a map is another each time, and sums of floats depend on it.
	slices.SortFunc(d.rows, func(a, b row) int {
		return slices.Compare([]int{a.x, a.recency, a.age}, []int{b.x, b.recency, b.age})
	})
	return d, nil
}

// index numbers different values.
type index struct {
	numbers map[float64]int
	values  []float64
}

func newIndex() *index { return &index{numbers: map[float64]int{}} }

func (i *index) of(v float64) int {
	n, known := i.numbers[v]
	if !known {
		n = len(i.values)
		i.numbers[v] = n
		i.values = append(i.values, v)
	}
	return n
}
