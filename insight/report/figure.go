package report

import (
	"math"

	"github.com/cxloop/cxloop/insight"
)

// Figure is what the responses of a group come to.
type Figure struct {
	Asked    int `json:"asked"`
	Answered int `json:"answered"`
	// Told is how many answers another tool told of. Nobody knows how many it asked: they are
	// in N alone.
	Told int `json:"told,omitempty"`
	// Rate is the share of Asked who answered, in percent, with its Wilson interval; nil
	// where nobody was asked, or nobody knows who was.
	Rate *Interval `json:"rate"`
	// N is how many responses the score is made of.
	N        int              `json:"n"`
	Evidence insight.Evidence `json:"evidence"`
	// Score is nil where it is hidden, and so are all below.
	Score *Interval `json:"score"`
	// Mean is that of the scores as they were given, of CES; Failed the share of audits that
	// failed, in percent.
	Mean   *Interval `json:"mean,omitempty"`
	Failed *Interval `json:"failed,omitempty"`
	// Bands count the responses by the class of their score.
	Bands map[string]int `json:"bands,omitempty"`
	// Bounds are between which scores that of all who were asked lies, whatever those say who
	// did not answer; nil where nobody knows how many these are.
	Bounds *Bounds `json:"bounds,omitempty"`
	// Target is nil where none is set.
	Target *Mark `json:"target,omitempty"`
}

// Interval is a value with its 95 % interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Bounds are the least and the most that is possible.
type Bounds struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Mark is where a score lies beside a number.
type Mark struct {
	Value   float64 `json:"value"`
	Verdict Verdict `json:"verdict"`
}

// Verdict says whether a score is on one side of a number.
type Verdict string

// The verdicts.
const (
	Above Verdict = "above" // or on it: the whole interval is
	Below Verdict = "below" // the whole interval is
	// Undecided is where the interval holds both sides.
	Undecided Verdict = "undecided"
)

// Against says where an interval lies beside a number.
func (i Interval) Against(value float64) Mark {
	switch {
	case i.Low >= value:
		return Mark{value, Above}
	case i.High < value:
		return Mark{value, Below}
	}
	return Mark{value, Undecided}
}

// fewForScoreInterval is below how many responses the interval of an NPS is that of the
// score test.
const fewForScoreInterval = 20

// figure is what a cell shows where so many responses are needed for it.
func (m Metric) figure(c Cell, floor int) Figure {
	n := c.n()
	f := Figure{Asked: c.Asked, Answered: c.Answered, Told: c.Told, N: n, Evidence: insight.EvidenceOf(n)}
	if c.Asked > 0 {
		rate := percent(min(c.Answered, c.Asked), c.Asked)
		f.Rate = &rate
	}
	switch {
	case n < floor:
		f.Evidence = insight.Hidden
		return f
	case f.Evidence == insight.Hidden: // a floor below ten shows them
		f.Evidence = insight.Few
	}
	happy, unhappy := m.bands()
	f.Bands = c.Bands
	score := percent(c.Bands[happy], n)
	switch {
	case m.net():
		nps := insight.NPSOf(c.Bands[happy], c.Bands[unhappy], n)
		score = Interval{nps.Score, nps.Low, nps.High}
		if n < fewForScoreInterval {
			score.Low, score.High = nps.ScoreInterval()
		}
	case m == Audit:
		score = meanOf(c, 0, 100)
		failed := percent(c.Bands[unhappy], n)
		f.Failed = &failed
	case m == CES:
		mean := meanOf(c, 1, 7)
		f.Mean = &mean
	}
	f.Score = &score
	if c.Told == 0 {
		f.Bounds = m.bounds(score.Value, min(n, c.Answered), c.Asked)
	}
	return f
}

// percent is how many of n there are, in percent.
func percent(k, n int) Interval {
	share := insight.ShareOf(k, n)
	return Interval{100 * share.Rate, 100 * share.Low, 100 * share.High}
}

// meanOf is the mean score of a cell with its t interval, which ends where scores do.
func meanOf(c Cell, least, most float64) Interval {
	mean := insight.MeanOf(c.Scores)
	return Interval{mean.Value, max(least, mean.Low), min(most, mean.High)}
}

// bounds are those of everybody who was asked, if those who answered have the score; nil where
// nobody was asked.
func (m Metric) bounds(score float64, answered, asked int) *Bounds {
	if asked == 0 {
		return nil
	}
	answered = min(answered, asked)
	if m.net() {
		low, high := insight.NonResponseBounds(insight.NPS{N: answered, Score: score}, asked)
		return &Bounds{low, high}
	}
	low := score * float64(answered) / float64(asked)
	return &Bounds{low, low + 100*float64(asked-answered)/float64(asked)}
}

// moments are what groups are told apart by and the variance of one response about it, in the
// unit of changes.
func (m Metric) moments(c Cell) (n, score, variance float64) {
	n = float64(c.n())
	if n == 0 {
		return 0, 0, 0
	}
	if m.byMean() {
		var sum, squares float64
		for value, k := range c.Scores {
			sum += float64(value * k)
			squares += float64(value * value * k)
		}
		score = sum / n
		return n, score, math.Max(0, squares/n-score*score)
	}
	happy, unhappy := m.bands()
	p, d := float64(c.Bands[happy])/n, 0.0
	if m.net() {
		d = float64(c.Bands[unhappy]) / n
	}
	return n, 100 * (p - d), 1e4 * math.Max(0, p+d-(p-d)*(p-d))
}
