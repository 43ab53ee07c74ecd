package survey

import (
	"maps"
	"reflect"
	"time"
)

// ResponseState says whether the customer may still be at it.
type ResponseState string

// The states of a response.
const (
	Provisional ResponseState = "provisional"
	Final       ResponseState = "final"
	// Held: a machine gave it, as it seems. It is in no response, and counts nowhere.
	Held ResponseState = "held"
	// Withdrawn: it counted, and does no more: a machine gave it, or an operator says so.
	Withdrawn ResponseState = "withdrawn"
)

// MaxComment is the longest comment taken, in characters.
const MaxComment = 5000

// Answer is what a customer gave in one step of the survey page. It replaces
// what the response held before.
type Answer struct {
	Score   int
	Comment string
	// KeepComment is set for a step that did not ask for a comment: the one given
	// before stays.
	KeepComment bool
	// Answers are to the questions of this step alone; those to others stay.
	Answers Answers
	// Done is set when the customer pressed "done": nothing more is waited for. Once
	// done stays done.
	Done bool
}

// Take changes a response to what an answer says and reports whether that changed
// anything.
func (r *Response) Take(a Answer) (changed bool) {
	before := *r
	r.Score, r.Done = a.Score, r.Done || a.Done
	if !a.KeepComment {
		r.Comment = a.Comment
	}
	if len(a.Answers) > 0 {
		r.Answers = maps.Clone(r.Answers)
		if r.Answers == nil {
			r.Answers = Answers{}
		}
		maps.Copy(r.Answers, a.Answers)
	}
	return !reflect.DeepEqual(*r, before)
}

// Response is the present answer to one invitation.
type Response struct {
	ID           string `json:"id"`
	InvitationID string `json:"invitation_id"`
	Program      string `json:"program"`
	Version      string `json:"version"`
	// ContactKey is "" where somebody answered of whom nothing is known.
	ContactKey string        `json:"contact_key"`
	AccountKey string        `json:"account_key,omitempty"`
	State      ResponseState `json:"state"`
	Score      int           `json:"score"`
	Band       Band          `json:"band"`
	Comment    string        `json:"comment,omitempty"`
	Answers    Answers       `json:"answers,omitempty"`
	// Reading is what the comment said when the response was last recorded.
	Reading Reading `json:"reading,omitzero"`
	// Locale is the language in which the customer was asked, or "".
	Locale string `json:"locale,omitempty"`
	Done   bool   `json:"done"`
	// Revision counts the changes, from 1.
	Revision int `json:"revision"`
	// Recorded is the revision that ResponseWorkflow last dealt with, 0 before.
	Recorded int `json:"recorded"`
	// Alerted is when the account team was first told, zero before.
	Alerted    time.Time `json:"alerted,omitzero"`
	AnsweredAt time.Time `json:"answered_at"`
	ChangedAt  time.Time `json:"changed_at"`
}

// DueAt is when ResponseWorkflow has to look at a response after a change: at
// once when the customer is done, after AlertAfter when it may lead to a case and was not
// looked at for that, else FinalAfter after the last change.
func (p Program) DueAt(r Response) time.Time {
	if r.Done {
		return r.ChangedAt
	}
	final := r.ChangedAt.Add(p.FollowUp.FinalAfter.Std())
	if r.Alerted.IsZero() && p.OriginOf(r, p.FollowUp.Case.When != "") != "" {
		if alert := r.AnsweredAt.Add(p.FollowUp.Case.AlertAfter.Std()); alert.Before(final) {
			return alert
		}
	}
	return final
}

// IsFinal reports whether a response is final at a moment.
func (p Program) IsFinal(r Response, now time.Time) bool {
	return r.Done || r.State == Withdrawn || !now.Before(r.ChangedAt.Add(p.FollowUp.FinalAfter.Std()))
}

// NextStep is what a response leads to.
type NextStep struct {
	// Case opens a case, or tells the open one what changed.
	Case bool
	// Origin is why, and Priority that of a new one.
	Origin   CaseOrigin
	Priority CasePriority
	// Draw decides, where there is one, whether a new case is opened.
	Draw Draw
	// Ask says that an ask may follow: ChooseAsk tells which, or why none.
	Ask bool
}

// Next decides what a response leads to at a moment; fits says that CaseRule.When holds
// for it. A case does not wait for the response to be final; an ask does.
func (p Program) Next(r Response, fits bool, now time.Time) NextStep {
	if r.State == Withdrawn {
		return NextStep{}
	}
	next := NextStep{Ask: r.ContactKey != "" && len(p.FollowUp.AskKinds()) > 0 && p.IsFinal(r, now)}
	if origin := p.OriginOf(r, fits); origin != "" {
		next.Case, next.Origin, next.Priority = true, origin, p.PriorityOf(origin, fits)
		next.Draw = p.DrawOf(r, origin)
	}
	return next
}
