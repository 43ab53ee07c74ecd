package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// ofCases reports whether a batch asks customers again whose cases were resolved.
func ofCases(items []store.StoredItem) bool {
	return len(items) > 0 && items[0].Topic == store.TopicRecheck
}

// ofRechecks reports whether recipients are asked again so.
func ofRechecks(recipients []store.Recipient) bool {
	return len(recipients) > 0 && recipients[0].Invitation.Recheck != ""
}

// admitAgain decides which customers of a batch of resolved cases are asked again, as
// AdmitInvitations does of others: at once, in their window, without variants.
func (a *Invitations) admitAgain(ctx context.Context, in BatchRef, program survey.Program, items []store.StoredItem) (Admitted, error) {
	candidates, err := a.customers(ctx, items)
	if err != nil {
		return Admitted{}, err
	}
	now := a.Clock.Now()
	invitations, err := a.Store.Admit(ctx, store.AdmitRequest{
		Batch: in.Batch, Program: in.Program, Version: in.Version, Candidates: candidates, Now: now,
		Kind: program.Kind, Channel: program.Channel, Touchpoint: program.AtTouchpoint(), Priority: survey.RecheckPriority,
		NoAccount: program.Of == survey.Employees,
		Reads:     survey.ReadsForAgain(program, a.Rules, now), Dimensions: a.Dimensions.For(program),
		Decide: func(applicant survey.Applicant) survey.Ruling {
			return survey.DecideAgain(program, a.Rules, applicant, now)
		},
		DueAt: func(_ store.Candidate, contact survey.Contact) time.Time {
			return program.MailAt(now, contact.Timezone)
		},
		Locale: func(c survey.Contact) string {
			_, locale := program.TextsFor(c.Locale)
			return locale
		},
		NewID: a.NewID,
	})
	if err != nil {
		return Admitted{}, err
	}
	return a.grouped(invitations), nil
}

// customers are those of a batch's cases.
func (a *Invitations) customers(ctx context.Context, items []store.StoredItem) ([]store.Candidate, error) {
	contacts, err := a.Store.Customers(ctx, keysOf(items, func(i store.StoredItem) string { return i.Key }))
	if err != nil {
		return nil, err
	}
	var out []store.Candidate
	for _, item := range items {
		var round int
		if _, err := fmt.Sscanf(item.Source, store.RoundSource, &round); err != nil {
			return nil, fmt.Errorf("inbox item %d: %q is no round of a case", item.ID, item.Source)
		}
		for _, contact := range contacts[item.Key] {
			out = append(out, store.Candidate{ItemID: item.ID, ContactKey: contact, EventAt: item.DueAt, Recheck: item.Key, Round: round})
		}
	}
	return out, nil
}
