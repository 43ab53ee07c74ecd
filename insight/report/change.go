package report

import (
	"math"

	"github.com/cxloop/cxloop/insight"
)

// Change is a difference of two scores, or how far a trend went, in points; of CES that of
// two means, in the unit of the answers.
type Change struct {
	Interval
	// Of is OfMean where it is not the score that differs.
	Of string `json:"of,omitempty"`
	// P is adjusted for all tests of the reports.
	P float64 `json:"p"`
	// Real is whether P is below 5 %. What is not is no real change.
	Real bool `json:"real"`
	// Smallest is the smallest change that these responses could have shown in four of five
	// tries, among so many tests; 0 where all responses say the same.
	Smallest float64 `json:"smallest"`
	// Since is the period that it is compared with, the first of a trend; "" of a comparison
	// with the rest.
	Since string `json:"since,omitempty"`
}

// OfMean says that a change is one of the mean of the answers as they were given.
const OfMean = "mean"

// test is a change with what is left to do when all tests are known.
type test struct {
	change   *Change
	smallest func(tests int) float64
}

// correct adjusts the tests for their number.
func correct(tests []*test) {
	p := make([]float64, len(tests))
	for i, t := range tests {
		p[i] = t.change.P
	}
	for i, adjusted := range insight.BenjaminiHochberg(p) {
		c := tests[i].change
		c.P, c.Real = adjusted, adjusted < insight.Significant
		c.Smallest = tests[i].smallest(len(tests))
	}
}

// compare tests a second group against a first. Both have to be shown.
func (s Section) compare(first, second Cell, tests *[]*test) *Change {
	happy, unhappy := s.Metric.bands()
	var d insight.Difference
	unit := 1.0
	switch {
	case s.Metric.net():
		nps := func(c Cell) insight.NPS { return insight.NPSOf(c.Bands[happy], c.Bands[unhappy], c.n()) }
		d = insight.CompareNPS(nps(first), nps(second))
	case s.Metric.byMean():
		a, b := insight.MeanOf(first.Scores), insight.MeanOf(second.Scores)
		d = insight.CompareMeans(a, b)
		d.P = max(d.P, insight.PooledP(a, b)) // few answers beside many are called different by both, or not at all
	default:
		share := func(c Cell) insight.Share { return insight.ShareOf(c.Bands[happy], c.n()) }
		d, unit = insight.CompareShares(share(first), share(second)), 100
	}
	c := &Change{Interval: Interval{unit * d.Value, unit * d.Low, unit * d.High}, Of: s.Metric.changeOf(), P: d.P}
	*tests = append(*tests, &test{c, func(n int) float64 { return unit * d.Smallest(n) }})
	return c
}

// changeOf is what differences of the metric are of, "" for its score.
func (m Metric) changeOf() string {
	if m == CES {
		return OfMean
	}
	return ""
}

// fewestForTrend is how many periods have to be shown for a trend.
const fewestForTrend = 3

// trend is how far a straight line through the periods that are shown goes from the first to
// the last, and the test that it is level: for shares the Cochran–Armitage test, for the NPS
// and means the same with the variance of all responses together (Armitage 1955).
func (s Section) trend(periods []Cell, tests *[]*test) *Change {
	var shown []Cell
	var all Cell
	for _, c := range periods {
		if s.shown(c) {
			shown = append(shown, c)
			all = all.plus(c)
		}
	}
	if len(shown) < fewestForTrend {
		return nil
	}
	total, _, variance := s.Metric.moments(all)
	var middle float64
	for _, c := range shown {
		n, _, _ := s.Metric.moments(c)
		middle += n * c.At / total
	}
	var along, spread float64
	for _, c := range shown {
		n, score, _ := s.Metric.moments(c)
		off := c.At - middle
		along += n * off * score
		spread += n * off * off
	}
	span := shown[len(shown)-1].At - shown[0].At
	if spread == 0 || span == 0 {
		return nil
	}
	d := insight.DifferenceOf(span*along/spread, span*math.Sqrt(variance/spread))
	c := &Change{Interval: Interval{d.Value, d.Low, d.High}, Of: s.Metric.changeOf(), P: d.P, Since: shown[0].Period}
	*tests = append(*tests, &test{c, d.Smallest})
	return c
}
