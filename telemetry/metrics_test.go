package telemetry

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newMetrics(t *testing.T) *Metrics {
	t.Helper()
	m, err := New()
	require.NoError(t, err)
	return m
}

// read returns the metrics as Prometheus gets them.
func read(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.String()
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		require.Contains(t, text, "\n"+line+"\n")
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	m := newMetrics(t)
	m.Request("GET /s/{token}", 200, 30*time.Millisecond)
	m.Request("", 404, time.Millisecond)
	has(t, read(t, m),
		`cxloop_http_requests_total{route="GET /s/{token}",status="200"} 1`,
		`cxloop_http_request_seconds_bucket{route="GET /s/{token}",le="0.05"} 1`,
		`cxloop_http_requests_total{route="none",status="404"} 1`)
}

func TestVendors(t *testing.T) {
	t.Parallel()
	statuses := make(chan int, 5)
	for _, status := range []int{200, 400, 429, 500} {
		statuses <- status
	}
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(<-statuses) }))
	m := newMetrics(t)
	ctx := integrations.WithObserver(t.Context(), m.Vendor("slack"))
	client := integrations.NewHTTPClient(5*time.Second, 100)
	call := func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, vendor.URL, nil)
		require.NoError(t, err)
		resp, err := client.Do(req)
		if err == nil {
			require.NoError(t, resp.Body.Close())
		}
		return err
	}
	for range 4 {
		require.NoError(t, call())
	}
	vendor.Close()
	require.Error(t, call())
	text := read(t, m)
	for _, outcome := range []string{"ok", "refused", "limited", "failed", "no_answer"} {
		has(t, text, `cxloop_vendor_requests_total{outcome="`+outcome+`",vendor="slack"} 1`)
	}
	has(t, text, `cxloop_vendor_request_seconds_count{vendor="slack"} 5`)
}

func TestTemporal(t *testing.T) {
	t.Parallel()
	m := newMetrics(t)
	handler := m.Temporal().WithTags(map[string]string{"namespace": "default"})
	handler.Counter("temporal_workflow_completed").Inc(2)
	handler.Timer("temporal_request_latency").Record(20 * time.Millisecond)
	handler.Gauge("temporal_num_pollers").Update(3)
	has(t, read(t, m),
		`temporal_workflow_completed_total{namespace="default"} 2`,
		`temporal_request_latency_seconds_bucket{namespace="default",le="0.025"} 1`,
		`temporal_num_pollers{namespace="default"} 3`)
}

// fake is a store that answers what it is told to.
type fake struct {
	store.Store
	batches  []store.Batch
	decided  []store.Invitation
	response survey.Response
	found    store.Outstanding
	err      error
}

func (f *fake) ClaimBatches(context.Context, store.Topic, time.Time, time.Duration, []string) ([]store.Batch, error) {
	return f.batches, f.err
}

func (f *fake) Admit(context.Context, store.AdmitRequest) ([]store.Invitation, error) {
	return f.decided, f.err
}

func (f *fake) SaveAnswer(context.Context, store.SaveAnswerRequest) (survey.Response, error) {
	return f.response, f.err
}

func (f *fake) Outstanding(context.Context) (store.Outstanding, error) { return f.found, f.err }

func TestCount(t *testing.T) {
	t.Parallel()
	m := newMetrics(t)
	f := &fake{
		batches:  []store.Batch{{ID: "b1", Items: 1}, {ID: "b2", Items: 500}},
		decided:  []store.Invitation{{Program: "nps", State: survey.InvitationAdmitted}, {Program: "nps", State: survey.InvitationSuppressed, Rule: survey.RuleQuarantine}},
		response: survey.Response{Program: "nps", Band: survey.Promoter},
	}
	s := m.Count(f)
	use := func() {
		_, claimErr := s.ClaimBatches(t.Context(), store.TopicEvent, noon, time.Minute, nil)
		_, admitErr := s.Admit(t.Context(), store.AdmitRequest{Program: "nps", Candidates: []store.Candidate{{}, {Verdicts: survey.Verdicts{
			Condition: &survey.Verdict{Holds: true}, Audience: &survey.Verdict{Missing: []string{"account.tier"}},
		}}}})
		_, saveErr := s.SaveAnswer(t.Context(), store.SaveAnswerRequest{})
		for _, err := range []error{claimErr, admitErr, saveErr} {
			require.Equal(t, f.err, err)
		}
	}
	use()
	m.UnansweredEvent("nps", "invalid")
	f.batches, f.decided, f.err = nil, nil, errors.New("down")
	use()
	has(t, read(t, m),
		`cxloop_dispatch_batches_total{topic="event"} 2`,
		`cxloop_dispatch_batch_items_sum 501`,
		`cxloop_invitations_total{program="nps",rule="",state="admitted"} 1`,
		`cxloop_invitations_total{program="nps",rule="quarantine",state="suppressed"} 1`,
		`cxloop_answers_total{band="promoter",program="nps"} 1`,
		`cxloop_conditions_unanswered_total{expression="audience",program="nps",reason="missing"} 1`,
		`cxloop_conditions_unanswered_total{expression="condition",program="nps",reason="invalid"} 1`)
}

func TestWatch(t *testing.T) {
	t.Parallel()
	m := newMetrics(t)
	f := &fake{found: store.Outstanding{
		Inbox: map[store.Topic]store.Queue{
			store.TopicEvent:  {Items: 7, OldestDue: noon.Add(-time.Minute)},
			store.TopicAnswer: {Items: 1, OldestDue: noon.Add(time.Hour)},
		},
		UnknownEffects: map[string]int{"sendgrid": 2},
	}}
	require.NoError(t, m.Watch(f, func() time.Time { return noon }))
	has(t, read(t, m), "cxloop_store_up 1",
		`cxloop_inbox_backlog{topic="event"} 7`, `cxloop_inbox_oldest_due_seconds{topic="event"} 60`,
		`cxloop_inbox_backlog{topic="answer"} 1`, `cxloop_inbox_oldest_due_seconds{topic="answer"} 0`,
		`cxloop_inbox_backlog{topic="click"} 0`, `cxloop_inbox_oldest_due_seconds{topic="click"} 0`,
		`cxloop_effects_unknown{vendor="sendgrid"} 2`)

	f.err = errors.New("down")
	text := read(t, m)
	has(t, text, "cxloop_store_up 0")
	require.NotContains(t, text, "cxloop_inbox_backlog{")
	require.Contains(t, text, "\ngo_goroutines ", "the others are still there")
}
