package survey

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// CaseState is where a case stands.
type CaseState string

// The states of a case.
const (
	CaseOpen         CaseState = "open"
	CaseAcknowledged CaseState = "acknowledged"
	CaseResolved     CaseState = "resolved"
	// CaseClosed: nobody resolved it and it reached the age that the policy sets.
	CaseClosed CaseState = "closed"
)

// Ended reports whether nothing more can happen in the state.
func (s CaseState) Ended() bool { return s == CaseResolved || s == CaseClosed }

// CaseAction is what a person of the account team can do with a case.
type CaseAction string

// The actions, which are also the Slack action ids of their buttons.
const (
	ActionAcknowledge CaseAction = "case_acknowledge"
	ActionResolve     CaseAction = "case_resolve"
)

// Case is the follow-up of unhappy responses of one account, or of one contact
// where the CRM knows no account.
type Case struct {
	ID         string    `json:"id"`
	CRM        string    `json:"crm"`
	AccountKey string    `json:"account_key,omitempty"`
	ContactKey string    `json:"contact_key"`
	Program    string    `json:"program"`
	Version    string    `json:"version"` // of the program
	State      CaseState `json:"state"`
	// Revision counts what a reader of the message would want to see, from 1.
	Revision int `json:"revision"`
	// Shown is the revision that the Slack message shows, 0 before it is posted.
	Shown int `json:"shown"`
	// Answered is the revision that the latest response brought.
	Answered   int       `json:"answered"`
	Channel    string    `json:"channel,omitempty"`
	MessageTS  string    `json:"message_ts,omitempty"`
	OpenedAt   time.Time `json:"opened_at"`
	CloseAt    time.Time `json:"close_at"`
	AckedBy    string    `json:"acked_by,omitempty"` // Slack user id
	AckedAt    time.Time `json:"acked_at,omitzero"`
	ResolvedBy string    `json:"resolved_by,omitempty"` // Slack user id
	EndedAt    time.Time `json:"ended_at,omitzero"`
}

// Click is one press of a button of a case's message.
type Click struct {
	ID     string     `json:"id"`
	CaseID string     `json:"case_id"`
	Action CaseAction `json:"action"`
	User   string     `json:"user"` // Slack user id
	// Seen is the revision of the message that was clicked.
	Seen int       `json:"seen"`
	At   time.Time `json:"at"`
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
	switch click.Action {
	case ActionAcknowledge:
		switch c.State {
		case CaseOpen:
			c.State, c.AckedBy, c.AckedAt = CaseAcknowledged, click.User, click.At
		case CaseAcknowledged:
			return false, nil
		default:
			return false, fmt.Errorf("case is already %s", c.State)
		}
	case ActionResolve:
		switch {
		case !c.State.Ended() && click.Seen < c.Answered:
			return false, fmt.Errorf("another answer has come in that the message did not show yet")
		case !c.State.Ended():
			c.State, c.ResolvedBy, c.EndedAt = CaseResolved, click.User, click.At
		case c.State == CaseResolved:
			return false, nil
		default:
			return false, fmt.Errorf("case is already %s", c.State)
		}
	default:
		return false, fmt.Errorf("unknown action %q", click.Action)
	}
	c.Revision++
	return true, nil
}

// CloseByPolicy ends a case that reached its age at a moment.
func (c *Case) CloseByPolicy(now time.Time) (changed bool) {
	if c.State.Ended() || now.Before(c.CloseAt) {
		return false
	}
	c.State, c.EndedAt = CaseClosed, now
	c.Revision++
	return true
}
