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

// Z95 is the 97.5 % quantile of the normal distribution: 95 % of it are within as many
// standard deviations.
const Z95 = 1.959963984540054

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
	share, variance := out.adjusted()
	half := Z95 * math.Sqrt(variance)
	out.Low = math.Max(-100, 100*(share-half))
	out.High = math.Min(100, 100*(share+half))
	return out
}

// adjusted is the share of promoters less that of detractors, with the
// pseudo-responses, and its variance.
func (s NPS) adjusted() (share, variance float64) {
	total := float64(s.N) + 3
	p := (float64(s.Promoters) + 0.75) / total
	d := (float64(s.Detractors) + 0.75) / total
	return p - d, npsVariance(p, d) / total
}

// CompareNPS compares two scores by the z test with the pseudo-responses of NPSOf in
// each. Value is the difference of the scores as they are; the interval lies around
// that of the adjusted ones and is clipped to ±200. Either N must be above 0.
func CompareNPS(first, second NPS) Difference {
	a, va := first.adjusted()
	b, vb := second.adjusted()
	se := math.Sqrt(va + vb)
	out := Difference{
		Value: second.Score - first.Score,
		Low:   max(-200, 100*(b-a-Z95*se)), High: min(200, 100*(b-a+Z95*se)), P: twoSided((b - a) / se),
		stdErr: 100 * se,
	}
	out.Needed = needed(out.Value/100, first.variance(), second.variance())
	return out
}

// variance of one response, which counts 1, 0 or −1.
func (s NPS) variance() float64 {
	p, d := float64(s.Promoters)/float64(s.N), float64(s.Detractors)/float64(s.N)
	return npsVariance(p, d)
}

// npsVariance is that of one response, by the shares of promoters and detractors.
func npsVariance(promoters, detractors float64) float64 {
	return promoters + detractors - (promoters-detractors)*(promoters-detractors)
}
