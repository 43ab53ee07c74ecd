// Package insight is the statistics: metrics with their intervals, in plain Go,
// without I/O.
package insight

import "math"

// NPS is the Net Promoter Score of a group of responses.
type NPS struct {
	// N, Promoters and Detractors are counts of responses.
	N, Promoters, Detractors int
	// Score is 100·(promoters−detractors)/n, −100 to 100; 0 where N is 0.
	Score float64
	// Low and High bound the 95 % adjusted Wald interval, −100 to 100.
	Low, High float64
}

// z95 is the 97.5 % quantile of the normal distribution.
const z95 = 1.959963984540054

// NPSOf computes the score of n responses and its adjusted Wald interval: three
// pseudo-responses are added, ¾ promoter, 1½ passive and ¾ detractor, because
// the plain Wald interval covers far less than it says in small samples
// (Rocks 2016, "Interval estimation for the Net Promoter Score").
func NPSOf(promoters, detractors, n int) NPS {
	out := NPS{N: n, Promoters: promoters, Detractors: detractors, Low: -100, High: 100}
	if n <= 0 {
		return out
	}
	out.Score = 100 * float64(promoters-detractors) / float64(n)
	total := float64(n) + 3
	p := (float64(promoters) + 0.75) / total
	d := (float64(detractors) + 0.75) / total
	half := z95 * math.Sqrt((p+d-(p-d)*(p-d))/total)
	out.Low = math.Max(-100, 100*(p-d-half))
	out.High = math.Min(100, 100*(p-d+half))
	return out
}
