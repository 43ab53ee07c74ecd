package webhook

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

var received = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

// event is a good event with some of its JSON replaced.
func event(old, replacement string) string {
	const good = `{"specversion":"1.0","id":"e1","source":"shop","type":"order.delivered","subject":"order/7","time":"2026-09-01T10:00:00+02:00","data":{"contact":{"id":"42","email":"lena@nordwind.example"},"account":{"id":7,"name":"Nordwind"},"amount":12.5}}`
	if !strings.Contains(good, old) {
		panic("nothing to replace: " + old)
	}
	return strings.Replace(good, old, replacement, 1)
}

func TestParseEventsTakesThreeShapes(t *testing.T) {
	t.Parallel()
	good := event("", "")
	want := survey.Event{
		ID: "e1", Source: "shop", Type: "order.delivered", Subject: "order/7", CRM: "own",
		Time: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC),
		Data: map[string]any{
			"contact": map[string]any{"id": "42", "email": "lena@nordwind.example"},
			"account": map[string]any{"id": "7", "name": "Nordwind"}, "amount": 12.5,
		},
	}
	for body, n := range map[string]int{good: 1, " [" + good + "," + good + "]\n": 2, `{"events":[` + good + `]}`: 1} {
		events, err := ParseEvents([]byte(body), "own", received)
		require.NoError(t, err)
		require.Len(t, events, n)
		require.Equal(t, want, events[n-1])
	}
	contact, account := want.People()
	require.Equal(t, "own/42", contact.Key)
	require.Equal(t, "own/7", account.Key)
}

func TestParseEventsFillsIn(t *testing.T) {
	t.Parallel()
	events, err := ParseEvents([]byte(event(`"time":"2026-09-01T10:00:00+02:00",`, "")), "own", received)
	require.NoError(t, err)
	require.Equal(t, received, events[0].Time)
	// A long number keeps its digits.
	events, err = ParseEvents([]byte(event(`"id":"42"`, `"id":9007199254740993`)), "own", received)
	require.NoError(t, err)
	contact, _ := events[0].People()
	require.Equal(t, "9007199254740993", contact.ID)
	events, err = ParseEvents([]byte(event(`"account":{"id":7,"name":"Nordwind"},`, `"account":null,`)), "own", received)
	require.NoError(t, err)
	_, account := events[0].People()
	require.Nil(t, account)
}

func TestParseEventsNamesThePlace(t *testing.T) {
	t.Parallel()
	good := event("", "")
	deep := strings.Repeat(`{"a":`, maxDepth+1) + "1" + strings.Repeat("}", maxDepth+1)
	for body, reason := range map[string]string{
		"":                        "body is empty",
		"7":                       "body is neither an event nor an array",
		"<xml/>":                  "body is neither an event nor an array",
		good[:len(good)-1]:        "body is not JSON: unexpected end of JSON input (at byte",
		good + good:               "body is not JSON: invalid character",
		"[]":                      "body has 0 events: want 1 to 500",
		`{"events":7}`:            "events is not an array",
		"[" + good + ",7]":        "events[1] is not a JSON object",
		"[null]":                  "events[0] is not a JSON object",
		"{}":                      "id is missing",
		event(`"e1"`, `""`):       "id is empty",
		event(`"e1"`, `1`):        "id is not text",
		event(`"shop"`, `null`):   "source is not text",
		event(`"type"`, `"kind"`): "type is missing",
		event(`"e1"`, `"`+strings.Repeat("x", 257)+`"`):                   "id has 257 bytes: at most 256 are taken",
		event("2026-09-01T10", "yesterday"):                               "time is not of the form",
		event("2026-09-01T10", "2026-09-03T10"):                           "time is more than 24h0m0s in the future",
		event(`"1.0"`, `"0.3"`):                                           "specversion is not 1.0",
		event(`"data"`, `"payload"`):                                      "data.contact.id is missing",
		event(`"data":{`, `"data":[],"x":{`):                              "data is not an object",
		event(`{"id":"42","email":"lena@nordwind.example"}`, `"42"`):      "data.contact is not an object",
		event(`"id":"42",`, ``):                                           "data.contact.id is missing",
		event(`"42"`, `true`):                                             "data.contact.id is neither text nor a number",
		event(`"42"`, `"`+strings.Repeat("x", 257)+`"`):                   "data.contact.id has 257 bytes",
		event(`"lena@nordwind.example"`, `"lena@"`):                       "data.contact.email is not an e-mail address",
		event(`"lena@nordwind.example"`, `7`):                             "data.contact.email is not an e-mail address",
		event(`"id":7`, `"id":{}`):                                        "data.account.id is neither text nor a number",
		event(`12.5`, deep):                                               "data is nested deeper than 16 levels",
		"[" + good + "," + good + "," + event(`"id":"42",`, "") + "]":     "events[2].data.contact.id is missing",
		`{"events":[` + strings.Repeat(good+",", MaxEvents) + good + `]}`: fmt.Sprintf("body has %d events", MaxEvents+1),
	} {
		events, err := ParseEvents([]byte(body), "own", received)
		require.Nil(t, events)
		rejection, ok := err.(*crm.Rejection)
		require.True(t, ok, body)
		require.Equal(t, http.StatusBadRequest, rejection.Status)
		require.Contains(t, rejection.Reason, reason)
		require.NotContains(t, rejection.Reason, "nordwind")
	}
}
