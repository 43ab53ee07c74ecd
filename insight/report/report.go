package report

import (
	"cmp"
	"slices"
	"strings"
)

// Section is what one report is made of: the responses of one metric that may be counted
// together. Those to relational and to transactional programs may not.
type Section struct {
	Metric Metric
	// By are the names of the dimensions.
	By []string
	// Floor is how many responses it takes for a score to be shown, at least 2; 0 is ten.
	Floor int
	Cells []Cell
	// Target is the score that a group should have, and that of all where the group is nil;
	// a nil Target sets none.
	Target func(group []string) (score float64, set bool)
	// Population is how large a part of the population has each value of the one dimension,
	// in any unit; nil weights nothing.
	Population map[string]float64
}

// Report is what a section comes to.
type Report struct {
	Metric Metric   `json:"metric"`
	By     []string `json:"by,omitempty"`
	// Whole is everything together.
	Whole Group `json:"whole"`
	// Groups are in the order of their rank, those that have none last.
	Groups []Group `json:"groups,omitempty"`
	// Weighted is the score of the population; nil where none is declared, or nothing shown.
	Weighted *Weighted `json:"weighted,omitempty"`
	// Tests is how many tests there were in all sections, that were corrected together.
	Tests int `json:"tests"`
}

// Group is what the responses of one group come to.
type Group struct {
	// Key are the values of the dimensions, nil of the whole.
	Key []string `json:"key,omitempty"`
	Figure
	// Rank is nil where the score is hidden, or of one group alone.
	Rank *Rank `json:"rank,omitempty"`
	// Rest compares the group with all others together, their score taken from its own; nil
	// where either is hidden.
	Rest *Change `json:"rest,omitempty"`
	// Trend is that of the periods; nil where fewer than three are shown.
	Trend   *Change  `json:"trend,omitempty"`
	Periods []Period `json:"periods,omitempty"`
}

// Period is what the responses of one period come to.
type Period struct {
	Name string `json:"name"`
	Figure
	// Change is that since the last period before it that is shown; nil where there is none.
	Change *Change `json:"change,omitempty"`
}

// Of makes the reports of sections that are looked at together: all tests in them are
// corrected for their number (Benjamini and Hochberg).
func Of(sections ...Section) []Report {
	reports := make([]Report, len(sections))
	var tests []*test
	for i, s := range sections {
		s.Floor = max(cmp.Or(s.Floor, shownFrom), 2)
		reports[i] = s.report(&tests)
	}
	correct(tests)
	for i := range reports {
		reports[i].Tests = len(tests)
	}
	return reports
}

// shownFrom is how many responses it takes where nothing else is said.
const shownFrom = 10

func (s Section) report(tests *[]*test) Report {
	periods, groups := s.byGroup()
	var whole Cell
	for _, g := range groups {
		whole = whole.plus(g.all)
	}
	out := Report{Metric: s.Metric, By: s.By, Whole: s.group(grouped{all: whole, periods: periods}, tests)}
	if len(s.By) == 0 {
		return out
	}
	for _, g := range groups {
		line := s.group(g, tests)
		if rest := whole.minus(g.all); s.shown(g.all, rest) {
			line.Rest = s.compare(rest, g.all, tests)
		}
		out.Groups = append(out.Groups, line)
	}
	s.rank(out.Groups, groups, whole)
	out.Weighted = s.weigh(groups, whole)
	return out
}

// grouped are the cells of one group: all together, and by period in their order.
type grouped struct {
	all     Cell
	periods []Cell
}

// byGroup puts cells that say the same together: those of the whole by period, and those of
// each group, in the order of their keys.
func (s Section) byGroup() (periods []Cell, groups []grouped) {
	cells := slices.Clone(s.Cells)
	slices.SortStableFunc(cells, func(a, b Cell) int {
		return cmp.Or(slices.Compare(a.Group, b.Group), cmp.Compare(a.At, b.At), strings.Compare(a.Period, b.Period))
	})
	for _, c := range cells {
		if n := len(groups); n == 0 || !slices.Equal(groups[n-1].all.Group, c.Group) {
			groups = append(groups, grouped{all: Cell{Group: c.Group}})
		}
		g := &groups[len(groups)-1]
		g.all = g.all.plus(c)
		if c.Period == "" {
			continue
		}
		g.periods = added(g.periods, c)
	}
	slices.SortStableFunc(cells, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.Period, b.Period))
	})
	for _, c := range cells {
		if c.Period != "" {
			periods = added(periods, c)
		}
	}
	return periods, groups
}

// added counts a cell in the last period where that is its own, and in a new one else.
func added(periods []Cell, c Cell) []Cell {
	if n := len(periods); n > 0 && periods[n-1].Period == c.Period && periods[n-1].At == c.At {
		periods[n-1] = periods[n-1].plus(c)
		return periods
	}
	return append(periods, c)
}

// group shows one group with its periods.
func (s Section) group(g grouped, tests *[]*test) Group {
	out := Group{Key: g.all.Group, Figure: s.figure(g.all, g.all.Group)}
	var last *Cell
	for i, c := range g.periods {
		p := Period{Name: c.Period, Figure: s.figure(c, g.all.Group)}
		if s.shown(c) {
			if last != nil {
				p.Change = s.compare(*last, c, tests)
				p.Change.Since = last.Period
			}
			last = &g.periods[i]
		}
		out.Periods = append(out.Periods, p)
	}
	out.Trend = s.trend(g.periods, tests)
	return out
}

func (s Section) figure(c Cell, key []string) Figure {
	f := s.Metric.figure(c, s.Floor)
	if s.Target == nil || f.Score == nil {
		return f
	}
	if target, set := s.Target(key); set {
		mark := f.Score.Against(target)
		f.Target = &mark
	}
	return f
}

// shown reports whether the scores of all these are.
func (s Section) shown(cells ...Cell) bool {
	return !slices.ContainsFunc(cells, func(c Cell) bool { return c.n() < s.Floor })
}
