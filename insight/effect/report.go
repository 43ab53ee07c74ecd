package effect

import (
	"math"
	"slices"

	"github.com/cxloop/cxloop/insight"
)

// Verdict is what may be said of an outcome.
type Verdict string

// From the least that may be said to the most.
const (
	// TooFew: fewer than ten who are alike in one of the groups.
	TooFew Verdict = "too_few"
	// NotComparable: the groups differed before anybody was called.
	NotComparable Verdict = "not_comparable"
	// NoDifference: none that could not be chance.
	NoDifference Verdict = "no_difference"
	// Associated: the groups differ, and it is not known whether because of the call.
	Associated Verdict = "associated"
	// Helped and Harmed: they differ, and chance alone had decided who was called.
	Helped Verdict = "helped"
	Harmed Verdict = "harmed"
)

// Told is what came of one outcome.
type Told struct {
	Outcome Outcome `json:"outcome"`
	Verdict Verdict `json:"verdict"`
	// Comparison is nil where there are too few: no number is shown then.
	*Comparison
	Evidence insight.Evidence `json:"evidence"`
	// Adjusted is P, corrected for the outcomes that are told together (Holm).
	Adjusted float64 `json:"adjusted_p"`
	// Unexplained is Comparison.EValue, of what is Associated; else 0.
	Unexplained float64 `json:"e_value,omitempty"`
}

// Wait is what came of customers who waited for so long, as it is: nothing is matched.
type Wait struct {
	// UpTo is the longest wait in days, 0 for those who waited longer than all others.
	UpTo float64 `json:"up_to_days,omitempty"`
	N    int     `json:"n"`
	// Answered are those who were heard of again, and Recovered who of them is not unhappy
	// any more, nil where they are fewer than ten.
	Answered  int            `json:"answered"`
	Recovered *insight.Share `json:"recovered,omitempty"`
}

