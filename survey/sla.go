package survey

import "time"

// CaseClock is a step that a team promises to take within a time.
type CaseClock string

// The clocks of a case, in the order in which they run out.
const (
	ClockAcknowledge CaseClock = "acknowledge"
	ClockContact     CaseClock = "contact"
	ClockResolve     CaseClock = "resolve"
)

// EscalationStage is who hears of a clock that ran out.
type EscalationStage int

// The stages, in their order.
const (
	// StageThread: who has the case, in its thread.
	StageThread EscalationStage = 1 + iota
	// StageManager: the manager of the account's owner.
	StageManager
	// StageChannel: the channel for what nobody takes up.
	StageChannel
	// StageTask: a task of high priority in the CRM.
	StageTask
)

// Promises are how long the steps of a case may take, from when it is opened or opened
// again. One that is off has no clock.
type Promises struct {
	Acknowledge BusinessSpan `yaml:"acknowledge"`
	Contact     BusinessSpan `yaml:"contact"`
	Resolve     BusinessSpan `yaml:"resolve"`
}

// Ladder is how late a clock has to be for each stage after the first, which hears at
// once. A stage that is off is left out.
type Ladder struct {
	Manager BusinessSpan `yaml:"manager"`
	Channel BusinessSpan `yaml:"channel"`
	Task    BusinessSpan `yaml:"task"`
}

// SLA is what is promised for cases, and what follows where it is not kept. All spans are
// business time.
type SLA struct {
	// Off: cases have no clocks.
	Off    bool     `yaml:"off"`
	Normal Promises `yaml:",squash"`
	High   Promises `yaml:"high"` // of cases of high priority
	Low    Promises `yaml:"low"`  // of cases of low priority
	// Warn is the part of a span after which the team is warned; 1 for no warning.
	Warn   Share  `yaml:"warn"`
	Ladder Ladder `yaml:"escalate"`
	// Calendar is when those work whose team has no calendar of its own.
	Calendar Calendar `yaml:"-"`
}

func (s SLA) promises(priority CasePriority) Promises {
	switch {
	case s.Off:
		return Promises{Acknowledge: BusinessSpan{Off: true}, Contact: BusinessSpan{Off: true}, Resolve: BusinessSpan{Off: true}}
	case priority == PriorityHigh:
		return s.High
	case priority == PriorityLow:
		return s.Low
	}
	return s.Normal
}

// CaseTeam is by whom a case is followed up.
type CaseTeam struct {
	Owner Owner
	Route CaseRoute
	// NoTasks: the CRM hears of no case.
	NoTasks bool
}

// hears reports whether there is somebody at a stage.
func (t CaseTeam) hears(stage EscalationStage) bool {
	switch stage {
	case StageManager:
		return t.Route.Manager != ""
	case StageChannel:
		return t.Route.Escalation != ""
	case StageTask:
		return !t.NoTasks
	}
	return true
}

// Due is when a clock of a case runs out.
type Due struct {
	Clock CaseClock
	// Warn is when the team is warned, and At when the step has to be taken.
	Warn, At time.Time
	// passes is the business time of the promise.
	passes time.Duration
}

// Dues are the clocks of a case that are running, in their order.
func (s SLA) Dues(c Case, team CaseTeam) []Due {
	if c.State.Ended() || c.State == CaseSnoozed || c.Clocks.Since.IsZero() {
		return nil
	}
	promises, calendar := s.promises(c.Priority), s.calendar(team)
	var dues []Due
	for _, clock := range []struct {
		name CaseClock
		span BusinessSpan
		done bool
	}{
		{ClockAcknowledge, promises.Acknowledge, c.State != CaseOpen},
		{ClockContact, promises.Contact, c.State == CaseContacted},
		{ClockResolve, promises.Resolve, false},
	} {
		if clock.span.Off || clock.done {
			continue
		}
		passes := clock.span.In(calendar)
		warn := time.Duration(float64(passes) * float64(s.Warn))
		dues = append(dues, Due{
			Clock: clock.name, passes: passes,
			Warn: c.Clocks.reads(warn, calendar), At: c.Clocks.reads(passes, calendar),
		})
	}
	return dues
}

func (s SLA) calendar(team CaseTeam) Calendar {
	if team.Route.Calendar != nil {
		return *team.Route.Calendar
	}
	return s.Calendar
}
