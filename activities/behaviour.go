package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Behaviour keeps what customers buy, subscribe to and want help with. Its activities run
// on the CRM's queue.
type Behaviour struct {
	Store store.Store
	CRMs  map[string]crm.CRM
	Clock survey.Clock
	Log   *slog.Logger
}

// BehaviourRef names a batch of a CRM's events that tell of behaviour.
type BehaviourRef struct{ CRM, Batch string }

// TakeBehaviour keeps what the events of a batch tell, and what the records tell that they
// are about. It may be repeated.
func (a *Behaviour) TakeBehaviour(ctx context.Context, in BehaviourRef) (store.BehaviourSaved, error) {
	items, err := a.Store.BatchItems(ctx, in.Batch)
	if err != nil {
		return store.BehaviourSaved{}, err
	}
	told, records, err := a.told(items)
	if err != nil {
		return store.BehaviourSaved{}, err
	}
	for _, objectType := range slices.Sorted(maps.Keys(records)) {
		more, err := a.read(ctx, in.CRM, objectType, records[objectType])
		if err != nil {
			return store.BehaviourSaved{}, err
		}
		told = append(told, more...)
	}
	return a.Store.TakeBehaviour(ctx, in.Batch, told, a.Clock.Now())
}

// told reads what events tell by themselves, and finds the records that others are about:
// by their types, each once, with the time of its last event.
func (a *Behaviour) told(items []store.StoredItem) (told []survey.Behaviour, records map[string]map[string]time.Time, err error) {
	records = map[string]map[string]time.Time{}
	for _, item := range items {
		var event survey.Event
		if err := json.Unmarshal(item.Payload, &event); err != nil {
			return nil, nil, fmt.Errorf("inbox item %d: %w", item.ID, err)
		}
		if o := event.Object; o != nil {
			if records[o.Type] == nil {
				records[o.Type] = map[string]time.Time{}
			}
			if event.Time.After(records[o.Type][o.ID]) {
				records[o.Type][o.ID] = event.Time
			}
			continue
		}
		b, ok, err := survey.BehaviourOf(event)
		if f, bad := errors.AsType[*survey.FieldFault](err); bad {
			a.Log.Error("an event is left out that was taken by another version", "item", item.ID, "field", f.Field)
		}
		if ok {
			told = append(told, b)
		}
	}
	return told, records, nil
}

// read reads records of a type from the CRM.
func (a *Behaviour) read(ctx context.Context, crmID, objectType string, records map[string]time.Time) ([]survey.Behaviour, error) {
	vendor, ok := a.CRMs[crmID].(crm.BehaviourReader)
	if !ok || !vendor.ReadsBehaviour(objectType) {
		return nil, nil // it was configured when they came
	}
	ids, err := a.withoutCases(ctx, crmID, objectType, slices.Sorted(maps.Keys(records)))
	if err != nil {
		return nil, err
	}
	told, err := vendor.Behaviour(ctx, objectType, ids, latest(records))
	if err != nil {
		return nil, readable(err)
	}
	return told, nil
}

func latest(records map[string]time.Time) (at time.Time) {
	for _, t := range records {
		if t.After(at) {
			at = t
		}
	}
	return at
}

// withoutCases leaves out the tickets that cxloop itself made of cases: no customer opened
// them.
func (a *Behaviour) withoutCases(ctx context.Context, crmID, objectType string, ids []string) ([]string, error) {
	if objectType != survey.ObjectTicket || len(ids) == 0 {
		return ids, nil
	}
	ours, err := a.Store.RecordsOf(ctx, crmID, ids, nil)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(ids, func(id string) bool {
		return slices.ContainsFunc(ours, func(r store.CaseRecord) bool { return r.ID == id && r.Kind == survey.RecordTicket })
	}), nil
}
