package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/activity"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Leads tells a CRM of promoters' friends, and hears of their deals. Its activities run on
// the CRM's queue.
type Leads struct {
	Store store.Store
	CRMs  map[string]crm.CRM
	// Conversions are the events that tell of won deals, by CRM.
	Conversions map[string]survey.Conversion
	Clock       survey.Clock
	Log         *slog.Logger
}

// CreateLeads has the CRM take the new leads of a batch, one after the other. Each call may
// be repeated, so that nothing is in doubt. Those that the CRM refuses are left to an
// operator, so that others are not held up. It returns how many were taken.
func (a *Leads) CreateLeads(ctx context.Context, in LeadsRef) (taken int, err error) {
	vendor, ok := a.CRMs[in.CRM].(crm.LeadTaker)
	if !ok {
		return 0, readable(&integrations.Error{
			Vendor: in.CRM, Kind: integrations.Permanent, Code: "no_leads", Err: errors.New("this CRM is not configured, or takes no leads"),
			Hint: "leads wait until it is",
		})
	}
	leads, err := a.Store.NewLeads(ctx, in.Batch)
	if err != nil {
		return 0, err
	}
	for _, l := range leads {
		if err := timeForACall(ctx); err != nil {
			return taken, err
		}
		outcome, err := createLead(ctx, vendor, l)
		if err != nil {
			return taken, err
		}
		if outcome.State == survey.LeadRefused {
			a.Log.Error("the CRM refuses a lead; it waits for an operator: see cxloop leads", "crm", in.CRM, "lead", l.Lead.ID, "code", outcome.Reason)
		} else {
			taken++
		}
		// What is known is kept even when the worker is told to stop meanwhile.
		if err := a.Store.LeadTaken(context.WithoutCancel(ctx), outcome, a.Clock.Now()); err != nil {
			return taken, err
		}
		activity.RecordHeartbeat(ctx, taken)
	}
	return taken, nil
}

func createLead(ctx context.Context, vendor crm.LeadTaker, l store.LeadDetail) (store.LeadOutcome, error) {
	outcome := store.LeadOutcome{ID: l.Lead.ID, State: survey.LeadCreated}
	record, err := vendor.CreateLead(ctx, crm.Lead{
		ID: l.Lead.ID, Friend: l.Friend, Program: l.Lead.Program, ReferredBy: l.Promoter.ID,
	})
	switch {
	case refused(err):
		outcome.State, outcome.Reason = survey.LeadRefused, integrations.CodeOf(err)
		return outcome, nil
	case err != nil:
		return outcome, repeatable(err)
	case record.Existing:
		outcome.State = survey.LeadExisting
	}
	outcome.Record = record.ID
	return outcome, nil
}

// CreditDeals credits the won deals of a batch to the promoters whose friends they are
// with. It may be repeated.
func (a *Leads) CreditDeals(ctx context.Context, in LeadsRef) (store.Credited, error) {
	items, err := a.Store.BatchItems(ctx, in.Batch)
	if err != nil {
		return store.Credited{}, err
	}
	won, records, err := a.wonDeals(in.CRM, items)
	if err != nil {
		return store.Credited{}, err
	}
	if len(records) > 0 {
		found, err := a.readDeals(ctx, in.CRM, records)
		if err != nil {
			return store.Credited{}, err
		}
		won = append(won, found...)
	}
	return a.Store.CreditDeals(ctx, in.Batch, won, a.Clock.Now(), referralSignals)
}

// wonDeals reads the deals of events that tell all of them, and finds those of which the
// CRM's own records do, by their ids.
func (a *Leads) wonDeals(crmID string, items []store.StoredItem) (won []store.Won, records map[string]store.StoredItem, err error) {
	records = map[string]store.StoredItem{}
	for _, item := range items {
		var event survey.Event
		if err := json.Unmarshal(item.Payload, &event); err != nil {
			return nil, nil, fmt.Errorf("inbox item %d: %w", item.ID, err)
		}
		if event.Object != nil && event.Object.Type == survey.ObjectDeal {
			if _, twice := records[event.Object.ID]; !twice {
				records[event.Object.ID] = item
			}
			continue
		}
		deal := store.Won{CRM: crmID, Deal: item.Key, At: item.DueAt}
		if id, ok := event.Field("deal.id"); ok && id != "" {
			deal.Deal = id
		}
		if contact, _ := event.People(); contact != nil {
			deal.Contacts, deal.Addresses = []string{contact.Key}, []string{contact.Email}
		}
		a.value(&deal, func(name string) string {
			text, _ := event.Field(name)
			return text
		})
		won = append(won, deal)
	}
	return won, records, nil
}

// value puts on a deal what it is worth.
func (a *Leads) value(deal *store.Won, field func(string) string) {
	amount, currency, known := a.Conversions[deal.CRM].Worth(field)
	deal.Currency = currency
	if known {
		deal.Amount = &amount
	}
}

// readDeals reads deals from the CRM.
func (a *Leads) readDeals(ctx context.Context, crmID string, records map[string]store.StoredItem) ([]store.Won, error) {
	vendor, ok := a.CRMs[crmID].(crm.DealReader)
	if !ok {
		return nil, nil // such events come from CRMs alone that can
	}
	ids := make([]string, 0, len(records))
	for id := range records {
		ids = append(ids, id)
	}
	deals, err := vendor.Deals(ctx, ids, a.Conversions[crmID].Fields())
	if err != nil {
		return nil, readable(err)
	}
	won := make([]store.Won, 0, len(deals))
	for _, d := range deals {
		deal := store.Won{CRM: crmID, Deal: d.ID, Contacts: d.Contacts, At: records[d.ID].DueAt}
		a.value(&deal, func(name string) string { return d.Properties[name] })
		won = append(won, deal)
	}
	return won, nil
}
