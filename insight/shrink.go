package insight

import "math"

// ShrunkNPS is a score drawn towards that of the whole: for ranking groups of few.
type ShrunkNPS struct {
	// Score is the mean of what is likely, and Low and High bound 95 % of it, about normal.
	Score, Low, High float64
}

// Shrink draws a group's score towards that of the whole, as if strength more of the whole's
// responses were in it: the posterior of a Dirichlet prior. The whole's N has to be above 0.
func Shrink(group, whole NPS, strength float64) ShrunkNPS {
	n := float64(whole.N)
	passives := func(s NPS) float64 { return float64(s.N - s.Promoters - s.Detractors) }
	p := float64(group.Promoters) + strength*float64(whole.Promoters)/n
	d := float64(group.Detractors) + strength*float64(whole.Detractors)/n
	all := p + d + passives(group) + strength*passives(whole)/n
	if all == 0 {
		return ShrunkNPS{Score: whole.Score, Low: -100, High: 100}
	}
	p, d = p/all, d/all
	half := 100 * Z95 * math.Sqrt(npsVariance(p, d)/(all+1))
	score := 100 * (p - d)
	return ShrunkNPS{Score: score, Low: max(-100, score-half), High: min(100, score+half)}
}
