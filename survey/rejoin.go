package survey

import "time"

// JoinWithin is how long after its end a case takes another unhappy answer still: many
// of one account within a day are one matter.
const JoinWithin = Span(24 * time.Hour)

// TakesAgain reports whether an unhappy answer at a moment re-opens the case, which has
// ended: within a day, and a resolved one for so long, as long as the customer is
// still to be asked again. What was rejected is no case, and once it is known whether the
// customer recovered the next one is another.
func (c Case) TakesAgain(now time.Time, within Span, toAskAgain bool) bool {
	lasts := JoinWithin
	switch c.State {
	case CaseResolved:
		if toAskAgain {
			lasts = max(lasts, within)
		}
	case CaseClosed:
	default:
		return false
	}
	return now.Before(c.EndedAt.Add(lasts.Std()))
}

// Reopen begins another round of a case that has ended, which is of high priority: who
// was unhappy is so again. Who had it has it still, its message is where it was, and
// everything else is anew.
func (c *Case) Reopen(now, closeAt time.Time) {
	c.State, c.EndedAt, c.CloseAt, c.NextAt = CaseOpen, time.Time{}, closeAt, time.Time{}
	c.AckedBy, c.AckedAt, c.ResolvedBy = "", time.Time{}, ""
	c.CaseProgress = CaseProgress{
		Owner: c.Owner, Assignee: c.Assignee, Origin: c.Origin, Earlier: c.Earlier,
		Priority: PriorityHigh, Round: c.Round + 1, ReopenedAt: now, CasePlace: c.CasePlace,
	}
}

// Takes notes another answer that leads to the case: what is worse counts.
func (c *Case) Takes(origin CaseOrigin, priority CasePriority) {
	if priority.Above(c.Priority) {
		c.Priority = priority
	}
	if c.Origin != "" && origin.Bad() && !c.Origin.Bad() {
		c.Origin = origin.Kept()
	}
}

// AskedAgain notes what the customer said when asked again after the case was resolved.
// One bad answer outweighs all others. It reports whether that changed the case.
func (c *Case) AskedAgain(bad bool) (changed bool) {
	state := CaseRecovered
	if bad {
		state = CaseUnrecovered
	}
	if c.State == state || c.State == CaseUnrecovered || c.State != CaseResolved && c.State != CaseRecovered {
		return false
	}
	c.State = state
	return true
}

// TakeBack undoes AskedAgain where the answer counts no more.
func (c *Case) TakeBack() (changed bool) {
	if c.State != CaseRecovered && c.State != CaseUnrecovered {
		return false
	}
	c.State = CaseResolved
	return true
}
