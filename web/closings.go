package web

import (
	"context"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// closings makes inbox items of the events that tell of a case that was closed in its CRM.
// It returns the other events: what people do with the tickets of cases starts no program.
func (s *Server) closings(ctx context.Context, events []survey.Event) (items []store.Item, others []survey.Event, err error) {
	told := map[string][]crm.Closing{} // by CRM
	for _, e := range events {
		if closing, ok := s.closing(e); ok {
			told[e.CRM] = append(told[e.CRM], closing)
		}
	}
	if len(told) == 0 {
		return nil, events, nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	known := map[closedAt]store.CaseRecord{}
	for id, closings := range told {
		if err := s.findClosed(ctx, id, closings, known); err != nil {
			return nil, nil, err
		}
	}
	for _, e := range events {
		closing, ok := s.closing(e)
		record, ours := known[closedAt{e.CRM, closing}]
		if !ok || !ours {
			others = append(others, e)
			continue
		}
		item, err := record.Closing(s.opt.Clock.Now())
		if err != nil {
			return nil, nil, err
		}
		items = append(items, item)
	}
	return items, others, nil
}

// closedAt is a closing in a CRM.
type closedAt struct {
	crm string
	crm.Closing
}

func (s *Server) closing(e survey.Event) (crm.Closing, bool) {
	watcher, ok := s.opt.Receivers[e.CRM].(crm.CaseWatcher)
	if !ok {
		return crm.Closing{}, false
	}
	return watcher.Closing(e)
}

// findClosed adds the records of cases that closings in a CRM are about.
func (s *Server) findClosed(ctx context.Context, id string, closings []crm.Closing, known map[closedAt]store.CaseRecord) error {
	var records, cases []string
	for _, c := range closings {
		records, cases = append(records, c.Record), append(cases, c.Case)
	}
	found, err := s.opt.Store.RecordsOf(ctx, id, records, cases)
	for _, r := range found {
		known[closedAt{id, crm.Closing{Case: r.Case}}] = r
		known[closedAt{id, crm.Closing{Kind: r.Kind, Record: r.ID}}] = r
	}
	return err
}
