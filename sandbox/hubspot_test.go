package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	hsToken      = "pat-test"
	hsContacts   = "/crm/objects/2026-09/contacts"
	hsProperties = "/crm/properties/2026-09/contacts"
)

// testClock stands still until it is moved.
type testClock struct {
	mu sync.Mutex
	t  time.Time
}

func newTestClock() *testClock { return &testClock{t: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)} }

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// hsClient calls the HubSpot stand-in over HTTP.
type hsClient struct {
	t     *testing.T
	s     *Sandbox
	clock *testClock
	base  string
}

func newHSClient(t *testing.T, change func(*Options)) *hsClient {
	t.Helper()
	clock := newTestClock()
	opts := Options{
		HubSpot: HubSpotOptions{Token: hsToken, ClientSecret: "secret", SearchLag: -1},
		Now:     clock.now, Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&opts)
	}
	s, err := New(opts)
	require.NoError(t, err)
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	return &hsClient{t: t, s: s, clock: clock, base: srv.URL + "/hubspot"}
}

type hsAnswer struct {
	status int
	header http.Header
	body   []byte
}

func (a hsAnswer) decode(t *testing.T, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, into), "%s", a.body)
}

// send makes a request; a body that is a string is sent as it is.
func (c *hsClient) send(method, path string, body any, change func(*http.Request)) (hsAnswer, error) {
	raw, isText := body.(string)
	if !isText && body != nil {
		encoded, err := json.Marshal(body)
		require.NoError(c.t, err)
		raw = string(encoded)
	}
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(raw))
	require.NoError(c.t, err)
	req.Header.Set("Authorization", "Bearer "+hsToken)
	req.Header.Set("Content-Type", "application/json")
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return hsAnswer{}, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return hsAnswer{resp.StatusCode, resp.Header, answer}, err
}

func (c *hsClient) call(method, path string, body any) hsAnswer {
	c.t.Helper()
	a, err := c.send(method, path, body, nil)
	require.NoError(c.t, err)
	return a
}

func (c *hsClient) contact(email, company string) *Record {
	c.t.Helper()
	r, err := c.s.CreateContact(map[string]string{"email": email}, company)
	require.NoError(c.t, err)
	return r
}

func (c *hsClient) defineScore() {
	c.t.Helper()
	a := c.call("POST", hsProperties, `{"name":"cx_nps_last","label":"Last NPS","type":"number","fieldType":"number","groupName":"contactinformation"}`)
	require.Equal(c.t, http.StatusCreated, a.status, "%s", a.body)
}

// inputs makes a batch/update body of one property.
func inputs(property, value string, ids ...string) map[string]any {
	list := []any{}
	for _, id := range ids {
		list = append(list, map[string]any{"id": id, "properties": map[string]string{property: value}})
	}
	return map[string]any{"inputs": list}
}

type hsBatch struct {
	Status    string
	Results   []hubSpotObject
	NumErrors int
	Errors    []batchError
}

func TestBatchReadAndUpdate(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	c.defineScore()
	a, b := c.contact("a@x.example", ""), c.contact("b@x.example", "")

	c.clock.advance(time.Minute)
	answer := c.call("POST", hsContacts+"/batch/update", inputs("cx_nps_last", "9", a.ID, b.ID))
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	require.Equal(t, "9", c.s.Record(Contacts, a.ID).Get("cx_nps_last"))
	versions := c.s.Record(Contacts, a.ID).History["cx_nps_last"]
	require.Equal(t, []PropertyVersion{{Value: "9", At: c.clock.now(), Source: SourceIntegration, SourceID: "39522895"}}, versions)

	answer = c.call("POST", hsContacts+"/batch/read", map[string]any{
		"inputs": []any{map[string]string{"id": a.ID}, map[string]string{"id": "404"}}, "properties": []string{"email", "cx_nps_last", "phone", "unheard_of"},
	})
	require.Equal(t, http.StatusMultiStatus, answer.status)
	var got hsBatch
	answer.decode(t, &got)
	require.Len(t, got.Results, 1)
	require.Equal(t, "9", *got.Results[0].Properties["cx_nps_last"])
	require.Contains(t, got.Results[0].Properties, "phone")
	require.Nil(t, got.Results[0].Properties["phone"])
	require.NotContains(t, got.Results[0].Properties, "unheard_of")
	require.Equal(t, []string{"404"}, got.Errors[0].Context["ids"])

	answer = c.call("POST", hsContacts+"/batch/read", `{"inputs":[{"id":"B@x.example"}],"idProperty":"email","propertiesWithHistory":["email"]}`)
	require.Equal(t, http.StatusOK, answer.status)
	got = hsBatch{}
	answer.decode(t, &got)
	require.Equal(t, b.ID, got.Results[0].ID)
	require.Equal(t, "b@x.example", got.Results[0].PropertiesWithHistory["email"][0].Value)
}

