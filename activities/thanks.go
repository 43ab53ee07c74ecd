package activities

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// ThanksRef names a batch of cases that were resolved.
type ThanksRef struct{ Batch string }

// Thanked says what comes after the thanks of a batch.
type Thanked struct {
	// Again is when those are to be mailed whose window is closed now or for whom the
	// day has no room, on the real clock; zero where there are none.
	Again time.Time
}

// aftercare says what the customers of a case are due that is resolved at a moment.
func aftercare(rule survey.CaseRule, now time.Time) (due store.Aftercare) {
	if rule.Thanks {
		due.ThanksAt = now
	}
	if rule.Resurvey > 0 {
		due.RecheckAt = now.Add(rule.Resurvey.Std())
	}
	return due
}

// caseRule is the rule of the program that a case was opened by, which says what comes
// after its resolution.
func (a *Cases) caseRule(ctx context.Context, c survey.Case) (survey.CaseRule, error) {
	if c.ID == "" { // there is no such case
		return survey.CaseRule{}, nil
	}
	program, err := a.Programs.Get(ctx, c.Program, c.Version)
	return program.FollowUp.Case, err
}

// SendThanks mails the customers of a batch of resolved cases, each when their window is
// open. It may be repeated.
func (m *Mail) SendThanks(ctx context.Context, in ThanksRef) (Thanked, error) {
	now := m.Clock.Now()
	admitted, err := m.Store.AdmitThanks(ctx, store.ThanksRequest{
		Batch: in.Batch, Now: now, NewID: m.NewID,
		Decide: func(r store.ThanksRecipient) survey.Rule { return survey.AdmitThanks(m.Rules, r.Contact, r.Facts) },
	})
	if err != nil {
		return Thanked{}, err
	}
	letters, err := m.thanksLetters(ctx, admitted)
	if err != nil {
		return Thanked{}, err
	}
	letters, again := openNow(m.Clock, letters, func(l letter, at time.Time) time.Time {
		return l.config.MailAt(at, l.contact.Timezone)
	})
	mark := func(state survey.AskState) func(context.Context, []string) error {
		return func(ctx context.Context, ids []string) error {
			return m.Store.MarkThanked(ctx, ids, state, m.Clock.Now())
		}
	}
	var held heldBack
	err = m.deliver(ctx, letters, outcome{
		sent: mark(survey.AskSent), unknown: mark(survey.AskUnknown), refused: mark(survey.AskSuppressed), held: &held,
	})
	if err != nil {
		return Thanked{}, err
	}
	out := Thanked{Again: m.again(again, held)}
	if out.Again.IsZero() {
		err = m.Store.FinishThanks(ctx, in.Batch, m.Clock.Now())
	}
	return out, err
}

func (m *Mail) thanksLetters(ctx context.Context, to []store.ThanksRecipient) ([]letter, error) {
	letters := make([]letter, 0, len(to))
	for _, r := range to {
		program, err := m.Programs.Get(ctx, r.Program, r.Version)
		if err != nil {
			return nil, err
		}
		_, locale := program.TextsFor(r.Contact.Locale)
		letters = append(letters, letter{
			sheet: sheet{kind: thanksMail, program: r.Program, version: r.Version, locale: locale},
			id:    r.ID, config: &program, contact: r.Contact, account: r.Account,
			cause: r.Cause, invitation: r.InvitationID,
		})
	}
	return bySheet(letters), nil
}
