package casetext

import (
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The events that are worded in a way of their own.
const (
	eventOpened    = "opened"
	eventResponse  = "response"
	eventWithdrawn = "withdrawn"
	eventClosed    = "closed"
	eventNoAnswer  = "no_answer"
	// eventWarned and eventEscalated are of clocks, which their choice names.
	eventWarned    = "warned"
	eventEscalated = "escalated"
	eventOwner     = "owner" // its target is the new one
)

// Answered reports whether an event is about a customer's answer.
func Answered(e store.CaseEvent) bool {
	return e.What == eventOpened || e.What == eventResponse || e.What == eventWithdrawn
}

// Line is one event of a case's history in words.
type Line struct {
	At   time.Time
	Text string
	// Said is what the customer or somebody of the team wrote, as they wrote it, or "".
	Said string
}

// Tell words an event of a case's history. It returns false for one that is nobody's
// business but of who clicked in vain, and for one that it does not know.
func (w Writer) Tell(c Case, e store.CaseEvent) (Line, bool) {
	text, known := w.Story[e.What]
	if !known {
		return Line{}, false
	}
	line := Line{At: e.At, Said: e.Note}
	switch e.What {
	case eventNoAnswer:
		if e.Choice != "" { // a rule kept everybody from being asked
			text = w.Story["not_asked"]
		}
	case eventResponse:
		if r, ok := c.answered(e); ok {
			text = fill(w.Story["response_score"], "score", w.Scored(c, r))
			line.Said = r.Comment
		}
	case eventClosed:
		if because := w.ClosedBecause[e.Choice]; because != "" {
			text = fill(w.Because, "what", strings.TrimSuffix(text, "."), "why", because) + "."
		}
	case eventWarned, eventEscalated:
		text = fill(text, "what", w.todo(c, e))
	case eventOwner:
		if e.Target != "" {
			text = w.Story["owner_user"]
		}
	case string(survey.ActionAssign):
		if e.User == e.Target {
			text = w.Story["case_take"]
		}
	case string(survey.ActionSnooze):
		if until, err := time.Parse(time.RFC3339, e.Choice); err == nil {
			text = fill(w.Story["case_snooze_until"], "when", w.When(until))
		}
	case string(survey.ActionResolve):
		text = w.because(text, w.Cause, c.Program.CauseText(e.Choice, w.Locale))
	case string(survey.ActionReject):
		text = w.because(text, w.Reason, survey.RejectText(e.Choice, w.Locale))
	}
	line.Text = fill(text, "user", w.User(e.User), "target", w.User(e.Target))
	return line, true
}

func (w Writer) because(text, label, choice string) string {
	if choice == "" {
		return text
	}
	return text + " " + fill(label, "choice", w.fact(choice)) + "."
}

// todo says what a clock wants done, and by when while that is still to be done.
func (w Writer) todo(c Case, e store.CaseEvent) string {
	what := w.Clocks[e.Choice]
	for _, due := range c.Dues {
		if string(due.Clock) == e.Choice {
			return fill(w.DueBy, "what", what, "when", w.When(due.At))
		}
	}
	return what
}

// answered is the answer that an event tells of, false where it is not known or counts no
// more.
func (c Case) answered(e store.CaseEvent) (survey.Response, bool) {
	i := slices.IndexFunc(c.Responses, func(r survey.Response) bool { return r.ID == e.Choice && r.State != survey.Withdrawn })
	if i < 0 {
		return survey.Response{}, false
	}
	return c.Responses[i], true
}

// Escalated says that nobody takes a case up, to others than those whose case it is.
func (w Writer) Escalated(c Case) string {
	return w.Text(Clip(fill(w.Escalation, "who", w.Who(c)), longestFact))
}

// MovedTo says where a case's message has gone.
func (w Writer) MovedTo(place string) string { return fill(w.Moved, "place", place) }
