package webhook

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

func TestCreateLead(t *testing.T) {
	t.Parallel()
	secret, err := NewSecret(vectorSecret)
	require.NoError(t, err)
	status := http.StatusOK
	var ids []string
	var got map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if secret.Verify(r.Header, body, time.Now()) != nil || json.Unmarshal(body, &got) != nil {
			status = http.StatusUnauthorized
		}
		ids = append(ids, r.Header.Get("webhook-id"))
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	shop, err := New(Options{ID: "shop", Secret: vectorSecret, PushURL: server.URL})
	require.NoError(t, err)
	lead := crm.Lead{
		ID: "LEAD1", Program: "won-nps", ReferredBy: "c1",
		Friend: survey.Friend{FirstName: "Grace", Email: "grace@example.org", Consent: "I agree.", ConsentAt: time.Unix(vectorTime, 0)},
	}
	for range 2 {
		made, err := shop.CreateLead(t.Context(), lead)
		require.NoError(t, err)
		require.Zero(t, made)
	}
	require.Equal(t, []string{"lead_LEAD1", "lead_LEAD1"}, ids, "the receiver knows the repetition")
	require.Equal(t, "lead.created", got["type"])
	require.Equal(t, map[string]any{
		"crm": "shop", "program": "won-nps", "referred_by": "c1",
		"lead":    map[string]any{"id": "LEAD1", "email": "grace@example.org", "first_name": "Grace"},
		"consent": map[string]any{"text": "I agree.", "at": "2021-02-25T15:02:10Z"},
	}, got["data"])
	for code, kind := range map[int]integrations.ErrorKind{500: integrations.RetryAfter, 429: integrations.RetryAfter, 422: integrations.Permanent} {
		status = code
		_, err := shop.CreateLead(t.Context(), lead)
		require.Equal(t, kind, integrations.KindOf(err), "%d", code)
	}
	nowhere, err := New(Options{ID: "shop", Secret: vectorSecret})
	require.NoError(t, err)
	_, err = nowhere.CreateLead(t.Context(), lead)
	require.ErrorContains(t, err, "give crm shop a push_url")
}
