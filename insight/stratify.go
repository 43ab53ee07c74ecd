package insight

import "math"

// Stratum is a part of a population with what it answered.
type Stratum struct {
	NPS NPS
	// Share is how large a part of the population it is, in any unit; above 0.
	Share float64
}

// StratifiedNPS is the score of a population whose parts answer unequally often.
type StratifiedNPS struct {
	// N is the number of responses, and Effective how many unweighted ones they are worth
	// (Kish 1965).
	N         int
	Effective float64
	// Score with its 95 % interval, clipped to ±100.
	Score, StdErr, Low, High float64
}

// Stratify weights responses so that each stratum counts by its share (post-stratification).
// Strata without responses are left out: the others stand for them. The standard error is
// that of the weighted mean, linearised.
func Stratify(strata []Stratum) StratifiedNPS {
	var out StratifiedNPS
	var shares float64
	for _, s := range strata {
		if s.NPS.N > 0 {
			out.N += s.NPS.N
			shares += s.Share
		}
	}
	out.Low, out.High = -100, 100
	if out.N == 0 {
		return out
	}
	for _, s := range strata {
		if s.NPS.N > 0 {
			out.Score += s.Share / shares * s.NPS.Score
		}
	}
	var squares, spread float64
	for _, s := range strata {
		if s.NPS.N == 0 {
			continue
		}
		weight := s.Share / shares / float64(s.NPS.N) // all weights add up to 1
		squares += float64(s.NPS.N) * weight * weight
		passives := s.NPS.N - s.NPS.Promoters - s.NPS.Detractors
		for i, count := range []int{s.NPS.Detractors, passives, s.NPS.Promoters} {
			off := float64(i-1) - out.Score/100
			spread += float64(count) * weight * weight * off * off
		}
	}
	out.Effective = 1 / squares
	out.StdErr = 100 * math.Sqrt(spread)
	out.Low, out.High = max(-100, out.Score-Z95*out.StdErr), min(100, out.Score+Z95*out.StdErr)
	return out
}
