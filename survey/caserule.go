package survey

// CaseOrigin is why an answer leads to a case.
type CaseOrigin string

// The origins, in the order in which they are looked for.
const (
	// OriginUnhappy: the score is a detractor's, dissatisfied, hard, or of a failed audit.
	OriginUnhappy CaseOrigin = "unhappy"
	// OriginContradiction: the score is not, and the comment is angry.
	OriginContradiction CaseOrigin = "contradiction"
	// OriginCondition: CaseRule.When holds.
	OriginCondition CaseOrigin = "condition"
	// OriginPassive: the score is in the middle.
	OriginPassive CaseOrigin = "passive"
)

// Bad reports whether an answer of the origin says that the customer is unhappy.
func (o CaseOrigin) Bad() bool { return o == OriginUnhappy || o == OriginContradiction }

// Kept is the origin as a case and its history keep it: "" for an unhappy score.
func (o CaseOrigin) Kept() CaseOrigin {
	if o == OriginUnhappy {
		return ""
	}
	return o
}

// Middle reports whether the band is neither the unhappy nor the happy one.
func (b Band) Middle() bool { return b == Passive || b == Neutral || b == Weak }

// OriginOf says why a response leads to a case, "" where it leads to none; fits says that
// CaseRule.When holds for it. One of nobody in particular leads to none: there is nobody
// to come back to.
func (p Program) OriginOf(r Response, fits bool) CaseOrigin {
	rule := p.FollowUp.Case
	switch {
	case rule.Off || r.ContactKey == "":
	case r.Band.Unhappy():
		return OriginUnhappy
	case p.Contradicted(r):
		return OriginContradiction
	case fits:
		return OriginCondition
	case rule.Passives && r.Band.Middle():
		return OriginPassive
	}
	return ""
}

// Contradicted reports whether a score that is not unhappy stands beside an angry
// comment, where the program looks for that.
func (p Program) Contradicted(r Response) bool {
	return p.FollowUp.Case.Contradictions && !r.Band.Unhappy() && r.Reading.Tone == Angry
}

// Misread reports whether an unhappy score stands beside a pleased comment: the customer
// may have taken the scale the wrong way round.
func (p Program) Misread(r Response) bool {
	return p.FollowUp.Case.Contradictions && r.Band.Unhappy() && r.Reading.Tone == Pleased
}

// PriorityOf is the priority of a case that a response leads to: that of CaseRule.When
// where it fits, else low for a score in the middle.
func (p Program) PriorityOf(origin CaseOrigin, fits bool) CasePriority {
	switch {
	case fits && p.FollowUp.Case.Priority != "":
		return p.FollowUp.Case.Priority
	case origin == OriginPassive:
		return PriorityLow
	}
	return PriorityNormal
}

// Above reports whether a priority matters more than another.
func (p CasePriority) Above(other CasePriority) bool { return p.rank() > other.rank() }

func (p CasePriority) rank() int {
	switch p {
	case PriorityHigh:
		return 1
	case PriorityLow:
		return -1
	}
	return 0
}
