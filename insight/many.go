package insight

import "slices"

// BenjaminiHochberg adjusts the P of many tests that are looked at together, in their
// order: of those below Significant at most that share is false, on average (Benjamini and
// Hochberg 1995). It is for looking for what differs among many segments; Holm is for few
// tests of which none may be false.
func BenjaminiHochberg(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	least := 1.0
	for i, at := range slices.Backward(ascending(p)) {
		rank := float64(i + 1)
		least = min(least, p[at]*float64(len(p))/rank)
		adjusted[at] = least
	}
	return adjusted
}
