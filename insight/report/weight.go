package report

import (
	"maps"
	"slices"

	"github.com/cxloop/cxloop/insight"
)

// Weighted is the score of a population whose groups answer unequally often: each counts by
// its share of the population, not of the responses.
type Weighted struct {
	Score Interval `json:"score"`
	// N is how many responses it is made of, and Effective how many unweighted ones they are
	// worth.
	N         int     `json:"n"`
	Effective float64 `json:"effective"`
	// Silent are the groups of the population of which nobody answered: the others stand for
	// them. Unknown is how many responses are of groups that the population does not have.
	Silent  []string `json:"silent,omitempty"`
	Unknown int      `json:"unknown,omitempty"`
}

// weightedFrom is how many responses it takes: the interval covers too little of fewer.
const weightedFrom = 30

// weigh post-stratifies the score by the declared population. That of audits is none of a
// population.
func (s Section) weigh(groups []grouped, whole Cell) *Weighted {
	if s.Population == nil || len(s.By) != 1 || s.Metric == Audit || !s.shown(whole) {
		return nil
	}
	out := Weighted{}
	answered := map[string]insight.NPS{}
	for _, g := range groups {
		value := g.all.Group[0]
		if _, known := s.Population[value]; !known {
			out.Unknown += g.all.n()
			continue
		}
		answered[value] = s.Metric.counted(g.all)
	}
	var strata []insight.Stratum
	for _, value := range slices.Sorted(maps.Keys(s.Population)) {
		if answered[value].N == 0 {
			out.Silent = append(out.Silent, value)
			continue
		}
		strata = append(strata, insight.Stratum{NPS: answered[value], Share: s.Population[value]})
	}
	found := insight.Stratify(strata)
	if found.N < max(s.Floor, weightedFrom) || found.StdErr == 0 {
		return nil
	}
	out.N, out.Effective = found.N, found.Effective
	out.Score = Interval{found.Score, found.Low, found.High}
	if !s.Metric.net() {
		out.Score.Low = max(0, out.Score.Low)
	}
	return &out
}
