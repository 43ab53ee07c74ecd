package survey

import "math"

// StormRule says when the cases of a channel come too fast to be read one by one.
type StormRule struct {
	// After is how many a channel shows one by one within the span; 0 sets no limit.
	After int `yaml:"after"`
	// Within is the span; without a new case for as long a storm is over.
	Within Span `yaml:"within"`
}

// priorityWeights put the priorities in order.
var priorityWeights = map[CasePriority]int64{PriorityHigh: 2, PriorityNormal: 1, "": 1, PriorityLow: 0}

// CaseWeight puts the cases of a storm in order, the heavier before the lighter: first by
// priority, then by what the customer is worth, in hundredths of a power of ten, then by
// how bad the answer is, from 0 to 1.
func CaseWeight(priority CasePriority, worth, badness float64) int64 {
	const (
		powers = 1_00 * 20 // more than anybody is worth
		bad    = 1_000
	)
	value := int64(0)
	if worth > 0 && !math.IsInf(worth, 0) {
		value = min(int64(math.Log10(1+worth)*100), powers-1)
	}
	return (priorityWeights[priority]*powers+value)*(bad+1) + int64(min(max(badness, 0), 1)*bad)
}

// Badness is how bad an answer is by its program's scale: 0 for the best score, 1 for the
// worst.
func (p Program) Badness(r Response) float64 {
	low, high := p.Range()
	if high <= low {
		return 0
	}
	return float64(high-r.Score) / float64(high-low)
}
