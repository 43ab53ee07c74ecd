package survey

import "time"

// CaseState is where a case stands.
type CaseState string

// The states of a case.
const (
	CaseOpen         CaseState = "open"
	CaseAcknowledged CaseState = "acknowledged"
	// CaseContacted: somebody spoke with the customer.
	CaseContacted CaseState = "contacted"
	// CaseSnoozed: put off until a moment.
	CaseSnoozed  CaseState = "snoozed"
	CaseResolved CaseState = "resolved"
	// CaseRejected: not a real case, as somebody of the account team says.
	CaseRejected CaseState = "rejected"
	// CaseClosed: nobody resolved it and it reached the age that the policy sets, or no
	// answer is left in it that counts.
	CaseClosed CaseState = "closed"
	// CaseRecovered and CaseUnrecovered: what the customer said when asked again after
	// the case was resolved.
	CaseRecovered   CaseState = "recovered"
	CaseUnrecovered CaseState = "unrecovered"
)

// CaseStates are all states, those of open cases first.
var CaseStates = []CaseState{
	CaseOpen, CaseAcknowledged, CaseContacted, CaseSnoozed, CaseResolved, CaseRejected, CaseClosed, CaseRecovered, CaseUnrecovered,
}

// Ended reports whether nobody has to do anything in the state.
func (s CaseState) Ended() bool {
	switch s {
	case CaseOpen, CaseAcknowledged, CaseContacted, CaseSnoozed:
		return false
	}
	return true
}

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
	// NextAt is when the case has to be looked at though nobody did anything; zero for
	// CloseAt.
	NextAt time.Time `json:"next_at,omitzero"`
	// Told is the id of the last event of its history that the thread in Slack knows.
	Told         int64 `json:"told,omitempty"`
	CaseProgress `json:"progress"`
}

// CasePriority says how much a case matters beside others.
type CasePriority string

// The priorities. A case of no priority has PriorityNormal.
const (
	PriorityHigh   CasePriority = "high"
	PriorityNormal CasePriority = "normal"
	PriorityLow    CasePriority = "low"
)

// CaseProgress is what people made of a case. Users are Slack user ids.
type CaseProgress struct {
	Priority CasePriority `json:"priority,omitempty"`
	// Owner is the CRM's id of the account's owner, as last seen.
	Owner string `json:"owner,omitempty"`
	// Assignee has the case.
	Assignee     string    `json:"assignee,omitempty"`
	SnoozedUntil time.Time `json:"snoozed_until,omitzero"`
	ContactedBy  string    `json:"contacted_by,omitempty"`
	ContactedAt  time.Time `json:"contacted_at,omitzero"`
	// Cause is what a resolved case came from, and Reason why a rejected one is none.
	Cause  string `json:"cause,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Round counts how often the case was re-opened, the last time at ReopenedAt.
	Round      int       `json:"round,omitempty"`
	ReopenedAt time.Time `json:"reopened_at,omitzero"`
	// Origin is why it was opened, "" for an unhappy score.
	Origin CaseOrigin `json:"origin,omitempty"`
	// Earlier is the case of the same account before, which is named by its successor.
	Earlier string `json:"earlier,omitempty"`
	// Clocks are what the promises of the SLA are counted by.
	Clocks CaseClocks `json:"clocks,omitzero"`
	CasePlace
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

// Wake ends a snooze whose moment has come.
func (c *Case) Wake(now time.Time) (changed bool) {
	if c.State != CaseSnoozed || now.Before(c.SnoozedUntil) {
		return false
	}
	c.wake()
	c.Revision++
	return true
}

func (c *Case) wake() {
	c.State, c.SnoozedUntil = CaseAcknowledged, time.Time{}
	if !c.ContactedAt.IsZero() {
		c.State = CaseContacted
	}
}

// NextLook is when a case has to be looked at though nobody does anything; zero when it
// has ended.
func (c Case) NextLook() time.Time {
	switch {
	case c.State.Ended():
		return time.Time{}
	case c.State == CaseSnoozed && c.SnoozedUntil.Before(c.CloseAt):
		return c.SnoozedUntil
	}
	return c.CloseAt
}
