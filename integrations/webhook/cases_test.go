package webhook

import (
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

func TestTellCase(t *testing.T) {
	t.Parallel()
	var bodies, ids []string
	status := http.StatusNoContent
	secret, err := NewSecret(vectorSecret)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := secret.Verify(r.Header, body, time.Now()); err != nil {
			t.Error(err)
		}
		bodies, ids = append(bodies, string(body)), append(ids, r.Header.Get("webhook-id"))
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	c, err := New(Options{ID: "own", Secret: vectorSecret, PushURL: server.URL})
	require.NoError(t, err)
	at := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	c.now = func() time.Time { return time.Now() }
	news := crm.CaseNews{
		Type: crm.NewsOpened, Case: "C1", Revision: 1, State: survey.CaseOpen, Priority: survey.PriorityHigh, Program: "order-csat",
		About: crm.About{ContactID: "77"}, OpenedAt: at,
	}
	require.NoError(t, c.TellCase(t.Context(), news))
	require.NoError(t, c.TellCase(t.Context(), news))
	require.Contains(t, bodies[0], `"data":{"crm":"own","case":{"id":"C1","revision":1,"state":"open","priority":"high","program":"order-csat",`+
		`"opened_at":"2026-11-21T09:30:00Z"},"contact":{"id":"77"}}}`)
	require.Contains(t, bodies[0], `{"type":"case.opened","timestamp":"`)
	news.Type, news.Revision, news.State, news.Cause, news.AccountID, news.EndedAt = crm.NewsEnded, 2, survey.CaseResolved, "price", "7", at.Add(time.Hour)
	require.NoError(t, c.TellCase(t.Context(), news))
	require.Contains(t, bodies[2], `"state":"resolved","priority":"high","cause":"price","program":"order-csat","opened_at":"2026-11-21T09:30:00Z",`+
		`"ended_at":"2026-11-21T10:30:00Z"},"contact":{"id":"77"},"account":{"id":"7"}}}`)
	require.Equal(t, []string{"msg_case.opened_C1_1", "msg_case.opened_C1_1", "msg_case.ended_C1_2"}, ids, "what is told again has the same id")
	for status = range map[int]bool{500: true, 429: true} {
		require.Equal(t, integrations.RetryAfter, integrations.KindOf(c.TellCase(t.Context(), news)))
	}

	silent, err := New(Options{ID: "own", Secret: vectorSecret})
	require.NoError(t, err)
	require.NoError(t, silent.TellCase(t.Context(), news))
}

func TestClosing(t *testing.T) {
	t.Parallel()
	c, err := New(Options{ID: "own", Secret: vectorSecret})
	require.NoError(t, err)
	for body, want := range map[string]string{
		`{"id":"1","source":"s","type":"case.closed","data":{"case":{"id":"C1"}}}`:                       "C1",
		`{"id":"1","source":"s","type":"case.closed","data":{"case":{"id":"C1","note":"x"},"x":1}}`:      "C1",
		`{"id":"1","source":"s","type":"case.closed","data":{"contact":{"id":7},"case":{"id":"C1"}}}`:    "C1",
		`{"id":"1","source":"s","type":"case.closed","data":{"contact":{"id":7}}}`:                       "",
		`{"id":"1","source":"s","type":"case.paused","data":{"contact":{"id":7},"case":{"id":"C1"}}}`:    "",
		`{"id":"1","source":"s","type":"case.closed","data":{"contact":{"id":7},"case":{"id":{"a":1}}}}`: "",
		`{"id":"1","source":"s","type":"case.closed","data":{"contact":{"id":7},"case":"C1"}}`:           "",
	} {
		events, err := ParseEvents([]byte(body), "own", time.Unix(vectorTime, 0))
		require.NoError(t, err, body)
		closing, ok := c.Closing(events[0])
		require.Equal(t, want != "", ok, body)
		require.Equal(t, crm.Closing{Case: want}, closing)
	}
	for body, want := range map[string]string{
		`{"id":"1","source":"s","type":"case.closed","data":{}}`:                       "data.contact.id is missing",
		`{"id":"1","source":"s","type":"case.closed"}`:                                 "data.contact.id is missing",
		`{"id":"1","source":"s","type":"case.closed","data":{"case":{}}}`:              "data.case.id is missing",
		`{"id":"1","source":"s","type":"case.closed","data":{"case":"C1"}}`:            "data.case is not an object",
		`[{"id":"1","source":"s","type":"case.closed","data":{"case":{"id":["a"]}}}]`:  "events[0].data.case.id is neither text nor a number",
		`[{"id":"1","source":"s","type":"order.shipped","data":{"case":{"id":"C1"}}}]`: "events[0].data.contact.id is missing",
	} {
		_, err := ParseEvents([]byte(body), "own", time.Unix(vectorTime, 0))
		require.ErrorContains(t, err, want, body)
	}
}
