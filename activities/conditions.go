package activities

import (
	"cmp"
	"context"
	"time"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// askConditions asks the program's expressions about each candidate, with what the
// store knows of the contact and the account.
func (a *Invitations) askConditions(ctx context.Context, in AdmitInput, items []store.StoredItem, candidates []store.Candidate, now time.Time) error {
	conditions, err := a.Programs.Conditions(ctx, in.Program, in.Version)
	if err != nil || !conditions.AsksPeople() || len(candidates) == 0 {
		return err
	}
	events := make(map[int64]survey.Event, len(items))
	for _, item := range items {
		if item.Topic == store.TopicCampaign {
			continue
		}
		if events[item.ID], err = eventOf(item); err != nil {
			return err
		}
	}
	contacts, err := a.Store.Contacts(ctx, keysOf(candidates, func(c store.Candidate) string { return c.ContactKey }))
	if err != nil {
		return err
	}
	companies := keysOf(candidates, func(c store.Candidate) string { return cmp.Or(c.AccountKey, contacts[c.ContactKey].AccountKey) })
	accounts, err := a.Store.Accounts(ctx, companies)
	if err != nil {
		return err
	}
	for i, c := range candidates {
		candidates[i].Verdicts = conditions.Verdicts(condition.Facts{
			Event: events[c.ItemID], Contact: contacts[c.ContactKey], Account: accounts[companies[i]], Now: now,
		})
	}
	return nil
}
