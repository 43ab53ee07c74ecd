// Package report makes tables of scores that may be read as they stand: each figure with its
// interval, each difference tested among all that are shown, and nothing shown of too few.
package report

import "maps"

// Metric says what a score is made of.
type Metric string

// The metrics. Scores and intervals of all of them are in points: of the NPS −100 to 100, of
// the others 0 to 100. Differences are in points, too, but those of CES: see Change.
const (
	NPS  Metric = "nps"  // % promoters − % detractors
	ENPS Metric = "enps" // the same, of employees
	CSAT Metric = "csat" // % satisfied
	CES  Metric = "ces"  // % easy
	// Audit is the mean of what audits scored, in percent.
	Audit Metric = "audit"
)

// bands names the happy and the unhappy class of a metric's scores. There is one between.
func (m Metric) bands() (happy, unhappy string) {
	switch m {
	case CSAT:
		return "satisfied", "dissatisfied"
	case CES:
		return "easy", "hard"
	case Audit:
		return "passed", "failed"
	}
	return "promoter", "detractor"
}

// byMean reports whether groups are told apart by the mean of the scores as they were given,
// and not by their classes. Of CES that is because the mean knows all seven answers, where the
// share of easy ones takes a 1 for a 4 and a 5 for a 7, and needs more answers to show the same.
func (m Metric) byMean() bool { return m == Audit || m == CES }

// net reports whether the score takes the unhappy from the happy.
func (m Metric) net() bool { return m == NPS || m == ENPS }

// Cell are the responses of one group in one period, counted.
type Cell struct {
	// Group are the values of the report's dimensions, in their order.
	Group []string
	// Period is what the period is called, "" where there is one only; At is when it begins,
	// in any unit that is the same for all, and orders the periods.
	Period string
	At     float64
	// Asked are those who were invited, Answered those of them who answered. Told are answers
	// that another tool asked for, and told of: nobody knows how many it asked.
	Asked, Answered, Told int
	// Scores and Bands count the responses, by score and by its class.
	Scores map[int]int
	Bands  map[string]int
}

// n is how many responses the cell has.
func (c Cell) n() int {
	n := 0
	for _, k := range c.Scores {
		n += k
	}
	return n
}

// plus returns what two cells count together, as one of the first's group and period.
func (c Cell) plus(d Cell) Cell {
	return c.combine(d, 1)
}

// minus returns what a cell counts without another that it includes.
func (c Cell) minus(d Cell) Cell {
	return c.combine(d, -1)
}

func (c Cell) combine(d Cell, sign int) Cell {
	c.Asked, c.Answered, c.Told = c.Asked+sign*d.Asked, c.Answered+sign*d.Answered, c.Told+sign*d.Told
	c.Scores, c.Bands = combined(c.Scores, d.Scores, sign), combined(c.Bands, d.Bands, sign)
	return c
}

func combined[K comparable](a, b map[K]int, sign int) map[K]int {
	out := maps.Clone(a)
	if out == nil {
		out = map[K]int{}
	}
	for key, n := range b {
		out[key] += sign * n
	}
	return out
}
