package activities

import (
	"context"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// behaviourOverlap is how far before the beginning of the last pass the next one looks:
// searches lag behind what they search.
const behaviourOverlap = 15 * time.Minute

// ReadBehaviour reads from a CRM what customers did: everything there is in a first pass,
// what was changed since the last pass in every other. Each page is kept with how far that
// is, and another try goes on there. It returns how many records were read.
func (a *Behaviour) ReadBehaviour(ctx context.Context, in CRMRef) (read int, err error) {
	vendor, ok := a.CRMs[in.CRM].(crm.BehaviourReader)
	if !ok {
		return 0, nil // it was configured when this was scheduled
	}
	kept, err := a.Store.BehaviourCursors(ctx)
	if err != nil {
		return 0, err
	}
	for _, objectType := range []string{survey.ObjectDeal, survey.ObjectTicket} {
		if !vendor.ReadsBehaviour(objectType) {
			continue
		}
		cursor := store.BehaviourCursor{CRM: in.CRM, ObjectType: objectType}
		if i := slices.IndexFunc(kept, func(c store.BehaviourCursor) bool { return c.CRM == in.CRM && c.ObjectType == objectType }); i >= 0 {
			cursor = kept[i]
		}
		n, err := a.readPass(ctx, vendor, cursor)
		read += n
		if err != nil {
			return read, err
		}
	}
	return read, nil
}

// readPass goes on with a pass, or begins one, and reads to its end.
func (a *Behaviour) readPass(ctx context.Context, vendor crm.BehaviourReader, c store.BehaviourCursor) (read int, err error) {
	if c.BeganAt.IsZero() {
		c.BeganAt, c.Done = time.Now(), 0
	}
	for {
		if err := timeForACall(ctx); err != nil {
			return read, err
		}
		page, err := vendor.BehaviourPage(ctx, crm.BehaviourQuery{ObjectType: c.ObjectType, Since: c.Since, After: c.After})
		if err != nil {
			return read, readable(err)
		}
		told, err := a.customersOwn(ctx, c, page.Told)
		if err != nil {
			return read, err
		}
		c.After, c.Total = page.Next, c.Done+max(page.Total, len(page.Told))
		c.Done += len(page.Told)
		if page.Next == "" {
			c.Since, c.BeganAt, c.EndedAt, c.Total = c.BeganAt.Add(-behaviourOverlap), time.Time{}, time.Now(), c.Done
		}
		// What was read is kept even when the worker is told to stop meanwhile.
		if _, err := a.Store.SaveBehaviourPage(context.WithoutCancel(ctx), told, c); err != nil {
			return read, err
		}
		read += len(page.Told)
		activity.RecordHeartbeat(ctx, read)
		if page.Next == "" {
			return read, nil
		}
	}
}

// customersOwn leaves out the tickets that cxloop itself made of cases.
func (a *Behaviour) customersOwn(ctx context.Context, c store.BehaviourCursor, told []survey.Behaviour) ([]survey.Behaviour, error) {
	ids := make([]string, len(told))
	for i, b := range told {
		ids[i] = b.ID
	}
	ids, err := a.withoutCases(ctx, c.CRM, c.ObjectType, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(told, func(b survey.Behaviour) bool { return !slices.Contains(ids, b.ID) }), nil
}
