package survey

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// CaseAction is what a person of the account team can do with a case.
type CaseAction string

// The actions, which are also the Slack action ids of their buttons and the callback
// ids of the forms that ask for more.
const (
	ActionAcknowledge CaseAction = "case_acknowledge"
	ActionAssign      CaseAction = "case_assign"
	ActionSnooze      CaseAction = "case_snooze"
	ActionContacted   CaseAction = "case_contacted"
	ActionResolve     CaseAction = "case_resolve"
	ActionReject      CaseAction = "case_reject"
)

// ActionClosedInCRM is no button: somebody closed the case's task or ticket in the CRM,
// which Click.Target names.
const ActionClosedInCRM CaseAction = "crm_closed"

// ActionAccountChanged is no button: the CRM tells that the case's account was changed.
// It waits until the account was read anew.
const ActionAccountChanged CaseAction = "crm_account"

// CaseActions are all actions, in the order in which they are offered.
var CaseActions = []CaseAction{ActionAcknowledge, ActionContacted, ActionAssign, ActionSnooze, ActionResolve, ActionReject}

// MaxNote is the longest note taken, in characters.
const MaxNote = 2000

// Click is something that a person did with a case: the press of a button, or what they
// said in the form behind it.
type Click struct {
	ID     string     `json:"id"`
	CaseID string     `json:"case_id"`
	Action CaseAction `json:"action"`
	User   string     `json:"user"` // Slack user id
	// Seen is the revision of the message that was clicked.
	Seen int       `json:"seen"`
	At   time.Time `json:"at"`
	// Target is the Slack user id of whom the case is assigned to.
	Target string `json:"target,omitempty"`
	// Until is when a snooze ends.
	Until time.Time `json:"until,omitzero"`
	// Choice is the id of the cause of a resolved case, or of the reason of a rejected one.
	Choice string `json:"choice,omitempty"`
	// Note is what the person wrote. It may name people.
	Note string `json:"note,omitempty"`
	// Round is that of the case which was closed in the CRM.
	Round int `json:"round,omitempty"`
}

// Button is the value of a case's buttons in a message that shows a revision.
func (c Case) Button() string { return c.ID + "." + strconv.Itoa(c.Revision) }

// ParseButton reads a button's value.
func ParseButton(value string) (caseID string, seen int, ok bool) {
	caseID, revision, _ := strings.Cut(value, ".")
	seen, err := strconv.Atoi(revision)
	return caseID, seen, err == nil && caseID != ""
}

// Apply takes a click. A second click that asks for what is already so changes
// nothing and is no error; one that the state does not allow is an error that
// says why, and changes nothing either.
func (c *Case) Apply(click Click) (changed bool, err error) {
	do, known := caseSteps[click.Action]
	if !known {
		return false, fmt.Errorf("unknown action %q", click.Action)
	}
	if c.State.Ended() {
		return false, c.refuseEnded(click.Action)
	}
	if changed, err = do(c, click); changed {
		c.Revision++
	}
	return changed, err
}

// refuseEnded says why nothing can be done with a case that has ended, unless what is
// asked for is so.
func (c *Case) refuseEnded(action CaseAction) error {
	if action == ActionResolve && c.State == CaseResolved || action == ActionReject && c.State == CaseRejected || action == ActionClosedInCRM {
		return nil
	}
	return ClickRefusal{RefusedEnded, fmt.Sprintf("case is already %s", c.State)}
}

var caseSteps = map[CaseAction]func(*Case, Click) (bool, error){
	ActionAcknowledge: (*Case).acknowledge,
	ActionAssign:      (*Case).assign,
	ActionSnooze:      (*Case).snooze,
	ActionContacted:   (*Case).contacted,
	ActionResolve:     (*Case).resolve,
	ActionReject:      (*Case).reject,
	ActionClosedInCRM: (*Case).closedInCRM,
}

// ClickRefusal is why a click changes nothing.
type ClickRefusal struct {
	// Code is one of RefusalCodes: what who clicked reads is worded by it.
	Code   string
	Reason string
}

// Error is the reason.
func (r ClickRefusal) Error() string { return r.Reason }

// The codes of refusals.
const (
	RefusedUser    = "user"     // who clicked may not act
	RefusedEnded   = "ended"    // the case is over
	RefusedNotSeen = "not_seen" // more has come in than who clicked had read
	RefusedNobody  = "nobody"   // the case was given to nobody
	RefusedPast    = "past"     // it was put off until a moment that has passed
	RefusedLate    = "late"     // it was put off until it would be closed
)

// RefusalCodes are all of them.
var RefusalCodes = []string{RefusedUser, RefusedEnded, RefusedNotSeen, RefusedNobody, RefusedPast, RefusedLate}

var errNotSeen = ClickRefusal{RefusedNotSeen, "another answer has come in that the message did not show yet"}

// acknowledge gives the case to who clicked, where nobody has it.
func (c *Case) acknowledge(click Click) (bool, error) {
	if c.State == CaseSnoozed {
		c.wake()
		return true, nil
	}
	return c.acknowledgedBy(click), nil
}

func (c *Case) acknowledgedBy(click Click) (changed bool) {
	if c.State != CaseOpen {
		return false
	}
	c.State, c.AckedBy, c.AckedAt = CaseAcknowledged, click.User, click.At
	if c.Assignee == "" {
		c.Assignee = click.User
	}
	return true
}

// assign gives the case to somebody. Who takes it has acknowledged it; who is given it
// by another has that to do still.
func (c *Case) assign(click Click) (bool, error) {
	if click.Target == "" {
		return false, ClickRefusal{RefusedNobody, "nobody was named"}
	}
	acknowledged := click.Target == click.User && c.acknowledgedBy(click)
	changed := c.Assignee != click.Target || acknowledged
	c.Assignee = click.Target
	return changed, nil
}

func (c *Case) snooze(click Click) (bool, error) {
	switch {
	case !click.Until.After(click.At):
		return false, ClickRefusal{RefusedPast, "a case is put off until a moment to come"}
	case !click.Until.Before(c.CloseAt):
		return false, ClickRefusal{RefusedLate, "the case would be closed by policy before"}
	case c.State == CaseSnoozed && c.SnoozedUntil.Equal(click.Until):
		return false, nil
	}
	c.acknowledgedBy(click)
	c.State, c.SnoozedUntil = CaseSnoozed, click.Until
	return true, nil
}

func (c *Case) contacted(click Click) (bool, error) {
	if c.State == CaseContacted {
		return false, nil
	}
	c.acknowledgedBy(click)
	c.State, c.SnoozedUntil = CaseContacted, time.Time{}
	c.ContactedBy, c.ContactedAt = click.User, click.At
	return true, nil
}

func (c *Case) resolve(click Click) (bool, error) {
	if click.Seen < c.Answered {
		return false, errNotSeen
	}
	c.end(CaseResolved, click)
	c.Cause = click.Choice
	return true, nil
}

func (c *Case) reject(click Click) (bool, error) {
	if click.Seen < c.Answered {
		return false, errNotSeen
	}
	c.end(CaseRejected, click)
	c.Reason = click.Choice
	return true, nil
}

// closedInCRM resolves the case, unless it was re-opened since.
func (c *Case) closedInCRM(click Click) (bool, error) {
	if click.Round < c.Round {
		return false, nil
	}
	c.end(CaseResolved, click)
	return true, nil
}

func (c *Case) end(state CaseState, click Click) {
	c.State, c.ResolvedBy, c.EndedAt, c.SnoozedUntil = state, click.User, click.At, time.Time{}
}
