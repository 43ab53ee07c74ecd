package hubspot

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// answers answers every request alike.
type answers struct {
	status int
	header http.Header
	body   string
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"results":[{"from":{"id":"5"},"to":[{"toObjectId":7,"associationTypes":[{"label":"Primary"}]}]}]}`,
		`{"results":[{"id":"7","properties":{"email":"a@b.example","hs_timezone":"europe_slash_isle_of_man","associatedcompanyid":"9"}}]}`,
		`{"category":"VALIDATION_ERROR","message":"x [{\"error\":\"INVALID\",\"name\":\"p\"}]","context":{"objectWriteTraceId":["7"]}}`,
		`{"total":9,"results":[{"id":"7","properties":{"email":"a@b.example"}},{"id":"8"}],"paging":{"next":{"after":"2"}}}`,
		`{"id":"7","results":[{"to":[{"toObjectId":7}],"paging":{"next":{"after":"2"}}},{"id":"7","properties":{"content":"[x]","createdate":"1970"}}]}`,
		`{"policyName":"DAILY"}`, `{"status":"COMPLETE","results":[],"errors":[{"category":"X","context":{"objectWriteTraceId":["7"]}}]}`, `[`, `null`, ``,
	} {
		for _, status := range []int{200, 207, 400, 429, 500} {
			f.Add(status, "1", "100", "10000", body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, retryAfter, limit, interval, body string) {
		if status < 100 || status > 599 {
			t.Skip("no HTTP status")
		}
		client, err := New(Options{ID: "hs", Token: "t"})
		if err != nil {
			t.Fatal(err)
		}
		client.http.RetryMax = 0
		client.once.RetryMax = 0
		client.http.HTTPClient = &http.Client{Transport: answers{status, http.Header{
			"Retry-After": {retryAfter}, "X-Hubspot-Ratelimit-Max": {limit}, "X-Hubspot-Ratelimit-Remaining": {retryAfter},
			"X-Hubspot-Ratelimit-Interval-Milliseconds": {interval},
		}, body}}
		client.once.HTTPClient = client.http.HTTPClient
		found, err := client.Resolve(context.Background(), []survey.Object{{Type: survey.ObjectContact, ID: "7"}})
		checkError(t, err)
		for _, c := range found.Contacts {
			if c.Email != "" && !survey.ValidAddress(c.Email) {
				t.Fatalf("%q is taken for an address", c.Email)
			}
		}
		client.pace = newPace() // what the first answer says of limits holds nothing up here
		page, err := client.Audience(context.Background(), crm.AudienceQuery{Where: map[string]string{"country": "DE"}, After: "6"})
		checkError(t, err)
		if next, err := strconv.ParseUint(page.Next, 10, 64); page.Next != "" && (err != nil || next <= 6) {
			t.Fatalf("%q does not lead on", page.Next)
		}
		client.pace = newPace()
		record := crm.CaseRecord{Kind: survey.RecordTicket, About: crm.About{AccountID: "7"}, Mark: "[x]"}
		if id, err := client.MakeRecord(context.Background(), record); err == nil && id == "" {
			t.Fatal("made, without an id")
		} else {
			checkError(t, err)
		}
		client.pace = newPace()
		_, err = client.FindRecord(context.Background(), record, time.Unix(0, 0))
		checkError(t, err)
		client.pace = newPace()
		_, err = client.Push(context.Background(), survey.ObjectContact, []crm.Update{{ID: "7", Values: map[string]string{"cx_nps_last": "9"}}})
		checkError(t, err)
	})
}

// checkError requires an error that says what to do, in a text that a history can hold.
func checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	e, ok := errors.AsType[*integrations.Error](err)
	if !ok || e.After < 0 || len(e.Error()) > 2000 {
		t.Fatalf("%T, %d bytes: %.300v", err, len(err.Error()), err)
	}
}
