package insight

import "math"

// ScoreInterval is the 95 % interval of an NPS by inverting the score test: the scores that
// the responses do not speak against, each with the variance that they have where it is the
// true one. It is closer to 95 % than NPSOf's below some twenty responses (Rocks 2016, after
// Tango 1998). N must be above 0.
func (s NPS) ScoreInterval() (low, high float64) {
	n, share := float64(s.N), float64(s.Promoters-s.Detractors)/float64(s.N)
	far := func(score float64) float64 {
		return (share - score) / math.Sqrt(s.varianceUnder(score)/n)
	}
	return 100 * bisect(far, -1, share, Z95), 100 * bisect(far, share, 1, -Z95)
}

// varianceUnder is the variance of one response, by the shares of promoters and detractors
// that are most likely where the score (−1 to 1) is the true one.
func (s NPS) varianceUnder(score float64) float64 {
	n, b, c := float64(s.N), float64(s.Promoters), float64(s.Detractors)
	linear := -b - c + (2*n-b+c)*score
	constant := -c * score * (1 - score)
	detractors := (math.Sqrt(max(0, linear*linear-8*n*constant)) - linear) / (4 * n)
	detractors = min(max(detractors, 0, -score), (1-score)/2)
	return max(2*detractors+score-score*score, 0)
}

// bisect finds where a function that falls from low to high has a value, or the end that is
// nearest to it.
func bisect(f func(float64) float64, low, high, value float64) float64 {
	for range 200 {
		middle := (low + high) / 2
		if f(middle) > value {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