// Change is how the next scores of the same customers differ from those that their cases
// began with, in points of 100.
type Change struct {
	N        int              `json:"n"`
	Evidence insight.Evidence `json:"evidence"`
	// Mean, with its 95 % t interval; all 0 where the evidence is hidden.
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Report is whether customers who were called soon did better than those who were left.
type Report struct {
	// Customers are all, of whom some are neither: they waited for longer than Options.Quick
	// and not as long as Options.Left, or it is too early to tell.
	Customers int `json:"customers"`
	Soon      int `json:"called_soon"`
	Left      int `json:"left"`
	// Alike is what customers have in common who are compared.
	Alike []Trait `json:"alike"`
	// Told are the outcomes that are known of customers, and Pasts what the groups were
	// before.
	Told  []Told `json:"outcomes"`
	Pasts []Told `json:"before"`
	// Changes of those called soon, and of those left: the second is what comes of itself.
	SoonChange Change `json:"change_called_soon"`
	LeftChange Change `json:"change_left"`
	Waits      []Wait `json:"waits"`
}

// Observe compares customers who were called soon with those who were left.
func Observe(customers []Customer, o Options) Report {
	out := Report{Customers: len(customers), Waits: waits(customers, o)}
	var groups []subject
	for _, c := range customers {
		switch {
		case c.Followed < o.Left:
		case c.Waited <= o.Quick:
			out.Soon++
			groups = append(groups, subject{Customer: c, first: true})
		case c.Waited > o.Left:
			out.Left++
			groups = append(groups, subject{Customer: c})
		}
	}
	out.Alike = match(groups)
	out.Told, out.Pasts = tell(groups, o, o.Left, func(t *Told, alike bool) {
		t.Verdict = NotComparable
		if alike {
			t.Verdict, t.Unexplained = Associated, t.EValue()
		}
	})
	out.SoonChange, out.LeftChange = changes(groups, o, true), changes(groups, o, false)
	return out
}

// subject is a customer in one of the groups.
type subject struct {
	Customer
	first   bool
	stratum string
}

// tell compares the groups by every outcome that is known, for the horizon from a day on;
// differ says what follows where they do, told whether they were alike before.
func tell(subjects []subject, o Options, from float64, differ func(t *Told, alike bool)) (told, pasts []Told) {
	for _, outcome := range []Outcome{AnsweredBefore, ScoreBefore, BoughtBefore, Worth} {
		if outcome == BoughtBefore && !o.Purchases {
			continue
		}
		back := -o.Horizon
		if outcome != BoughtBefore {
			back = math.Inf(-1)
		}
		pasts = append(pasts, compare(subjects, outcome, back, 0, 0))
	}
	for _, outcome := range []Outcome{Answered, Recovered, NextScore, Bought, Spent, Stayed} {
		if unknown := map[Outcome]bool{Bought: !o.Purchases, Spent: !o.Amounts, Stayed: !o.Contracts}; unknown[outcome] {
			continue
		}
		told = append(told, compare(subjects, outcome, from, from+o.Horizon, from+o.Horizon))
	}
	adjust(pasts)
	adjust(told)
	for i := range pasts {
		pasts[i].judge(func(t *Told) { t.Verdict = NotComparable })
	}
	alike := !slices.ContainsFunc(pasts, Told.differs)
	for i := range told {
		told[i].judge(func(t *Told) { differ(t, alike) })
	}
	return told, pasts
}

// compare compares the groups by one outcome, among those who were followed for so long.
func compare(subjects []subject, outcome Outcome, from, to, followed float64) Told {
	var units []Unit
	for _, s := range subjects {
		if s.Followed < followed {
			continue
		}
		if y, known := outcomes[outcome](s.Customer, from, to); known {
			units = append(units, Unit{s.stratum, s.first, y})
		}
	}
	c := CompareMeans
	if outcome.Share() {
		c = CompareShares
	}
	result := c(units)
	out := Told{Outcome: outcome, Comparison: &result, Evidence: result.evidence(), Adjusted: 1}
	if out.Evidence == insight.Hidden {
		out.Comparison, out.Verdict = nil, TooFew
	}
	return out
}

// adjust corrects the P of those that are shown.
func adjust(told []Told) {
	var p []float64
	for _, t := range told {
		if t.Comparison != nil {
			p = append(p, t.P)
		}
	}
	adjusted := insight.Holm(p)
	for i := range told {
		if told[i].Comparison != nil {
			told[i].Adjusted, adjusted = adjusted[0], adjusted[1:]
		}
	}
}

// differs needs both: the interval of a share and its test are not made alike.
func (t Told) differs() bool {
	return t.Comparison != nil && t.Adjusted < insight.Significant && t.nearest() != 0
}

// judge says what may be said of what is shown.
func (t *Told) judge(differ func(*Told)) {
	switch {
	case t.Comparison == nil:
	case t.differs():
		differ(t)
	default:
		t.Verdict = NoDifference
	}
}

// changes is how the next scores of a group differ from the first.
func changes(subjects []subject, o Options, first bool) Change {
	var moved []float64
	for _, s := range subjects {
		if s.first != first || s.Followed < o.Left+o.Horizon {
			continue
		}
		if a, answered := s.next(o.Left, o.Left+o.Horizon); answered {
			moved = append(moved, a.Score-s.Score)
		}
	}
	return changeOf(moved)
}

// waits are in the order of how long customers waited.
func waits(customers []Customer, o Options) []Wait {
	limits := []float64{o.Quick / 2, o.Quick, o.Left, math.Inf(1)}
	out := make([]Wait, len(limits))
	recovered := make([]int, len(limits))
	for i, limit := range limits[:len(limits)-1] {
		out[i].UpTo = limit
	}
	for _, c := range customers {
		if c.Followed < o.Left+o.Horizon {
			continue
		}
		i := slices.IndexFunc(limits, func(limit float64) bool { return c.Waited <= limit })
		out[i].N++
		if a, answered := c.next(o.Left, o.Left+o.Horizon); answered {
			out[i].Answered++
			if !a.Unhappy {
				recovered[i]++
			}
		}
	}
	for i, w := range out {
		if insight.EvidenceOf(w.Answered) != insight.Hidden {
			share := insight.ShareOf(recovered[i], w.Answered)
			out[i].Recovered = &share
		}
	}
	return out
}
