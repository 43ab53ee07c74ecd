package web

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// received is the answer to events that were taken.
type received struct {
	// Received is how many events the request held, without the echo of
	// cxloop's own writes.
	Received int `json:"received"`
	// Listened is how many of them some program listens to, or a case, or tell of a won
	// deal or of a customer's behaviour.
	Listened int `json:"listened"`
}

// takeWebhook takes a delivery of a CRM.
func (s *Server) takeWebhook(r *http.Request) (any, error) {
	receiver, ok := s.opt.Receivers[r.PathValue("crm")]
	if !ok {
		return nil, crm.Reject(http.StatusNotFound, "no crm with this id is configured")
	}
	body, err := readBody(r, s.opt.MaxBody)
	if err != nil {
		return nil, err
	}
	events, err := receiver.Receive(crm.Delivery{
		Method: r.Method, URL: s.calledURL(r), Header: r.Header, Body: body, Received: s.opt.Now(),
	})
	if err != nil {
		return nil, err
	}
	return s.keepEvents(r.Context(), events)
}

// calledURL is the address that the sender called, in front of any proxy.
func (s *Server) calledURL(r *http.Request) string { return s.publicURL + r.URL.RequestURI() }

// keepEvents puts the events that some program listens to into the inbox, once
// for each such program, and returns when they are durable.
func (s *Server) keepEvents(ctx context.Context, events []survey.Event) (any, error) {
	answer := received{Received: len(events)}
	for i, event := range events {
		if err := checkName(event); err != nil {
			return nil, crm.Reject(http.StatusBadRequest, "event %d: %v", i, err)
		}
	}
	items, events, err := s.closings(ctx, events)
	if err != nil {
		return nil, err
	}
	changes, err := s.accountChanges(ctx, events)
	if err != nil {
		return nil, err
	}
	items = append(items, changes...)
	answer.Listened = len(items)
	for _, event := range events {
		listened, err := s.itemsOf(event)
		if err != nil {
			return nil, err
		}
		wakes := slices.ContainsFunc(changes, func(i store.Item) bool { return i.Key == event.ID && i.Source == inboxSource(event) })
		if len(listened) > 0 && !wakes {
			answer.Listened++
		}
		items = append(items, listened...)
	}
	if len(items) == 0 {
		return answer, nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := s.keep(ctx, items); err != nil {
		return nil, err
	}
	for _, topic := range []store.Topic{store.TopicEvent, store.TopicClick, store.TopicWon, store.TopicBehaviour} {
		if slices.ContainsFunc(items, func(i store.Item) bool { return i.Topic == topic }) {
			s.opt.Notify(topic)
		}
	}
	s.logKept(ctx, items)
	return answer, nil
}

// logKept leads from a request to its events, and from there to their batches,
// which the dispatcher logs.
func (s *Server) logKept(ctx context.Context, items []store.Item) {
	if !s.opt.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	log := s.log(ctx)
	for _, item := range items {
		if item.Topic != store.TopicEvent {
			continue
		}
		event, err := s.opt.Store.EventReference(ctx, item.Key)
		if err != nil {
			return
		}
		crm, _, _ := strings.Cut(item.Source, "|")
		log.Debug("event kept", "topic", item.Topic, "program", item.Lane, "crm", crm, "event", event)
	}
}

// itemsOf are an item for each program that an event may start, one where it tells that a
// deal was won, and one where it tells what a customer bought, subscribes to or wants help
// with.
func (s *Server) itemsOf(event survey.Event) ([]store.Item, error) {
	var items []store.Item
	for _, program := range s.opt.Programs {
		if program.Trigger.Matches(event) && s.mayStart(program.ID, event) {
			items = append(items, store.Item{Topic: store.TopicEvent, Lane: program.ID})
		}
	}
	if won, told := s.opt.Conversions[event.CRM]; told && won.Matches(event) {
		items = append(items, store.Item{Topic: store.TopicWon, Lane: event.CRM})
	}
	if s.tellsBehaviour(event) {
		items = append(items, store.Item{Topic: store.TopicBehaviour, Lane: event.CRM})
	}
	for i := range items {
		payload, err := json.Marshal(event)
		if err != nil {
			return nil, fmt.Errorf("write event: %w", err)
		}
		items[i].Source, items[i].Key, items[i].Payload, items[i].DueAt = inboxSource(event), event.ID, payload, s.opt.Clock.Now()
	}
	return items, nil
}

// mayStart asks a program's condition, as far as the event answers it.
func (s *Server) mayStart(program string, event survey.Event) bool {
	may, reason := s.conditions[program].MayStart(condition.Facts{Event: event, Now: s.opt.Clock.Now()})
	if reason != "" {
		s.opt.Unanswered(program, reason)
	}
	return may
}

// inboxSource tells events of different CRMs apart: two systems may call
// themselves, and number their events, alike. No id of a CRM holds the bar.
func inboxSource(event survey.Event) string { return event.CRM + "|" + event.Source }

// maxName is the longest source or id of an event, in bytes: both are in the
// inbox's unique index, the source with the CRM's id.
const maxName = 512

// checkName refuses an event that the database could not tell from others.
func checkName(event survey.Event) error {
	for _, part := range []struct{ name, text string }{{"id", event.ID}, {"source", event.Source}} {
		switch {
		case part.text == "":
			return fmt.Errorf("%s is missing", part.name)
		case len(part.text) > maxName:
			return fmt.Errorf("%s is longer than %d bytes", part.name, maxName)
		case !utf8.ValidString(part.text) || strings.ContainsFunc(part.text, unicode.IsControl):
			return fmt.Errorf("%s holds characters that are not text", part.name)
		}
	}
	return nil
}
