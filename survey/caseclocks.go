package survey

import (
	"cmp"
	"slices"
	"time"
)

// CaseClocks is the one stopwatch that all clocks of a case are read from: it counts the
// business time of a round, and stands still while the case is snoozed. Since it counts
// what has passed, the hours of another owner hold for what is left.
type CaseClocks struct {
	// Round is the case's round that is counted.
	Round int `json:"round,omitempty"`
	// Passed is the business time until Since.
	Passed time.Duration `json:"passed,omitempty"`
	Since  time.Time     `json:"since,omitzero"`
	// Zone is the time zone in which it counts from there, "" for the calendar's.
	Zone    string `json:"zone,omitempty"`
	Stopped bool   `json:"stopped,omitempty"`
	// What was told in the round.
	Acknowledge ClockTold       `json:"acknowledge,omitzero"`
	Contact     ClockTold       `json:"contact,omitzero"`
	Resolve     ClockTold       `json:"resolve,omitzero"`
	Stage       EscalationStage `json:"stage,omitempty"` // the highest that heard of the case
}

// ClockTold is what was told of a clock.
type ClockTold struct {
	Warned bool `json:"warned,omitempty"`
	Missed bool `json:"missed,omitempty"`
}

func (k *CaseClocks) told(clock CaseClock) *ClockTold {
	switch clock {
	case ClockAcknowledge:
		return &k.Acknowledge
	case ClockContact:
		return &k.Contact
	}
	return &k.Resolve
}

// reads is the moment at which the stopwatch reads a time.
func (k CaseClocks) reads(passed time.Duration, calendar Calendar) time.Time {
	return calendar.Add(k.Since, passed-k.Passed, k.Zone)
}

// count brings the stopwatch to a moment.
func (k *CaseClocks) count(at time.Time, calendar Calendar) {
	if !at.After(k.Since) {
		return
	}
	if !k.Stopped {
		k.Passed += calendar.Between(k.Since, at, k.Zone)
	}
	k.Since = at
}

// Follow has the clocks of a case follow what became of it at a moment, the last of which
// they know: they begin, stop for a snooze, go on after it, and change the time zone with
// the owner. A case that was not shown yet was opened just before; one that was, before
// there were clocks for it, is given the whole time.
func (s SLA) Follow(c *Case, team CaseTeam, at time.Time) {
	if s.Off {
		c.Clocks = CaseClocks{}
	}
	if s.Off || c.State.Ended() {
		return
	}
	k, calendar := &c.Clocks, s.calendar(team)
	if k.Since.IsZero() || k.Round != c.Round {
		*k = CaseClocks{Round: c.Round, Since: at, Zone: team.Owner.Zone}
		switch {
		case c.Round > 0 && !c.ReopenedAt.IsZero():
			k.Since = c.ReopenedAt
		case c.Shown == 0:
			k.Since = c.OpenedAt
		}
	}
	if snoozed := c.State == CaseSnoozed; k.Zone != team.Owner.Zone || k.Stopped != snoozed {
		k.count(at, calendar)
		k.Zone, k.Stopped = team.Owner.Zone, snoozed
	}
}

// ClockEvent is what the clocks of a case tell: a warning, or an escalation to a stage.
type ClockEvent struct {
	Clock CaseClock
	Stage EscalationStage // 0 of a warning
	at    time.Time
}

// Tick returns what the clocks of a case tell at a moment, each thing once in a round, and
// the moment at which they tell more, zero where they do not.
//
// The thread hears of each clock that runs out, at once. The other stages hear of the case
// when one of its clocks is as late as the ladder says. Where the owner is away and nobody
// has the case, the first of manager and channel hears of it without waiting.
func (s SLA) Tick(c *Case, team CaseTeam, now time.Time) (told []ClockEvent, next time.Time) {
	s.Follow(c, team, now)
	dues := s.Dues(*c, team)
	if len(dues) == 0 {
		return nil, time.Time{}
	}
	if team.Owner.Away && c.State == CaseOpen && c.Assignee == "" && c.Clocks.Stage < StageManager {
		if stage, found := s.standIn(team); found {
			c.Clocks.Stage = stage
			told = append(told, ClockEvent{Clock: dues[0].Clock, Stage: stage, at: now})
		}
	}
	come := func(at time.Time) bool {
		if !at.After(now) {
			return true
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
		return false
	}
	for _, due := range dues {
		was := c.Clocks.told(due.Clock)
		missed := come(due.At)
		switch {
		case missed && !was.Missed:
			*was = ClockTold{Warned: true, Missed: true}
			told = append(told, ClockEvent{Clock: due.Clock, Stage: StageThread, at: due.At})
		case !missed && !was.Warned && s.Warn < 1 && come(due.Warn):
			was.Warned = true
			told = append(told, ClockEvent{Clock: due.Clock, at: due.Warn})
		}
	}
	for _, step := range s.ladder(dues, c.Clocks, team) {
		if !come(step.at) {
			break
		}
		c.Clocks.Stage = step.Stage
		told = append(told, step)
	}
	slices.SortStableFunc(told, func(a, b ClockEvent) int { return a.at.Compare(b.at) })
	return told, next
}

// standIn is the stage that hears of a case whose owner is away.
func (s SLA) standIn(team CaseTeam) (stage EscalationStage, found bool) {
	for _, stage := range []EscalationStage{StageManager, StageChannel} {
		if team.hears(stage) {
			return stage, true
		}
	}
	return 0, false
}

// ladder is when the stages hear of a case that have not yet, each of the clock that is
// first as late as it takes.
func (s SLA) ladder(dues []Due, clocks CaseClocks, team CaseTeam) []ClockEvent {
	calendar := s.calendar(team)
	first := slices.MinFunc(dues, func(a, b Due) int { return cmp.Compare(a.passes, b.passes) })
	var steps []ClockEvent
	for _, step := range []struct {
		stage EscalationStage
		late  BusinessSpan
	}{{StageManager, s.Ladder.Manager}, {StageChannel, s.Ladder.Channel}, {StageTask, s.Ladder.Task}} {
		if step.late.Off || step.stage <= clocks.Stage || !team.hears(step.stage) {
			continue
		}
		at := clocks.reads(first.passes+step.late.In(calendar), calendar)
		steps = append(steps, ClockEvent{Clock: first.Clock, Stage: step.stage, at: at})
	}
	return steps
}
