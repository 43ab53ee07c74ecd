package activities

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Moment decides at once, for callers who wait for it. It needs no workflow: nothing is
// mailed, and what comes of an invitation is an answer or its expiry.
type Moment struct{ invitations *Invitations }

// NewMoment makes one that decides as invitations do.
func NewMoment(invitations *Invitations) Moment { return Moment{invitations} }

// KeepPeople saves the contact and the account that an event carries over what is known
// of them.
func (m Moment) KeepPeople(ctx context.Context, event survey.Event) error {
	contact, account := event.People()
	var contacts []survey.Contact
	var accounts []survey.Account
	if contact != nil {
		contact.RefreshedAt = m.invitations.Clock.Now()
		contacts = append(contacts, *contact)
	}
	if account != nil {
		accounts = append(accounts, *account)
	}
	return m.invitations.savePeople(ctx, contacts, accounts)
}

// Invite asks the rules whether the contact of an event may be asked by a program in the
// moment, and keeps the invitation with the answer, under an id of the caller's: the
// first one of an id is kept and returned. What the trigger says is about events and is
// not asked.
func (m Moment) Invite(ctx context.Context, id string, program survey.Program, event survey.Event) (store.Invitation, error) {
	a := m.invitations
	if err := m.KeepPeople(ctx, event); err != nil {
		return store.Invitation{}, err
	}
	now := a.Clock.Now()
	candidate, err := m.candidate(ctx, program, event, now)
	if err != nil {
		return store.Invitation{}, err
	}
	made, err := a.Store.Admit(ctx, store.AdmitRequest{
		Batch: id, Program: program.ID, Version: program.Version(), Candidates: []store.Candidate{candidate}, Now: now,
		Kind: program.Kind, Touchpoint: program.AtTouchpoint(), Priority: program.Priority, OpenUntil: program.ExpiresAt(now),
		NoAccount: program.Of == survey.Employees,
		Reads:     survey.ReadsFor(program, a.Rules, now),
		Decide: func(applicant survey.Applicant) survey.Ruling {
			applicant.ByLink = true
			return survey.Decide(program, a.Rules, applicant, now)
		},
		DueAt: func(store.Candidate, survey.Contact) time.Time { return now },
		Locale: func(c survey.Contact) string {
			_, locale := program.TextsFor(c.Locale)
			return locale
		},
		Variant: func(c survey.Contact) string { return program.VariantOf(c.Key) },
		NewID:   func() string { return id },
	})
	if err != nil {
		return store.Invitation{}, err
	}
	return made[0], nil
}

// candidate is the contact of an event with what the program's audience says of it.
func (m Moment) candidate(ctx context.Context, program survey.Program, event survey.Event, now time.Time) (store.Candidate, error) {
	contact, _ := event.People()
	out := store.Candidate{ContactKey: contact.Key, EventAt: now}
	conditions, err := m.invitations.Programs.Conditions(ctx, program.ID, program.Version())
	if err != nil || !conditions.AsksPeople() {
		return out, err
	}
	contacts, err := m.invitations.Store.Contacts(ctx, []string{contact.Key})
	if err != nil {
		return out, err
	}
	known := contacts[contact.Key]
	accounts, err := m.invitations.Store.Accounts(ctx, []string{known.AccountKey})
	if err != nil {
		return out, err
	}
	out.Verdicts = conditions.Verdicts(condition.Facts{Event: event, Contact: known, Account: accounts[known.AccountKey], Now: now})
	out.Verdicts.Condition = nil
	return out, nil
}
