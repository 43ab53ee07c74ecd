package effect

import (
	"math/rand/v2"
	"slices"
)

// Item is a cost or a gain: how many there are, by what each is worth.
type Item struct {
	Name string
	// Factors are multiplied; a nil one is not known.
	Factors []*Range
}

// Known reports whether all of an item is.
func (i Item) Known() bool { return !slices.Contains(i.Factors, nil) }

// Interval is what a figure comes to: in nine of ten cases between Low and High, and as
// often above as below Median.
type Interval struct {
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
}

// Sum is what an item comes to; Interval is nil where it is not known.
type Sum struct {
	Name string `json:"name"`
	*Interval
}

// Return is what costs and gains come to.
type Return struct {
	Costs []Sum `json:"costs"`
	Gains []Sum `json:"gains"`
	// Cost and Gain are the sums of what is known.
	Cost Interval `json:"cost"`
	Gain Interval `json:"gain"`
	// ROI is (gains − costs) / costs, and Pays the probability that it is above 0; nil where a
	// cost is not known or nothing costs anything. Gains that are not known count as
	// nothing: then it is a least.
	ROI  *Interval `json:"roi,omitempty"`
	Pays *float64  `json:"pays,omitempty"`
}

// draws is how many times values are drawn: the limits are off by a hundredth or so.
const draws = 20_001

// ReturnOf adds costs and gains up, by drawing each factor from its range, apart from all
// others, always the same draws. A Range that is the same in several items, by its address, is
// drawn once for all.
func ReturnOf(costs, gains []Item) Return {
	random := rand.New(rand.NewPCG(20260301, 8))
	table := newDraws()
	for range draws {
		table.one(random, costs, gains)
	}
	out := Return{Costs: table.sums(costs, 0), Gains: table.sums(gains, len(costs)), Cost: intervalOf(table.cost), Gain: intervalOf(table.gain)}
	unknown := slices.ContainsFunc(costs, func(i Item) bool { return !i.Known() })
	if unknown || slices.Min(table.cost) <= 0 {
		return out
	}
	roi, pays := make([]float64, draws), 0
	for i, cost := range table.cost {
		roi[i] = (table.gain[i] - cost) / cost
		if roi[i] > 0 {
			pays++
		}
	}
	interval, share := intervalOf(roi), float64(pays)/draws
	out.ROI, out.Pays = &interval, &share
	return out
}

// drawTable has what was drawn of each item, costs before gains, and of their sums.
type drawTable struct {
	items      map[int][]float64
	cost, gain []float64
}

func newDraws() *drawTable { return &drawTable{items: map[int][]float64{}} }

// one draws everything once.
func (t *drawTable) one(random *rand.Rand, costs, gains []Item) {
	drawn := map[*Range]float64{}
	worth := func(item Item) float64 {
		product := 1.0
		for _, factor := range item.Factors {
			value, known := drawn[factor]
			if !known {
				value = factor.draw(random)
				drawn[factor] = value
			}
			product *= value
		}
		return product
	}
	sum := func(items []Item, first int) (sum float64) {
		for i, item := range items {
			if item.Known() {
				value := worth(item)
				t.items[first+i] = append(t.items[first+i], value)
				sum += value
			}
		}
		return sum
	}
	t.cost = append(t.cost, sum(costs, 0))
	t.gain = append(t.gain, sum(gains, len(costs)))
}

func (t *drawTable) sums(items []Item, first int) []Sum {
	out := make([]Sum, len(items))
	for i, item := range items {
		out[i].Name = item.Name
		if drawn := t.items[first+i]; drawn != nil {
			interval := intervalOf(drawn)
			out[i].Interval = &interval
		}
	}
	return out
}

// intervalOf takes the 5 %, 50 % and 95 % quantiles of draws.
func intervalOf(drawn []float64) Interval {
	sorted := slices.Sorted(slices.Values(drawn))
	at := func(share float64) float64 { return sorted[int(share*float64(len(sorted)-1)+0.5)] }
	return Interval{at(0.05), at(0.5), at(0.95)}
}
