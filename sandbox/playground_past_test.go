package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// told checks what another system tells of the CRM's contacts, and returns the things that are told.
func (a *testApp) told(r *http.Request, list string, most int) (things []map[string]any) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		a.t.Error(err)
	}
	webhook, err := standardwebhooks.NewWebhook(eventsSecret)
	if err != nil {
		a.t.Error(err)
		return nil
	}
	if err := webhook.Verify(body, r.Header); err != nil {
		a.t.Errorf("signature: %v", err)
	}
	lists := map[string][]map[string]any{}
	if err := json.Unmarshal(body, &lists); err != nil {
		a.t.Error(err)
	}
	if things = lists[list]; len(things) == 0 || len(things) > most || r.URL.Query().Get("crm") != "hubspot" {
		a.t.Errorf("%d %s of %s: want 1 to %d of hubspot", len(things), list, r.URL.Query(), most)
	}
	return things
}

// takeEvents is too busy at first.
func (a *testApp) takeEvents(w http.ResponseWriter, r *http.Request) {
	a.told(r, "events", 500)
	if a.asked.Add(1) == 1 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// takeResponses writes the forecasts of everybody as soon as somebody answered.
func (a *testApp) takeResponses(_ http.ResponseWriter, r *http.Request) {
	for _, answer := range a.told(r, "responses", 100) {
		at, err := time.Parse(time.RFC3339, answer["time"].(string))
		if ago := time.Since(at); err != nil || ago < 0 || ago > 30*24*time.Hour {
			a.t.Errorf("answered at %s", answer["time"])
		}
	}
	var waiting []string
	a.s.Read(func(st *State) {
		for _, r := range st.Records(Companies) {
			if r.Get("cx_model_status") == "" {
				waiting = append(waiting, r.ID)
			}
		}
	})
	for _, id := range waiting {
		if err := a.s.SetProperty(Companies, id, "cx_model_status", "ok", SourceIntegration); err != nil {
			a.t.Error(err)
		}
	}
}

func TestPastIsInventedByItsSeed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	const oldest = 100 * 24 * time.Hour
	past := inventPast(1, 300, now, oldest)
	require.Equal(t, past, inventPast(1, 300, now, oldest))
	require.NotEqual(t, past, inventPast(2, 300, now, oldest))
	orders, answers, languages := 0, 0, map[string]bool{}
	for _, c := range past {
		require.NotEmpty(t, c.orders)
		require.True(t, slices.IsSortedFunc(c.orders, func(a, b pastOrder) int { return a.at.Compare(b.at) }))
		for _, o := range c.orders {
			require.False(t, o.at.After(now) || now.Sub(o.at) > pastYears*366*24*time.Hour, o.at)
			require.Positive(t, o.cents)
		}
		for _, a := range c.answers {
			require.False(t, a.at.After(now) || now.Sub(a.at) > oldest, a.at)
			require.True(t, a.score >= 0 && a.score <= 10)
			languages[c.place.language] = languages[c.place.language] || a.comment != ""
		}
		for _, ticket := range c.tickets {
			require.False(t, ticket.at.After(now) || !ticket.closed.IsZero() && ticket.closed.Before(ticket.at))
		}
		orders, answers = orders+len(c.orders), answers+len(c.answers)
	}
	require.Greater(t, orders, 3*len(past))
	require.Greater(t, answers, 30)
	require.Equal(t, map[string]bool{"en": true, "fr": true, "de": true, "es": true}, languages)
}

func TestPastComesTwice(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	for range 2 {
		r := a.play("past")
		require.Equal(t, stateDone, r.State, "%+v", r.Steps)
	}
	names, mails := map[string]bool{}, map[string]bool{}
	st := a.s.Snapshot()
	for _, r := range st.Records(Companies) {
		require.False(t, names[r.Name()], "two companies are called %s", r.Name())
		names[r.Name()] = true
	}
	for _, r := range st.Records(Contacts) {
		require.False(t, mails[r.Get("email")], "two contacts have the address %s", r.Get("email"))
		mails[r.Get("email")] = true
	}
	require.Greater(t, len(names), 2*pastSize)
}

func TestPastTellsWhatFailed(t *testing.T) {
	t.Parallel()
	s, err := New(Options{})
	require.NoError(t, err)
	p := &playground{s: s, opts: PlaygroundOptions{Now: time.Now, TimeScale: 1}}
	c := &cast{tell: func(string) {}}
	_, _, err = importPast(t.Context(), p, c)
	require.NoError(t, err)
	_, _, err = tellPast(t.Context(), p, c)
	require.ErrorContains(t, err, "are not configured")
	require.NoError(t, s.Close())
}
