package casetext

import (
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Case is what is told of a case.
type Case struct {
	store.CaseDetail
	// Program is the case's own; Programs are those of its responses and of earlier scores
	// by version, as far as they are known.
	Program  survey.Program
	Programs map[string]survey.Program
	// Scores are what the contact and others of the account said before, newest first.
	Scores []store.PastScore
	// Dues are the clocks that are running, and Now is when it is told.
	Dues []survey.Due
	Now  time.Time
	// Facts name the attributes that are shown.
	Facts survey.CaseFacts
	// NoNames is set where the case is told without personal data: see WithoutNames.
	NoNames bool
}

// Ink is how a place writes what is more than words.
type Ink struct {
	// Text keeps what customers, CRMs and people of the team wrote from being read as
	// markup.
	Text func(string) string
	// User is somebody of the team, by their Slack user id.
	User func(id string) string
	// When is a moment.
	When func(time.Time) string
	// MostAnswer and MostList are how long the answer to a question and a list of points may
	// be, in characters; 0 for any length.
	MostAnswer, MostList int
}

// Writer words cases in one language for one place.
type Writer struct {
	*Words
	Ink
}

// WithoutNames returns a case without what names or describes its people: names, ids and
// attributes of the contact, what they wrote in their own words, and the team's notes. What
// was chosen and scored stays, and the account.
func WithoutNames(c Case) Case {
	contact := c.Contact
	c.NoNames = true
	c.Contact = survey.Contact{CRM: contact.CRM, AccountKey: contact.AccountKey}
	responses := make([]survey.Response, len(c.Responses))
	for i, r := range c.Responses {
		r.Comment = ""
		r.Answers = chosenAlone(r.Answers)
		responses[i] = r
	}
	c.Responses = responses
	history := make([]store.CaseEvent, len(c.History))
	for i, e := range c.History {
		e.Note = ""
		history[i] = e
	}
	c.History = history
	return c
}

func chosenAlone(answers survey.Answers) survey.Answers {
	chosen := make(survey.Answers, len(answers))
	for id, a := range answers {
		chosen[id] = survey.QuestionAnswer{Chosen: a.Chosen}
	}
	return chosen
}

// latest is the newest response that counts, false where none does.
func (c Case) latest() (survey.Response, bool) {
	for _, r := range c.Responses {
		if r.State != survey.Withdrawn {
			return r, true
		}
	}
	return survey.Response{}, false
}

// audit reports whether the case is of an audit that failed.
func (c Case) audit() bool {
	r, ok := c.latest()
	return ok && r.Band.OfAudit()
}

// Who names whom the case is about.
func (w Writer) Who(c Case) string {
	name, account := c.Contact.Name(), c.Account.Name
	if account == "" && c.Account.ID != "" && (c.NoNames || c.audit()) {
		account = fill(w.AccountID, "id", c.Account.ID)
	}
	switch {
	case c.audit(): // who did it is no part of the title
		name = ""
	case name == "" && account == "" && c.Contact.ID != "":
		return fill(w.ContactID, "id", c.Contact.ID)
	}
	switch {
	case name != "" && account != "":
		return name + ", " + account
	case name+account == "":
		return w.Customer
	}
	return name + account
}

// Title says what the case is about, as plain text.
func (w Writer) Title(c Case) string {
	r, ok := c.latest()
	switch {
	case ok && r.Band.OfAudit():
		return fill(w.FailedAudit, "who", w.Who(c))
	case ok && r.Band.Unhappy():
		return fill(w.Because, "what", Capital(w.Bands[r.Band]), "why", w.Who(c))
	}
	if title := w.Titles[c.Case.Origin]; title != "" {
		return fill(title, "who", w.Who(c))
	}
	return fill(w.Unhappy, "who", w.Who(c))
}

// Record is whom the CRM is to show: the contact, else the account; false for nobody.
func (c Case) Record() (crm string, object survey.Object, ok bool) {
	if c.Contact.ID != "" {
		return c.Contact.CRM, survey.Object{Type: survey.ObjectContact, ID: c.Contact.ID}, true
	}
	return c.Account.CRM, survey.Object{Type: survey.ObjectAccount, ID: c.Account.ID}, c.Account.ID != ""
}