func TestBatchUpdatePartial(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	c.defineScore()
	a, b := c.contact("a@x.example", ""), c.contact("b@x.example", "")

	answer := c.call("POST", hsContacts+"/batch/update", inputs("cx_nps_last", "3", a.ID, "404"))
	var got hsBatch
	answer.decode(t, &got)
	require.Equal(t, http.StatusMultiStatus, answer.status)
	require.Equal(t, 1, got.NumErrors)
	require.Equal(t, "OBJECT_NOT_FOUND", got.Errors[0].Category)
	require.Equal(t, "3", c.s.Record(Contacts, a.ID).Get("cx_nps_last"))

	answer = c.call("POST", hsContacts+"/batch/update", fmt.Sprintf(
		`{"inputs":[{"id":%q,"objectWriteTraceId":"one","properties":{"cx_nps_last":"ten"}},{"id":%q,"objectWriteTraceId":"two","properties":{"cx_nps_last":"10"}}]}`, a.ID, b.ID))
	got = hsBatch{}
	answer.decode(t, &got)
	require.Equal(t, http.StatusMultiStatus, answer.status)
	require.Equal(t, []string{"one"}, got.Errors[0].Context["objectWriteTraceId"])
	require.Equal(t, "two", got.Results[0].ObjectWriteTraceID)
	require.Equal(t, "10", c.s.Record(Contacts, b.ID).Get("cx_nps_last"))
	require.Equal(t, []string{"hubspot/invalid_integer"}, rulesOf(c.s))
}

func TestSingleObjects(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	company, err := c.s.CreateCompany(map[string]string{"name": "Acme", "region": "EMEA"})
	require.NoError(t, err)

	answer := c.call("POST", hsContacts, fmt.Sprintf(
		`{"properties":{"email":"new@acme.example"},"associations":[{"to":{"id":%q},"types":[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279}]}]}`, company.ID))
	require.Equal(t, http.StatusCreated, answer.status, "%s", answer.body)
	var made hubSpotObject
	answer.decode(t, &made)

	answer = c.call("PATCH", hsContacts+"/new@acme.example?idProperty=email", `{"properties":{"firstname":"Ann","lastname":null}}`)
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)
	answer = c.call("GET", hsContacts+"/"+made.ID+"?properties=firstname,associatedcompanyid&associations=companies", nil)
	var got hubSpotObject
	answer.decode(t, &got)
	require.Equal(t, "Ann", *got.Properties["firstname"])
	require.Equal(t, company.ID, *got.Properties["associatedcompanyid"])
	require.Equal(t, company.ID, got.Associations["companies"].Results[0].ID)

	require.Equal(t, http.StatusNoContent, c.call("DELETE", hsContacts+"/"+made.ID, nil).status)
	require.Equal(t, http.StatusNotFound, c.call("GET", hsContacts+"/"+made.ID, nil).status)
}

func TestBatchCreateAndArchive(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	answer := c.call("POST", hsContacts+"/batch/create", `{"inputs":[
		{"objectWriteTraceId":"one","properties":{"email":"one@x.example"}},
		{"objectWriteTraceId":"two","properties":{"email":"one@x.example"}}]}`)
	require.Equal(t, http.StatusMultiStatus, answer.status, "%s", answer.body)
	var got hsBatch
	answer.decode(t, &got)
	require.Equal(t, "CONFLICT", got.Errors[0].Category)
	require.Equal(t, []string{"hubspot/unique_email"}, rulesOf(c.s))

	answer = c.call("POST", hsContacts+"/batch/archive", fmt.Sprintf(`{"inputs":[{"id":%q},{"id":"404"}]}`, got.Results[0].ID))
	require.Equal(t, http.StatusNoContent, answer.status)
	require.Nil(t, c.s.ContactByEmail("one@x.example"))
}

