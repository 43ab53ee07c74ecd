package hubspot

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
)

func TestAbsences(t *testing.T) {
	t.Parallel()
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	for text, want := range map[string][]crm.Absence{
		"": nil, "null": nil, "[]": nil, "{}": nil, "[1]": nil, "[{}]": nil, `[{"startTimestamp":"x"}]`: nil,
		`[{"startTimestamp":2000,"endTimestamp":1000}]`:                                             nil,
		`[{"startTimestamp":1000,"endTimestamp":2000},{"startTimestamp":5000,"endTimestamp":9000}]`: {{From: at(1000), Until: at(2000)}, {From: at(5000), Until: at(9000)}},
	} {
		require.Equal(t, want, absences(text), text)
	}
}

func FuzzAbsences(f *testing.F) {
	f.Add(`[{"startTimestamp":1730379600000,"endTimestamp":1730408400000}]`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, absence := range absences(text) {
			require.True(t, absence.From.Before(absence.Until))
		}
	})
}

// An app without the scope for users knows its owners all the same.
func TestOwnerWithoutTheScopeForUsers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte(`{"id":"7","email":"kim@acme.example","archived":false}`))
	}))
	t.Cleanup(server.Close)
	client, err := New(Options{ID: "hubspot", BaseURL: server.URL, Token: "t"})
	require.NoError(t, err)
	owner, err := client.Owner(t.Context(), "7")
	require.NoError(t, err)
	require.Equal(t, crm.Owner{ID: "7", Email: "kim@acme.example", Active: true}, owner)
}
