package activities

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"go.temporal.io/sdk/activity"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Signals writes changed values to CRM records. Its activity runs on the CRM's
// queue.
type Signals struct {
	Store store.Store
	CRMs  map[string]crm.CRM
	Clock survey.Clock
	Log   *slog.Logger
}

// CRMRef names a configured CRM.
type CRMRef struct{ CRM string }

// Pushed is what PushSignals did.
type Pushed struct {
	Records int
	// More is set when there is more to push.
	More bool
}

// pushesAtOnce bounds one activity, so that its time-out can be short.
const pushesAtOnce = 50

// PushSignals writes what changed, in the CRM's batch size, until nothing is left
// or it has made its share of calls. A write sets values and may be repeated.
func (s *Signals) PushSignals(ctx context.Context, in CRMRef) (Pushed, error) {
	vendor := s.CRMs[in.CRM]
	var out Pushed
	for range pushesAtOnce {
		rows, err := s.Store.DirtySignals(ctx, in.CRM, vendor.BatchSize())
		if err != nil || len(rows) == 0 {
			return out, err
		}
		if err := s.push(ctx, in.CRM, vendor, rows); err != nil {
			return out, err
		}
		out.Records += len(rows)
		activity.RecordHeartbeat(ctx, out.Records)
	}
	out.More = true
	return out, nil
}

func (s *Signals) push(ctx context.Context, crmID string, vendor crm.CRM, rows []store.SignalRow) error {
	updates := make([]crm.Update, len(rows))
	for i, row := range rows {
		updates[i] = crm.Update{ID: row.ObjectID, Values: row.Values}
	}
	refusals, err := vendor.Push(ctx, rows[0].ObjectType, updates)
	switch {
	case refused(err):
		refusals = refuseAll(updates, integrations.CodeOf(err))
	case err != nil:
		return repeatable(err)
	}
	pushed, parked := sortOut(rows, refusals)
	for _, code := range slices.Sorted(maps.Keys(parked)) {
		rows := parked[code]
		s.Log.Warn("the CRM refuses values of records", "crm", crmID, "type", rows[0].ObjectType, "code", code, "records", len(rows), "first", rows[0].Record)
		if err := s.Store.SignalsRefused(ctx, crmID, rows, code, s.Clock.Now()); err != nil {
			return err
		}
	}
	return s.Store.SignalsPushed(ctx, crmID, pushed, s.Clock.Now())
}

// sortOut tells the rows that were pushed from those that were refused, by the CRM's code.
func sortOut(rows []store.SignalRow, refusals []crm.Refusal) (pushed []store.SignalRow, refused map[string][]store.SignalRow) {
	codes := make(map[string]string, len(refusals))
	for _, r := range refusals {
		codes[r.ID] = r.Code
	}
	refused = map[string][]store.SignalRow{}
	for _, row := range rows {
		if code, is := codes[row.ObjectID]; is {
			refused[code] = append(refused[code], row)
		} else {
			pushed = append(pushed, row)
		}
	}
	return pushed, refused
}

// refuseAll is for a CRM that refuses a call for good and does not say which rows
// it is about: they are parked, so that others are not held up.
func refuseAll(updates []crm.Update, code string) []crm.Refusal {
	refusals := make([]crm.Refusal, len(updates))
	for i, u := range updates {
		refusals[i] = crm.Refusal{ID: u.ID, Code: code}
	}
	return refusals
}
