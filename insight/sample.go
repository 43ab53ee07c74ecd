package insight

import "math"

// NPSSampleSize is how many responses it takes for a plain 95 % interval of ±margin points
// (0 to 200), where the shares of promoters and detractors are as given, 0 to 1.
func NPSSampleSize(promoters, detractors, margin float64) int {
	z := 100 * Z95 / margin
	return int(math.Ceil(npsVariance(promoters, detractors) * z * z))
}

// NPSDetectSize is how many responses each of two groups takes for a test at 5 % to find
// the difference between these shares of promoters and detractors in four of five tries; 0
// where there is none.
func NPSDetectSize(promoters1, detractors1, promoters2, detractors2 float64) int {
	difference := (promoters2 - detractors2) - (promoters1 - detractors1)
	return needed(difference, npsVariance(promoters1, detractors1), npsVariance(promoters2, detractors2))
}

// NonResponseBounds are between which scores that of all who were asked lies, whatever
// those say who did not answer: all detractors, or all promoters.
func NonResponseBounds(s NPS, asked int) (low, high float64) {
	answered, all := float64(s.N), float64(max(asked, s.N))
	silent := 100 * (all - answered)
	return (s.Score*answered - silent) / all, (s.Score*answered + silent) / all
}
