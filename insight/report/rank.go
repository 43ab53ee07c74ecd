package report

import (
	"cmp"
	"slices"

	"github.com/cxloop/cxloop/insight"
)

// Rank is where a group stands among those that are shown.
type Rank struct {
	// Place is from 1, the best. Groups of the same Score share one.
	Place int `json:"place"`
	// Score is the group's, of CES its mean, drawn towards that of the whole the more the fewer responses it
	// has: so that chance alone puts nobody first or last.
	Score float64 `json:"score"`
}

// rank ranks the groups and orders them, those that are hidden last and by their keys.
func (s Section) rank(lines []Group, groups []grouped, whole Cell) {
	var cells []Cell
	for _, g := range groups {
		if s.shown(g.all) {
			cells = append(cells, g.all)
		}
	}
	if len(cells) > 1 {
		strength := s.strength(cells)
		for i, g := range groups {
			if s.shown(g.all) {
				lines[i].Rank = &Rank{Score: s.shrunk(g.all, whole, strength)}
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b Group) int {
		switch {
		case a.Rank != nil && b.Rank != nil:
			return cmp.Compare(b.Rank.Score, a.Rank.Score)
		case a.Rank != nil:
			return -1
		case b.Rank != nil:
			return 1
		}
		return 0
	})
	for i := range lines {
		if lines[i].Rank == nil {
			break
		}
		lines[i].Rank.Place = i + 1
		if i > 0 && lines[i].Rank.Score == lines[i-1].Rank.Score {
			lines[i].Rank.Place = lines[i-1].Rank.Place
		}
	}
}

// strength is how many responses of the whole are put to those of each group: the variance
// of one response within groups by that of the groups' true scores, which is what their
// scores vary more than chance alone would have them (the method of moments of DerSimonian
// and Laird 1986). It is at most the number of all responses, where groups do not vary more.
func (s Section) strength(cells []Cell) float64 {
	var total, squares, sum, within float64
	for _, c := range cells {
		n, score, variance := s.Metric.moments(c)
		total += n
		squares += n * n
		sum += n * score
		within += n * variance
	}
	within /= total
	if within == 0 {
		return 0
	}
	var excess float64
	for _, c := range cells {
		n, score, _ := s.Metric.moments(c)
		off := score - sum/total
		excess += n * off * off / within
	}
	excess -= float64(len(cells) - 1)
	if excess <= 0 {
		return total
	}
	return min(total, (total-squares/total)/excess)
}

// shrunk is the score of a group with so many responses of the whole put to it.
func (s Section) shrunk(c, whole Cell, strength float64) float64 {
	if s.Metric.byMean() {
		n, score, _ := s.Metric.moments(c)
		_, all, _ := s.Metric.moments(whole)
		return (n*score + strength*all) / (n + strength)
	}
	return insight.Shrink(s.Metric.counted(c), s.Metric.counted(whole), strength).Score
}

// counted is a cell as an NPS has it. A share is one without detractors.
func (m Metric) counted(c Cell) insight.NPS {
	happy, unhappy := m.bands()
	if !m.net() {
		return insight.NPSOf(c.Bands[happy], 0, c.n())
	}
	return insight.NPSOf(c.Bands[happy], c.Bands[unhappy], c.n())
}
