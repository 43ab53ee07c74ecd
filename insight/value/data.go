package value

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// data are histories in a form that likelihoods are quickly computed over: in order, and
// those that are the same as one row.
type data struct {
	rows []row
	n    float64
	// scale is what times were divided by, so that the longest age is longestAge.
	scale float64
}

// row is a history, with times scaled, and how many have it.
type row struct {
	x, age, recency float64
	weight          float64
}

// longestAge is what times are scaled to: parameters of any unit of time are of one
// magnitude then.
const longestAge = 10

var errNoHistories = errors.New("value: there is no history to fit")

func newData(histories []History) (*data, error) {
	return dataOf(len(histories), func(i int) (History, error) { return histories[i], histories[i].valid() })
}

// dataOf is newData of n histories that are somewhere else.
func dataOf(n int, history func(i int) (History, error)) (*data, error) {
	rows := make([]row, n)
	longest := 0.0
	for i := range rows {
		h, err := history(i)
		if err != nil {
			return nil, fmt.Errorf("value: history %d: %w", i, err)
		}
		rows[i] = row{float64(h.X), h.Age, h.Recency, 1}
		longest = max(longest, h.Age)
	}
	if longest == 0 {
		return nil, errNoHistories
	}
	d := &data{n: float64(n), scale: longest / longestAge}
	for i := range rows {
		rows[i].age /= d.scale
		rows[i].recency /= d.scale
	}
	sortRows(rows, make([]row, n/2))
	d.rows = slices.Clone(collapse(rows))
	return d, nil
}

// repeat is how many have bought again.
func (d *data) repeat() int {
	sum := 0.0
	for _, r := range d.rows {
		if r.x > 0 {
			sum += r.weight
		}
	}
	return int(sum)
}

// expected is what all buy within a span, which is in the histories' unit of time.
func (d *data) expected(p Params, span float64) float64 {
	parts := make([]float64, (len(d.rows)+chunk-1)/chunk)
	inParallel(len(parts), func(i int) {
		for _, r := range d.rows[i*chunk : min(len(d.rows), (i+1)*chunk)] {
			h := History{X: int(r.x), Recency: r.recency * d.scale, Age: r.age * d.scale}
			parts[i] += r.weight * p.Expected(h, span)
		}
	})
	sum := 0.0
	for _, part := range parts {
		sum += part
	}
	return sum
}

func (r row) compare(other row) int {
	switch {
	case r.x != other.x:
		return before(r.x < other.x)
	case r.age != other.age:
		return before(r.age < other.age)
	case r.recency != other.recency:
		return before(r.recency < other.recency)
	}
	return 0
}

func before(is bool) int {
	if is {
		return -1
	}
	return 1
}

// alone is how many rows are sorted by one thread.
const alone = 1 << 15

// sortRows sorts on several threads. spare is of half as many.
func sortRows(rows, spare []row) {
	if len(rows) <= alone {
		slices.SortFunc(rows, row.compare)
		return
	}
	half := len(rows) / 2
	var first sync.WaitGroup
	first.Go(func() { sortRows(rows[:half], spare[:half/2]) })
	sortRows(rows[half:], spare[half/2:])
	first.Wait()
	copy(spare, rows[:half])
	merge(rows, spare[:half], rows[half:])
}

// merge puts two sorted slices together, of which the second may be the end of all.
func merge(all, a, b []row) {
	for i := range all {
		switch {
		case len(a) == 0:
			return
		case len(b) > 0 && b[0].compare(a[0]) < 0:
			all[i], b = b[0], b[1:]
		default:
			all[i], a = a[0], a[1:]
		}
	}
}

// collapse makes one row of sorted rows that are the same.
func collapse(rows []row) []row {
	out := rows[:1]
	for _, r := range rows[1:] {
		if last := &out[len(out)-1]; last.compare(r) == 0 {
			last.weight += r.weight
		} else {
			out = append(out, r)
		}
	}
	return out
}

// thin is a sample of customers at equal distances in their order, which has as many of
// each kind as all have.
func (d *data) thin(size int) *data {
	out := &data{n: float64(size), scale: d.scale}
	distance := d.n / float64(size)
	at, passed := distance/2, 0.0
	for _, r := range d.rows {
		passed += r.weight
		r.weight = 0
		for ; at < passed; at += distance {
			r.weight++
		}
		if r.weight > 0 {
			out.rows = append(out.rows, r)
		}
	}
	return out
}
