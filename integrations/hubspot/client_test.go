package hubspot

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/survey"
)

// reply is one scripted answer.
type reply struct {
	status int
	header map[string]string
	body   string
	cut    bool
}

// seen is one request that the script got.
type seen struct {
	method, path, auth, contentType string
	body                            map[string]any
}

// script answers by path, one reply after the other; the last is repeated.
type script struct {
	mu      sync.Mutex
	replies map[string][]reply
	seen    []seen
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	got := seen{method: r.Method, path: r.URL.Path, auth: r.Header.Get("Authorization"), contentType: r.Header.Get("Content-Type")}
	_ = json.Unmarshal(raw, &got.body)
	s.mu.Lock()
	s.seen = append(s.seen, got)
	list := s.replies[r.URL.Path]
	var next reply
	if len(list) > 0 {
		next = list[0]
		if len(list) > 1 {
			s.replies[r.URL.Path] = list[1:]
		}
	} else {
		next = reply{status: 404, body: `{}`}
	}
	s.mu.Unlock()
	if next.cut {
		panic(http.ErrAbortHandler)
	}
	for name, value := range next.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(next.status)
	_, _ = io.WriteString(w, next.body)
}

func (s *script) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.seen...)
}

const (
	testToken  = "pat-eu1-secret"
	testSecret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
)

func newTestClient(t *testing.T, replies map[string][]reply, change ...func(*Options)) (*Client, *script) {
	t.Helper()
	s := &script{replies: replies}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	o := Options{ID: "hs", BaseURL: server.URL + "/hubspot", Token: testToken, ClientSecret: testSecret}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	require.NoError(t, err)
	c.http.RetryWaitMin = time.Millisecond
	return c, s
}

const (
	contactsRead   = "/hubspot/crm/objects/2026-09/contacts/batch/read"
	companiesRead  = "/hubspot/crm/objects/2026-09/companies/batch/read"
	contactsUpdate = "/hubspot/crm/objects/2026-09/contacts/batch/update"
	companyLinks   = "/hubspot/crm/associations/2026-09/contacts/companies/batch/read"
	dealLinks      = "/hubspot/crm/associations/2026-09/deals/contacts/batch/read"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {ID: "hs"}, {Token: "t"}, {ID: "hs", Token: "t", BaseURL: "http://api.hubapi.com"}} {
		_, err := New(o)
		require.Error(t, err)
	}
	c, err := New(Options{ID: "hs", Token: "t"})
	require.NoError(t, err)
	require.Equal(t, DefaultBaseURL, c.base)
}

