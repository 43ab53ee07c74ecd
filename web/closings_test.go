package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// filed is a database that knows records of cases.
type filed struct {
	store.Store
	records []store.CaseRecord
}

func (f filed) RecordsOf(_ context.Context, crm string, records, cases []string) ([]store.CaseRecord, error) {
	var found []store.CaseRecord
	for _, r := range f.records {
		if r.CRM == crm && (slices.Contains(records, r.ID) || slices.Contains(cases, r.Case)) {
			found = append(found, r)
		}
	}
	return found, nil
}

func withRecords(records ...store.CaseRecord) func(*Options) {
	return func(o *Options) {
		o.Store = filed{o.Store, records}
		client, _ := hubspot.New(hubspot.Options{ID: "hubspot", Token: "t"})
		o.Receivers["hubspot"] = client
	}
}

func TestSystemClosesItsCase(t *testing.T) {
	t.Parallel()
	s := newSite(t, withRecords(store.CaseRecord{Case: "C1", CRM: "shop", Kind: survey.RecordMessages}, store.CaseRecord{Case: "C2", CRM: "hubspot"}))
	closed := `{"id":"e1","source":"shop/desk","type":"case.closed","data":{"case":{"id":"C1"}}}`
	for range 2 {
		s.has(s.hook("["+closed+","+strings.ReplaceAll(closed, "C1", "C2")+"]"), http.StatusOK, `{"received":2,"listened":1}`)
	}
	items := s.items(store.TopicClick)
	s.want(len(items) == 1 && len(items["C1"]) == 1, "one item of its own case: %v", items)
	s.want(strings.Contains(string(items["C1"][0].Payload), `"action":"crm_closed"`), "item %s", items["C1"][0].Payload)
	s.has(s.hook(strings.Replace(closed, `"case":{"id":"C1"}`, `"case":{}`, 1)), http.StatusBadRequest, "data.case.id is missing")
}

// TestTicketOfACaseStartsNoProgram ends the case, and asks nobody how that went.
func TestTicketOfACaseStartsNoProgram(t *testing.T) {
	t.Parallel()
	ticket := func(id, property, value string) survey.Event {
		return survey.Event{
			ID: id + property + value, Source: "hubspot/1", CRM: "hubspot", Type: "ticket.changed", Object: &survey.Object{Type: survey.ObjectTicket, ID: id},
			Data: map[string]any{"property": property, "value": value},
		}
	}
	csat := programs()[1]
	csat.ID, csat.Trigger = "ticket-csat", survey.Trigger{Event: "ticket.changed"}
	s := newSite(t, withRecords(store.CaseRecord{Case: "C1", CRM: "hubspot", Kind: survey.RecordTicket, ID: "7"}), func(o *Options) {
		o.Programs = append(o.Programs, csat)
	})
	_, ok := s.server.opt.Receivers["hubspot"].(crm.CaseWatcher)
	s.want(ok, "hubspot tells of no closings")
	got, err := s.server.keepEvents(t.Context(), []survey.Event{
		ticket("7", "hs_pipeline_stage", "4"), ticket("8", "hs_pipeline_stage", "4"), ticket("7", "hs_pipeline_stage", "2"),
		{ID: "9", Source: "hubspot/1", CRM: "hubspot", Type: "task.changed", Object: &survey.Object{Type: "task", ID: "7"}, Data: map[string]any{"property": "hs_task_status", "value": "COMPLETED"}},
	})
	s.ok(err)
	s.want(got == received{Received: 4, Listened: 3}, "%+v", got)
	s.want(len(s.items(store.TopicEvent)["ticket-csat"]) == 2, "the case's ticket was asked about: %v", s.items(store.TopicEvent))
	s.want(len(s.items(store.TopicClick)["C1"]) == 1, "the case goes on")
}