func TestAssociations(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	first, err := c.s.CreateCompany(map[string]string{"name": "First"})
	require.NoError(t, err)
	second, err := c.s.CreateCompany(map[string]string{"name": "Second"})
	require.NoError(t, err)
	contact := c.contact("a@x.example", first.ID)
	lone := c.contact("b@x.example", "")

	pair := fmt.Sprintf(`{"inputs":[{"from":{"id":%q},"to":{"id":%q}}]}`, contact.ID, second.ID)
	answer := c.call("POST", "/crm/associations/2026-09/contacts/companies/batch/associate/default", pair)
	require.Equal(t, http.StatusOK, answer.status, "%s", answer.body)

	answer = c.call("POST", "/crm/associations/2026-09/contacts/companies/batch/read", fmt.Sprintf(`{"inputs":[{"id":%q},{"id":%q}]}`, contact.ID, lone.ID))
	require.Equal(t, http.StatusMultiStatus, answer.status)
	var got struct {
		Results []associationResult
		Errors  []batchError
	}
	answer.decode(t, &got)
	require.Equal(t, []associationResult{{From: idObject{contact.ID}, To: []associateTo{
		{ToObjectID: first.ID, AssociationTypes: []associationType{{hubSpotDefined, 279, nil}, {hubSpotDefined, 1, &primaryLabel}}},
		{ToObjectID: second.ID, AssociationTypes: []associationType{{hubSpotDefined, 279, nil}}},
	}}}, got.Results)
	require.Equal(t, []string{lone.ID}, got.Errors[0].Context["fromObjectId"])
}

func TestProperties(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	require.Equal(t, http.StatusNotFound, c.call("GET", hsProperties+"/cx_nps_band", nil).status)
	require.Equal(t, http.StatusCreated, c.call("POST", hsProperties+"/groups", `{"name":"cxloop","label":"cxloop"}`).status)
	answer := c.call("POST", hsProperties+"/batch/create", `{"inputs":[
		{"name":"cx_nps_band","label":"Band","type":"enumeration","fieldType":"select","groupName":"cxloop","options":[{"label":"Promoter","value":"promoter","hidden":false}]},
		{"name":"email","label":"Again","type":"string","fieldType":"text","groupName":"cxloop"}]}`)
	require.Equal(t, http.StatusMultiStatus, answer.status, "%s", answer.body)

	var list struct{ Results []propertyView }
	c.call("GET", hsProperties, nil).decode(t, &list)
	require.True(t, slices.ContainsFunc(list.Results, func(p propertyView) bool { return p.Name == "cx_nps_band" && p.GroupName == "cxloop" }))
	answer = c.call("POST", hsProperties+"/batch/read", `{"archived":false,"inputs":[{"name":"createdate"},{"name":"unheard_of"}]}`)
	require.Equal(t, http.StatusMultiStatus, answer.status)
	list.Results = nil
	answer.decode(t, &list)
	require.True(t, list.Results[0].Modification.ReadOnlyValue)

	var groups struct{ Results []PropertyGroup }
	c.call("GET", hsProperties+"/groups", nil).decode(t, &groups)
	require.Len(t, groups.Results, 2)
}

func TestOwners(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	var page struct {
		Results []Owner
		Paging  struct{ Next struct{ After string } }
	}
	c.call("GET", "/crm/owners/2026-09?limit=3", nil).decode(t, &page)
	require.Len(t, page.Results, 3)
	c.call("GET", "/crm/owners/2026-09?limit=3&after="+page.Paging.Next.After, nil).decode(t, &page)
	require.Len(t, page.Results, 1)
	var owner Owner
	c.call("GET", "/crm/owners/2026-09/41629779", nil).decode(t, &owner)
	require.Equal(t, "Amélie", owner.FirstName)
}

func BenchmarkBatchUpdate(b *testing.B) {
	s, err := New(Options{HubSpot: HubSpotOptions{Token: hsToken}, Logger: slog.New(slog.DiscardHandler), Limits: Limits{HubSpotOff: true}})
	require.NoError(b, err)
	var ids []string
	for i := range 10_000 {
		r, err := s.CreateContact(map[string]string{"email": fmt.Sprintf("c%d@x.example", i), "firstname": "Ann"}, "")
		require.NoError(b, err)
		ids = append(ids, r.ID)
	}
	for n := 0; b.Loop(); n++ {
		at := n * 100 % len(ids)
		body, err := json.Marshal(inputs("jobtitle", fmt.Sprint(n), ids[at:at+100]...))
		require.NoError(b, err)
		r := httptest.NewRequest("POST", "/hubspot"+hsContacts+"/batch/update", bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+hsToken)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body.String())
		}
	}
}
