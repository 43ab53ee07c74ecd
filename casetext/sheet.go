package casetext

import (
	"slices"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// longestFact is how much of a value that comes from a CRM is shown, in characters.
const longestFact = 200

// Sheet is how a case stands and whose it is, without what the customer said.
func (w Writer) Sheet(c Case) []Row {
	l := w.Labels
	rows := []Row{{l.State, Capital(w.State(c))}}
	if !c.Case.State.Ended() {
		rows = append(rows, Row{l.HasIt, w.hasIt(c.Case)})
	}
	rows = append(rows, Row{l.Due, w.due(c)})
	if r, ok := c.latest(); ok {
		rows = append(rows, Row{l.Score, w.Scored(c, r)})
	}
	if p := c.Case.Priority; p != "" && p != survey.PriorityNormal {
		rows = append(rows, Row{l.Priority, w.Priorities[p]})
	}
	rows = append(rows, w.why(c)...)
	rows = append(rows, w.people(c)...)
	rows = append(rows, w.facts(c)...)
	rows = append(rows, Row{l.Program, w.Text(c.Program.ID)})
	return slices.DeleteFunc(rows, func(r Row) bool { return r.Value == "" })
}

// State says where a case stands, and by whom.
func (w Writer) State(c Case) string {
	one := c.Case
	state := w.States[one.State]
	switch one.State {
	case survey.CaseAcknowledged:
		return w.by(state, one.AckedBy)
	case survey.CaseContacted:
		return w.by(state, one.ContactedBy)
	case survey.CaseResolved:
		if one.ResolvedBy == "" {
			return fill(w.Because, "what", state, "why", w.ClosedBecause["crm"])
		}
		return w.with(w.by(state, one.ResolvedBy), c.Program.CauseText(one.Cause, w.Locale))
	case survey.CaseRejected:
		return w.with(w.by(state, one.ResolvedBy), survey.RejectText(one.Reason, w.Locale))
	case survey.CaseSnoozed:
		return fill(w.Until, "state", state, "when", w.When(one.SnoozedUntil))
	case survey.CaseClosed:
		if because := w.closedBecause(c); because != "" {
			return fill(w.Because, "what", state, "why", because)
		}
	}
	return state
}

func (w Writer) by(state, user string) string {
	if user == "" {
		return state
	}
	return fill(w.By, "state", state, "user", w.User(user))
}

func (w Writer) with(state, choice string) string {
	if choice == "" {
		return state
	}
	return state + " · " + w.fact(choice)
}

// closedBecause says why a case was closed, as its history tells.
func (w Writer) closedBecause(c Case) string {
	for _, e := range slices.Backward(c.History) {
		if e.What == eventClosed {
			return w.ClosedBecause[e.Choice]
		}
	}
	return ""
}

func (w Writer) hasIt(c survey.Case) string {
	switch {
	case c.Assignee != "":
		return w.User(c.Assignee)
	case c.AckedBy != "":
		return w.User(c.AckedBy)
	}
	return w.Nobody
}

// people are the account and the contact.
func (w Writer) people(c Case) []Row {
	account := c.Account.Name
	if account == "" && c.Account.ID != "" {
		account = fill(w.AccountID, "id", c.Account.ID)
	}
	contact := c.Contact.Name()
	if contact == "" {
		contact = c.Contact.ID
	}
	role := w.Words.Labels.Contact
	if c.audit() {
		role = w.Words.Labels.Auditor
	}
	return []Row{{w.Labels.Account, w.fact(account)}, {role, w.fact(contact)}}
}

// facts are the attributes of the account and the contact that the team is to see.
func (w Writer) facts(c Case) []Row {
	l, f := w.Labels, c.Facts
	of := func(field string) string { return f.Value(field, c.Account, c.Contact) }
	return []Row{
		{l.Value, w.fact(w.amount(of(f.Worth), f.Currency))}, {l.Renewal, w.fact(w.date(of(f.Renewal)))},
		{l.Segment, w.fact(of(f.Segment))}, {l.ChurnRisk, w.fact(of(f.ChurnRisk))},
	}
}

func (w Writer) fact(text string) string { return w.Text(Clip(text, longestFact)) }

// due is what has to be done by when, a line for each clock.
func (w Writer) due(c Case) string {
	var lines []string
	for _, due := range c.Dues {
		line := fill(w.DueBy, "what", w.Clocks[string(due.Clock)], "when", w.When(due.At))
		if due.At.Before(c.Now) {
			line = fill(w.Overdue, "what", line)
		}
		lines = append(lines, Capital(line))
	}
	return strings.Join(lines, "\n")
}
