package activities

import (
	"strconv"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The steps of a case's history that its clocks write. Choice names the clock, and Target
// the stage of an escalation.
const (
	eventWarned    = "warned"
	eventEscalated = "escalated"
)

// tick lets the clocks of a case tell what they have to, and sets when it has to be looked
// at again.
func (a *Cases) tick(c *survey.Case, team survey.CaseTeam, now time.Time) (history []store.CaseEvent) {
	if staleOwner(team.Owner) {
		team.Owner.Away = false // who was away then may be back: they are looked up next
	}
	told, next := a.SLA.Tick(c, team, now)
	for _, e := range told {
		event := store.CaseEvent{At: now, What: eventWarned, Choice: string(e.Clock)}
		if e.Stage > 0 {
			event.What, event.Target = eventEscalated, strconv.Itoa(int(e.Stage))
		}
		history = append(history, event)
	}
	if len(told) > 0 {
		c.Revision++ // its message says what is due
	}
	c.NextAt = c.NextLook()
	if !next.IsZero() && next.Before(c.NextAt) {
		c.NextAt = next
	}
	return history
}