func TestErrorsAreTyped(t *testing.T) {
	t.Parallel()
	window := map[string]string{
		"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": "0",
		"X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
	}
	const unknown = `{"status":"error","category":"VALIDATION_ERROR","correlationId":"c-1","message":"Property values were not valid: [{\"isValid\":false,\"message\":\"Property \\\"missing\\\" does not exist\",\"error\":\"PROPERTY_DOESNT_EXIST\",\"name\":\"missing\"}]"}`
	for name, c := range map[string]struct {
		reply reply
		kind  integrations.ErrorKind
		code  string
		after time.Duration
		hint  string
		calls int
	}{
		"window used up":  {reply{status: 429, header: window, body: `{"policyName":"TEN_SECONDLY_ROLLING"}`}, integrations.RetryAfter, "429", 10 * time.Second, "", 1},
		"no headers":      {reply{status: 429}, integrations.RetryAfter, "429", windowWait, "", 1},
		"day used up":     {reply{status: 429, header: window, body: `{"policyName":"DAILY"}`}, integrations.RetryAfter, "daily_limit", dailyWait, "", 1},
		"long retry":      {reply{status: 429, header: map[string]string{"Retry-After": "30"}}, integrations.RetryAfter, "429", 30 * time.Second, "", 1},
		"migration":       {reply{status: 477, header: map[string]string{"Retry-After": "7200"}}, integrations.RetryAfter, "477", 2 * time.Hour, "", 1},
		"migration, bare": {reply{status: 477}, integrations.RetryAfter, "477", migrationWait, "", 1},
		"gateway":         {reply{status: 502}, integrations.RetryAfter, "502", 0, "", 3},
		"edge":            {reply{status: 523}, integrations.RetryAfter, "523", 0, "", 3},
		"long gateway":    {reply{status: 503, header: map[string]string{"Retry-After": "60"}}, integrations.RetryAfter, "503", time.Minute, "", 1},
		"cut":             {reply{cut: true}, integrations.RetryAfter, "no_answer", 0, "", 3},
		"bad token":       {reply{status: 401}, integrations.Permanent, "401", 0, tokenHint, 1},
		"scope":           {reply{status: 403}, integrations.Permanent, "403", 0, scopesHint, 1},
		"path":            {reply{status: 404}, integrations.Permanent, "404", 0, pathHint, 1},
		"redirect":        {reply{status: 302, header: map[string]string{"Location": "/"}}, integrations.Permanent, "302", 0, pathHint, 1},
		"bad input":       {reply{status: 400, body: `{"category":"VALIDATION_ERROR","message":"lena@nordwind.example is bad"}`}, integrations.Permanent, "400", 0, "", 1},
		"property":        {reply{status: 400, body: unknown}, integrations.Permanent, unknownProperty, 0, setupHint, 1},
		"not JSON":        {reply{status: 200, body: "<html>"}, integrations.RetryAfter, "answer", 0, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, s := newTestClient(t, map[string][]reply{contactsRead: {c.reply}})
			_, err := client.Resolve(t.Context(), []survey.Object{{Type: survey.ObjectContact, ID: "1"}})
			e, ok := err.(*integrations.Error)
			require.True(t, ok, "%T %v", err, err)
			require.Equal(t, c.kind, e.Kind, err)
			require.Equal(t, c.code, e.Code)
			require.Equal(t, c.after, e.After)
			require.Equal(t, c.hint, e.Hint)
			require.Len(t, s.requests(), c.calls)
			for _, secret := range []string{testToken, "nordwind", "127.0.0.1"} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

func TestShortTroubleIsRepeatedInTheCall(t *testing.T) {
	t.Parallel()
	good := reply{status: 200, body: `{"results":[]}`}
	client, s := newTestClient(t, map[string][]reply{contactsRead: {{status: 502}, {cut: true}, good}})
	_, err := client.Resolve(t.Context(), []survey.Object{{Type: survey.ObjectContact, ID: "1"}})
	require.NoError(t, err)
	require.Len(t, s.requests(), 3)
}

func TestLockedWaitsTwoSeconds(t *testing.T) {
	t.Parallel()
	client, _ := newTestClient(t, nil)
	resp := &http.Response{StatusCode: http.StatusLocked, Header: http.Header{}}
	again, err := client.repeatable(t.Context(), resp, nil)
	require.NoError(t, err)
	require.True(t, again)
	require.Equal(t, lockedWait, client.wait(time.Millisecond, maxInCallWait, 0, resp))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	again, err = client.repeatable(cancelled, resp, nil)
	require.False(t, again)
	require.ErrorIs(t, err, context.Canceled)
}

func TestPaceFollowsTheHeaders(t *testing.T) {
	t.Parallel()
	p := newPace()
	for range 1000 {
		require.NoError(t, p.take(t.Context()))
	}
	headers := func(limit, remaining string) http.Header {
		h := http.Header{}
		h.Set("X-HubSpot-RateLimit-Max", limit)
		h.Set("X-HubSpot-RateLimit-Remaining", remaining)
		h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", "10000")
		return h
	}
	p.follow(headers("190", "150"))
	require.InDelta(t, 17.1, float64(p.bucket.Limit()), 0.01)
	require.Equal(t, 19, p.bucket.Burst())
	p.follow(headers("190", "5"))
	require.InDelta(t, 0.5, float64(p.bucket.Limit()), 0.01)
	p.follow(http.Header{})
	require.InDelta(t, 0.5, float64(p.bucket.Limit()), 0.01)

	p.follow(headers("10", "0")) // one at once, then one in ten seconds
	require.NoError(t, p.take(t.Context()))
	err := p.take(t.Context())
	p.follow(headers("190", "150"))
	require.NoError(t, p.take(t.Context()))
	e, ok := err.(*integrations.Error)
	require.True(t, ok)
	require.Equal(t, integrations.RetryAfter, e.Kind)
	require.Greater(t, e.After, maxInCallWait)
}

func TestResolve(t *testing.T) {
	t.Parallel()
	client, s := newTestClient(t, map[string][]reply{
		dealLinks: {{status: 207, body: `{"results":[
			{"from":{"id":"501"},"to":[
				{"toObjectId":11,"associationTypes":[{"typeId":3,"label":null}]},
				{"toObjectId":12,"associationTypes":[{"typeId":3,"label":null},{"typeId":7,"label":"Primary contact"}]}]},
			{"from":{"id":502},"to":[{"toObjectId":"13","associationTypes":[]}]},
			{"from":{"id":"504"},"to":[]}],
			"errors":[{"category":"OBJECT_NOT_FOUND","context":{"fromObjectId":["503"]}}]}`}},
		contactsRead: {{status: 207, body: `{"results":[
			{"id":"12","properties":{"email":" lena@nordwind.example ","mobilephone":"0151 12345601","phone":"+49 30 901820","firstname":"Lena","lastname":"Hoffmann","hs_language":"de","hs_timezone":"europe_slash_berlin","associatedcompanyid":"77","jobtitle":"Head"}},
			{"id":"14","properties":{"email":"not an address","mobilephone":"ask her","phone":"030 901820","firstname":null,"associatedcompanyid":null}}]}`}},
		companyLinks: {{status: 200, body: `{"results":[{"from":{"id":"14"},"to":[
			{"toObjectId":78,"associationTypes":[{"label":null}]},{"toObjectId":79,"associationTypes":[{"label":"Primary"}]}]}]}`}},
		companiesRead: {{status: 200, body: `{"results":[
			{"id":"77","properties":{"name":"Nordwind","region":"EMEA","tier":"enterprise","industry":"logistics"}},
			{"id":"79","properties":{"name":null}}]}`}},
	}, func(o *Options) {
		o.ContactProperties = []string{"jobtitle"}
		o.CompanyProperties = []string{"industry"}
		o.Region = "DE"
	})
	deal := func(id string) survey.Object { return survey.Object{Type: survey.ObjectDeal, ID: id} }
	contact := survey.Object{Type: survey.ObjectContact, ID: "14"}
	got, err := client.Resolve(t.Context(), []survey.Object{deal("501"), deal("502"), deal("503"), deal("504"), contact})
	require.NoError(t, err)
	// 502 leads to contact 13, which does not exist.
	require.Equal(t, map[survey.Object][]string{deal("501"): {"hs/12"}, contact: {"hs/14"}}, got.People)
	require.Len(t, got.Contacts, 2)
	lena, other := got.Contacts[0], got.Contacts[1]
	require.WithinDuration(t, time.Now(), lena.RefreshedAt, time.Minute)
	lena.RefreshedAt = time.Time{}
	require.Equal(t, survey.Contact{
		Key: "hs/12", CRM: "hs", ID: "12", AccountKey: "hs/77", Email: "lena@nordwind.example", Phone: "+4915112345601", FirstName: "Lena", LastName: "Hoffmann",
		Locale: "de", Timezone: "Europe/Berlin", Attributes: map[string]string{"jobtitle": "Head"},
	}, lena)
	require.Empty(t, other.Email)
	require.Equal(t, "+4930901820", other.Phone, "the mobile number is none")
	require.Equal(t, "hs/79", other.AccountKey)
	require.Equal(t, survey.Account{
		Key: "hs/77", CRM: "hs", ID: "77", Name: "Nordwind",
		Attributes: map[string]string{"region": "EMEA", "tier": "enterprise", "industry": "logistics"},
	}, got.Accounts[0])
	for _, request := range s.requests() {
		require.Equal(t, "POST", request.method)
		require.Equal(t, "Bearer "+testToken, request.auth)
		require.Equal(t, "application/json", request.contentType)
	}
	require.Len(t, s.requests(), 4)
}

func TestResolveNothingMakesNoCall(t *testing.T) {
	t.Parallel()
	client, s := newTestClient(t, nil)
	got, err := client.Resolve(t.Context(), []survey.Object{{Type: "task", ID: "1"}})
	require.NoError(t, err)
	require.Empty(t, got.People)
	require.Empty(t, s.requests())
}

func TestTimezone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "Europe/Berlin": "Europe/Berlin", "europe_slash_berlin": "Europe/Berlin",
		"america_slash_new_york": "America/New_York", "america_slash_port_of_spain": "America/Port_of_Spain",
		"america_slash_argentina_slash_buenos_aires": "America/Argentina/Buenos_Aires", "mars_slash_olympus": "", "_slash_": "",
	} {
		require.Equal(t, want, timezone(in), in)
	}
}
