package web

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// accountChanges makes inbox items of the events that tell of a change of an account with
// an open case: the case follows it, for example to the account's next owner.
func (s *Server) accountChanges(ctx context.Context, events []survey.Event) ([]store.Item, error) {
	var keys []string
	for _, e := range events {
		if key := changedAccount(e); key != "" {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	open, err := s.opt.Store.OpenCases(ctx, keys)
	if err != nil {
		return nil, err
	}
	var items []store.Item
	now := s.opt.Clock.Now()
	for _, e := range events {
		id := open[changedAccount(e)]
		if id == "" {
			continue
		}
		payload, err := json.Marshal(survey.Click{ID: e.ID, CaseID: id, Action: survey.ActionAccountChanged, At: now})
		if err != nil {
			return nil, fmt.Errorf("write a change of an account: %w", err)
		}
		items = append(items, store.Item{
			Topic: store.TopicClick, Lane: id, Source: inboxSource(e), Key: e.ID, Payload: payload, DueAt: now,
		})
	}
	return items, nil
}

// changedAccount is the key of the account that an event says was changed and that can be
// read from its CRM, or "".
func changedAccount(e survey.Event) string {
	if e.Object == nil || e.Object.Type != survey.ObjectAccount || e.Type != survey.ObjectAccount+".changed" {
		return ""
	}
	return survey.RecordKey(e.CRM, e.Object.ID)
}
