package hubspot

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

func TestPushNamesTheRowsRefused(t *testing.T) {
	t.Parallel()
	updates := []crm.Update{
		{ID: "1", Values: map[string]string{survey.SignalNPSLast: "9"}}, {ID: "2", Values: map[string]string{survey.SignalNPSLast: "x"}},
		{ID: "3", Values: map[string]string{survey.SignalNPSLast: "3"}}, {ID: "4", Values: map[string]string{survey.SignalNPSLast: "4"}},
	}
	client, s := newTestClient(t, map[string][]reply{contactsUpdate: {{status: 207, body: `{"results":[{"id":"1"}],"errors":[
		{"category":"VALIDATION_ERROR","message":"x was not valid","errors":[{"code":"INVALID_INTEGER","context":{"propertyName":["cx_nps_last"]}}],"context":{"objectWriteTraceId":["2"]}},
		{"category":"OBJECT_NOT_FOUND","context":{"ids":["3"]}},
		{"category":"LOCKED","context":{}}]}`}}})
	refused, err := client.Push(t.Context(), survey.ObjectContact, updates)
	require.NoError(t, err)
	require.ElementsMatch(t, []crm.Refusal{
		{ID: "2", Code: "VALIDATION_ERROR", Reason: "VALIDATION_ERROR: INVALID_INTEGER cx_nps_last"},
		{ID: "3", Code: "OBJECT_NOT_FOUND", Reason: "OBJECT_NOT_FOUND"},
		{ID: "4", Code: "LOCKED", Reason: "LOCKED"},
	}, refused)
	first := s.requests()[0].body["inputs"].([]any)[0]
	require.Equal(t, map[string]any{"id": "1", "objectWriteTraceId": "1", "properties": map[string]any{"cx_nps_last": "9"}}, first)
}

// An administrator's validation rule makes HubSpot refuse every batch that holds
// the record.
func TestPushFindsTheRowForWhichABatchIsRefused(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		calls.Add(1)
		if strings.Contains(string(raw), `"id":"37"`) {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"category":"VALIDATION_ERROR","errors":[{"code":"REQUIRED","context":{"propertyName":["tier"]}}]}`)
			return
		}
		_, _ = io.WriteString(w, `{"results":[]}`)
	}))
	t.Cleanup(server.Close)
	client, err := New(Options{ID: "hs", BaseURL: server.URL, Token: testToken})
	require.NoError(t, err)
	var updates []crm.Update
	for i := range 100 {
		updates = append(updates, crm.Update{ID: string(rune('0'+i/10)) + string(rune('0'+i%10)), Values: map[string]string{"cx_open_cases": "1"}})
	}
	refused, err := client.Push(t.Context(), survey.ObjectAccount, updates)
	require.NoError(t, err)
	require.Equal(t, []crm.Refusal{{ID: "37", Code: "VALIDATION_ERROR", Reason: "VALIDATION_ERROR: REQUIRED tier"}}, refused)
	require.LessOrEqual(t, calls.Load(), int32(16))
}

func TestPushErrors(t *testing.T) {
	t.Parallel()
	one := []crm.Update{{ID: "1", Values: map[string]string{"cx_nps_last": "9"}}}
	client, s := newTestClient(t, map[string][]reply{contactsUpdate: {
		{status: 207, body: `{"results":[],"errors":[{"category":"VALIDATION_ERROR","message":"Property values were not valid: [{\"error\":\"PROPERTY_DOESNT_EXIST\",\"name\":\"cx_nps_last\"}]","context":{"objectWriteTraceId":["1"]}}]}`},
		{status: 401},
		{status: 200, body: `{"results":[{"id":"1"}]}`},
	}})
	for _, hint := range []string{setupHint, tokenHint} {
		_, err := client.Push(t.Context(), survey.ObjectContact, one)
		e, ok := err.(*integrations.Error)
		require.True(t, ok, err)
		require.Equal(t, integrations.Permanent, e.Kind)
		require.Equal(t, hint, e.Hint)
	}
	refused, err := client.Push(t.Context(), survey.ObjectContact, one)
	require.NoError(t, err)
	require.Empty(t, refused)
	_, err = client.Push(t.Context(), survey.ObjectContact, make([]crm.Update, client.BatchSize()+1))
	require.Equal(t, integrations.Permanent, integrations.KindOf(err))
	_, err = client.Push(t.Context(), "task", one)
	require.Equal(t, integrations.Permanent, integrations.KindOf(err))
	refused, err = client.Push(t.Context(), survey.ObjectContact, nil)
	require.NoError(t, err)
	require.Empty(t, refused)
	require.Len(t, s.requests(), 3)
}

func TestEnsureProperties(t *testing.T) {
	t.Parallel()
	const base = "/hubspot/crm/properties/2026-09/"
	replies := func() map[string][]reply {
		return map[string][]reply{
			base + "contacts": {
				{status: 200, body: `{"results":[{"name":"email"},{"name":"cx_nps_last"},{"name":"cx_nps_band"},{"name":"cx_nps_last_at"},{"name":"cx_csat_last"},{"name":"cx_referrals"},{"name":"cx_invites_unanswered_12m"},
					{"name":"cx_referrals_won"},{"name":"cxloop_referral_source"},{"name":"cxloop_referred_by"},{"name":"cxloop_referral_id"}]}`},
				{status: 409, body: `{"category":"CONFLICT"}`}, {status: 201, body: `{}`},
			},
			base + "contacts/groups":  {{status: 200, body: `{"results":[]}`}, {status: 201, body: `{}`}},
			base + "companies":        {{status: 200, body: `{"results":[{"name":"cx_account_nps"},{"name":"cx_account_nps_n"},{"name":"cx_open_cases"}]}`}},
			base + "companies/groups": {{status: 500}},
		}
	}
	want := []string{"contacts.cx_ces_last", "contacts.cx_open_cases"}
	dry, s := newTestClient(t, replies())
	missing, err := dry.EnsureProperties(t.Context(), true)
	require.NoError(t, err)
	require.Equal(t, want, missing)
	for _, request := range s.requests() {
		require.Equal(t, "GET", request.method)
	}
	real, s := newTestClient(t, replies())
	missing, err = real.EnsureProperties(t.Context(), false)
	require.NoError(t, err)
	require.Equal(t, want, missing)
	require.Len(t, s.requests(), 6)

	scoped, _ := newTestClient(t, map[string][]reply{
		base + "contacts":        {{status: 200, body: `{"results":[]}`}, {status: 403}},
		base + "contacts/groups": {{status: 200, body: `{"results":[{"name":"cxloop"}]}`}},
	})
	_, err = scoped.EnsureProperties(t.Context(), false)
	require.ErrorContains(t, err, "crm.schemas.contacts.write")
	require.Equal(t, integrations.Permanent, integrations.KindOf(err))
}
