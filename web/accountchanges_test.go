package web

import (
	"context"
	"strings"
	"testing"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// withOpenCase is a database in which one account has an open case.
type withOpenCase struct {
	store.Store
	account, id string
}

func (s withOpenCase) OpenCases(_ context.Context, keys []string) (map[string]string, error) {
	found := map[string]string{}
	for _, key := range keys {
		if key == s.account {
			found[key] = s.id
		}
	}
	return found, nil
}

func TestACaseHearsThatItsAccountWasChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.Store = withOpenCase{o.Store, "hubspot/7", "C1"} })
	change := func(id, kind, object, record string) survey.Event {
		return survey.Event{
			ID: id, Source: "hubspot/1", CRM: "hubspot", Type: kind, Object: &survey.Object{Type: object, ID: record},
			Data: map[string]any{"property": "hubspot_owner_id", "value": "71"},
		}
	}
	carried := change("e5", "account.changed", survey.ObjectAccount, "7")
	carried.Object = nil
	events := []survey.Event{
		change("e1", "account.changed", survey.ObjectAccount, "7"), change("e2", "account.changed", survey.ObjectAccount, "8"),
		change("e3", "account.created", survey.ObjectAccount, "7"), change("e4", "deal.changed", survey.ObjectDeal, "7"), carried,
	}
	for range 2 {
		got, err := s.server.keepEvents(t.Context(), events)
		s.ok(err)
		s.want(got == received{Received: 5, Listened: 1}, "%+v", got)
	}
	items := s.items(store.TopicClick)["C1"]
	s.want(len(items) == 1 && items[0].Key == "e1", "one item: %v", items)
	s.want(strings.Contains(string(items[0].Payload), `"action":"crm_account"`), "item %s", items[0].Payload)
}
