package hubspot

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
)

const (
	contactsSearch = "/hubspot/crm/objects/2026-09/contacts/search"
	contactsNames  = "/hubspot/crm/properties/2026-09/contacts"
)

func TestAudienceIsASearchBeyondTheCursor(t *testing.T) {
	t.Parallel()
	client, s := newTestClient(t, map[string][]reply{
		contactsSearch: {{status: 200, body: `{"total":3,"results":[
			{"id":"12","properties":{"email":"lena@nordwind.example","hs_language":"de","associatedcompanyid":"77","jobtitle":"Head"}},
			{"id":"14","properties":{"email":null}}],"paging":{"next":{"after":"2"}}}`}},
		companyLinks:  {{status: 200, body: `{"results":[]}`}},
		companiesRead: {{status: 200, body: `{"results":[{"id":"77","properties":{"name":"Nordwind","hubspot_owner_id":"5"}}]}`}},
	}, func(o *Options) { o.ContactProperties = []string{"jobtitle"} })
	page, err := client.Audience(t.Context(), crm.AudienceQuery{Where: map[string]string{"lifecyclestage": "customer", "country": "DE"}, After: "11"})
	require.NoError(t, err)
	require.Equal(t, "14", page.Next)
	require.Len(t, page.Contacts, 2)
	require.Equal(t, "hs/77", page.Contacts[0].AccountKey)
	require.Equal(t, map[string]string{"jobtitle": "Head"}, page.Contacts[0].Attributes)
	require.Empty(t, page.Contacts[1].Email)
	require.Equal(t, map[string]string{"hubspot_owner_id": "5"}, page.Accounts[0].Attributes)
	require.Len(t, s.requests(), 3, "a company is read once, and only those contacts are asked for theirs that name none")
	require.Equal(t, map[string]any{
		"limit": 200.0, "sorts": []any{"hs_object_id"},
		"properties": []any{"email", "mobilephone", "phone", "firstname", "lastname", "hs_language", "hs_timezone", "associatedcompanyid", "jobtitle"},
		"filterGroups": []any{map[string]any{"filters": []any{
			map[string]any{"propertyName": "country", "operator": "EQ", "value": "DE"},
			map[string]any{"propertyName": "lifecyclestage", "operator": "EQ", "value": "customer"},
			map[string]any{"propertyName": "hs_object_id", "operator": "GT", "value": "11"},
		}}},
	}, s.requests()[0].body)
}

func TestAudienceOfEverybodyIsOneFilter(t *testing.T) {
	t.Parallel()
	client, s := newTestClient(t, map[string][]reply{contactsSearch: {{status: 200, body: `{"results":[]}`}}})
	page, err := client.Audience(t.Context(), crm.AudienceQuery{})
	require.NoError(t, err)
	require.Equal(t, crm.AudiencePage{}, page)
	require.Equal(t, []any{map[string]any{"filters": []any{
		map[string]any{"propertyName": "hs_object_id", "operator": "GT", "value": "0"},
	}}}, s.requests()[0].body["filterGroups"])
}

func TestAudienceRefusesWhatWouldGoWrong(t *testing.T) {
	t.Parallel()
	names := reply{status: 200, body: `{"results":[{"name":"country"}]}`}
	refused := reply{status: 400, body: `{"status":"error","category":"VALIDATION_ERROR","message":"There was a problem with the request."}`}
	for name, c := range map[string]struct {
		query  crm.AudienceQuery
		search reply
		kind   integrations.ErrorKind
		code   string
		hint   string
	}{
		"too many": {crm.AudienceQuery{Where: map[string]string{"a": "", "b": "", "c": "", "d": "", "e": "", "f": ""}}, reply{}, integrations.Permanent, "audience", ""},
		"no such property": {
			crm.AudienceQuery{Where: map[string]string{"plan": "gold", "country": "DE"}}, refused, integrations.Permanent, unknownProperty,
			"contacts in HubSpot have no property plan: correct the audience's where",
		},
		"another mistake":   {crm.AudienceQuery{Where: map[string]string{"country": "DE"}}, refused, integrations.Permanent, "400", ""},
		"out of order":      {crm.AudienceQuery{}, reply{status: 200, body: `{"results":[{"id":"7"},{"id":"6"}]}`}, integrations.RetryAfter, "answer", ""},
		"before the cursor": {crm.AudienceQuery{After: "9"}, reply{status: 200, body: `{"results":[{"id":"9"}]}`}, integrations.RetryAfter, "answer", ""},
		"no number":         {crm.AudienceQuery{}, reply{status: 200, body: `{"results":[{"id":"x"}]}`}, integrations.RetryAfter, "answer", ""},
		"odd cursor":        {crm.AudienceQuery{After: "x"}, reply{status: 200, body: `{"results":[]}`}, integrations.Permanent, "audience", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newTestClient(t, map[string][]reply{contactsSearch: {c.search}, contactsNames: {names}})
			_, err := client.Audience(t.Context(), c.query)
			e, ok := errors.AsType[*integrations.Error](err)
			require.True(t, ok, "%T %v", err, err)
			require.Equal(t, []any{c.kind, c.code, c.hint}, []any{e.Kind, e.Code, e.Hint}, err)
			require.NotContains(t, err.Error(), "gold")
		})
	}
}

// TestSearchesHaveALimitOfTheirOwn: no header tells it, and none changes it.
func TestSearchesHaveALimitOfTheirOwn(t *testing.T) {
	t.Parallel()
	client, s := newTestClient(t, map[string][]reply{contactsSearch: {
		{status: 429, body: `{"policyName":"SECONDLY"}`, header: map[string]string{"Retry-After": "0"}},
		{status: 200, body: `{"results":[]}`, header: map[string]string{
			"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": "0", "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
		}},
	}})
	began := time.Now()
	for range 3 {
		_, err := client.Audience(t.Context(), crm.AudienceQuery{})
		require.NoError(t, err)
	}
	require.Len(t, s.requests(), 4)
	require.Greater(t, time.Since(began), searchWindow, "a refusal of a second's limit is waited for")
	require.InDelta(t, searchesPerSecond, float64(client.searchPace.bucket.Limit()), 0.01)

	resp := &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{}}
	wait, later := client.waitOf(resp)
	require.True(t, later)
	require.Equal(t, windowWait, wait)
}
