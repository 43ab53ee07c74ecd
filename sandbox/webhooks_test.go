package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// hook is the app's end of the webhooks; it answers with the statuses in turn, the last one for ever.
type hook struct {
	mu       sync.Mutex
	statuses []int
	requests []hookRequest
	under    int
	most     int
	// hold keeps requests under way until it is closed; each first says so in arrived.
	hold, arrived chan struct{}
}

type hookRequest struct {
	header http.Header
	body   []byte
	events []WebhookEvent
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	req := hookRequest{header: r.Header, body: body}
	_ = json.Unmarshal(body, &req.events)
	h.mu.Lock()
	h.under++
	h.most = max(h.most, h.under)
	h.requests = append(h.requests, req)
	status := h.statuses[min(len(h.requests), len(h.statuses))-1]
	h.mu.Unlock()
	if h.hold != nil {
		h.arrived <- struct{}{}
		<-h.hold
	}
	h.mu.Lock()
	h.under--
	h.mu.Unlock()
	w.WriteHeader(status)
}

// newHooked makes a running sandbox that sends its webhooks to h.
func newHooked(t *testing.T, h *hook, change func(*Options)) *hsClient {
	t.Helper()
	app := httptest.NewServer(h)
	t.Cleanup(app.Close)
	c := newHSClient(t, func(o *Options) {
		o.HubSpot.WebhookURL = "https://cx.example/hooks/hubspot?via=a%3Ab"
		o.HubSpot.WebhookTarget = app.URL + "/hooks/hubspot"
		o.HubSpot.RetryBase, o.HubSpot.Linger = time.Microsecond, -1
		if change != nil {
			change(o)
		}
	})
	c.run()
	return c
}

// run runs the sandbox until the test ends.
func (c *hsClient) run() {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.s.Run(ctx) }()
	c.t.Cleanup(func() {
		stop()
		require.NoError(c.t, <-ended)
	})
}

func (c *hsClient) await(what string, f func(*State) bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	require.NoError(c.t, c.s.WaitFor(ctx, f), what)
}

// settled tells whether n events have been delivered and nothing is under way.
func settled(n int) func(*State) bool {
	return func(st *State) bool {
		done := 0
		for _, d := range st.Deliveries {
			if d.Status == DeliveryPending {
				return false
			}
			done += len(d.Events)
		}
		return done == n
	}
}

func TestWebhookIsSigned(t *testing.T) {
	t.Parallel()
	h := &hook{statuses: []int{204}}
	c := newHooked(t, h, nil)
	d := c.deal("Alpha", "1", "closedwon")
	c.await("the webhook", settled(1))

	require.Len(t, h.requests, 1)
	r := h.requests[0]
	ts := r.header.Get("X-HubSpot-Request-Timestamp")
	require.Equal(t, strconv.FormatInt(c.clock.now().UnixMilli(), 10), ts)
	mac := hmac.New(sha256.New, []byte("secret"))
	// %3A is one of the sequences that are decoded before signing.
	fmt.Fprintf(mac, "POSThttps://cx.example/hooks/hubspot?via=a:b%s%s", r.body, ts)
	require.Equal(t, base64.StdEncoding.EncodeToString(mac.Sum(nil)), r.header.Get("X-HubSpot-Signature-v3"))

	sensitive := false
	e := r.events[0]
	require.NotZero(t, e.EventID)
	require.NotZero(t, e.SubscriptionID)
	e.EventID, e.SubscriptionID = 0, 0
	id, err := strconv.ParseInt(d.ID, 10, 64)
	require.NoError(t, err)
	require.Equal(t, WebhookEvent{
		PortalID: 48975575, AppID: 39522895, OccurredAt: c.clock.now().UnixMilli(), SubscriptionType: "object.propertyChange", ObjectID: id,
		ObjectTypeID: "0-3", PropertyName: "dealstage", PropertyValue: "closedwon", ChangeSource: SourceUser, SourceID: "userId:1", IsSensitive: &sensitive,
	}, e)
}

// TestSignatureVectors holds the signature against the vendor's own vectors.
func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	var vectors struct {
		Vectors []struct{ ID, Version, Secret, Method, URI, Body, Timestamp, Signature string }
	}
	readTestData(t, "samples/hubspot/signature_vectors.json", &vectors)
	n := 0
	for _, v := range vectors.Vectors {
		if v.Version == "v3" {
			n++
			require.Equal(t, v.Signature, signHubSpot(v.Secret, v.Method, v.URI, []byte(v.Body), v.Timestamp), v.ID)
		}
	}
	require.NotZero(t, n)
}

// readTestData decodes one of the vendors' samples, and skips the test where there are none.
func readTestData(t *testing.T, path string, into any) {
	t.Helper()
	dir := os.Getenv("CXLOOP_TESTDATA")
	if dir == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	raw, err := os.ReadFile(filepath.Join(dir, path))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into))
}

// TestWebhookShapes compares the fields of both shapes with captured deliveries.
func TestWebhookShapes(t *testing.T) {
	t.Parallel()
	for file, classic := range map[string]bool{"platform_object_events.json": false, "classic_events.json": true} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var sample struct{ Events []map[string]any }
			readTestData(t, "samples/hubspot/"+file, &sample)
			h := &hook{statuses: []int{200}}
			c := newHooked(t, h, func(o *Options) { o.HubSpot.ClassicEvents = classic })
			c.deal("Alpha", "1", "closedwon")
			c.await("the webhook", settled(1))
			var sent []map[string]any
			require.NoError(t, json.Unmarshal(h.requests[0].body, &sent))
			if classic {
				require.Equal(t, "deal.propertyChange", sent[0]["subscriptionType"])
			}
			i := slices.IndexFunc(sample.Events, func(e map[string]any) bool { return e["propertyName"] != nil })
			require.Equal(t, slices.Sorted(maps.Keys(sample.Events[i])), slices.Sorted(maps.Keys(sent[0])))
		})
	}
}

// TestWebhooksBatch shows arrays of at most 100 events, and at most 10 requests at once.
func TestWebhooksBatch(t *testing.T) {
	t.Parallel()
	const deals = 2500
	h := &hook{statuses: []int{200}, hold: make(chan struct{}), arrived: make(chan struct{}, deals)}
	c := newHooked(t, h, nil)
	for i := range deals {
		c.deal(fmt.Sprint(i), "1", "closedwon")
	}
	for range webhookConcurrency {
		<-h.arrived
	}
	close(h.hold)
	c.await("all events", settled(deals))
	require.Equal(t, webhookConcurrency, h.most)
	total, seen := 0, map[int64]bool{}
	for _, r := range h.requests {
		require.LessOrEqual(t, len(r.events), webhookBatch)
		total += len(r.events)
		for _, e := range r.events {
			seen[e.ObjectID] = true
		}
	}
	require.Equal(t, deals, total)
	require.Len(t, seen, deals)
	require.EqualValues(t, deals, c.s.Snapshot().Counts.WebhookEvents)
}

func TestWebhookIsRetried(t *testing.T) {
	t.Parallel()
	h := &hook{statuses: []int{500, 404, 302, 200}}
	c := newHooked(t, h, nil)
	c.deal("Alpha", "1", "closedwon")
	c.await("the delivery", settled(1))
	d := c.s.Snapshot().Deliveries[0]
	require.Equal(t, DeliveryDelivered, d.Status)
	require.Len(t, d.Attempts, 4)
	for i, r := range h.requests {
		require.Equal(t, i, r.events[0].AttemptNumber)
		require.Equal(t, h.requests[0].events[0].EventID, r.events[0].EventID)
		require.Equal(t, h.statuses[i], d.Attempts[i].Status)
	}
}

func TestWebhookIsGivenUp(t *testing.T) {
	t.Parallel()
	h := &hook{statuses: []int{503}}
	c := newHooked(t, h, nil)
	c.deal("Alpha", "1", "closedwon")
	c.await("the last attempt", settled(1))
	d := c.s.Snapshot().Deliveries[0]
	require.Equal(t, DeliveryFailed, d.Status)
	require.Len(t, d.Attempts, 1+webhookRetries)
}

// TestWebhookToNobody shows that an app that is away is an attempt like any other.
func TestWebhookToNobody(t *testing.T) {
	t.Parallel()
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	c := newHooked(t, &hook{}, func(o *Options) { o.HubSpot.WebhookTarget = away.URL })
	c.deal("Alpha", "1", "closedwon")
	c.await("the last attempt", settled(1))
	a := c.s.Snapshot().Deliveries[0].Attempts[0]
	require.Zero(t, a.Status)
	require.NotEmpty(t, a.Error)
}

// silent never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestWebhookTimesOut shows 5 seconds for an answer, and pauses that grow, within the vendor's 24 hours.
func TestWebhookTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{
			HubSpot:    HubSpotOptions{WebhookURL: "https://cx.example/hooks/hubspot"},
			HTTPClient: &http.Client{Transport: silent{}}, Logger: slog.New(slog.DiscardHandler),
		})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		go func() { _ = s.Run(ctx) }()
		_, err = s.CreateDeal(map[string]string{"dealname": "Alpha", "dealstage": "closedwon"}, "")
		require.NoError(t, err)
		require.NoError(t, s.WaitFor(ctx, settled(1)))
		stop()

		attempts := s.Snapshot().Deliveries[0].Attempts
		require.Len(t, attempts, 1+webhookRetries)
		for i, a := range attempts[1:] {
			pause := a.At.Sub(attempts[i].At) - webhookTimeout
			require.InDelta(t, float64(time.Second<<i), float64(pause), float64(time.Second<<i)/2)
			require.Equal(t, "no answer within 5s", a.Error)
		}
		require.Less(t, attempts[webhookRetries].At.Sub(attempts[0].At), 24*time.Hour)
	})
}

// TestWebhookEcho shows that a write through the API comes back as the app's own, and only if it changed something.
func TestWebhookEcho(t *testing.T) {
	t.Parallel()
	h := &hook{statuses: []int{200}}
	c := newHooked(t, h, nil)
	c.defineScore()
	r := c.contact("a@x.example", "")
	for range 2 {
		require.Equal(t, http.StatusOK, c.call("POST", hsContacts+"/batch/update", inputs("cx_nps_last", "9", r.ID)).status)
	}
	// Not subscribed.
	require.Equal(t, http.StatusOK, c.call("POST", hsContacts+"/batch/update", inputs("phone", "9", r.ID)).status)
	require.NoError(t, c.s.SetProperty(Contacts, r.ID, "cx_nps_last", "8", ""))
	c.await("both events", settled(2))

	var got []string
	for _, r := range h.requests {
		for _, e := range r.events {
			got = append(got, e.PropertyName+" "+e.PropertyValue+" "+e.ChangeSource+" "+e.SourceID)
		}
	}
	slices.Sort(got)
	require.Equal(t, []string{"cx_nps_last 8 CRM_UI userId:1", "cx_nps_last 9 INTEGRATION 39522895"}, got)
}

// TestNoWebhooks shows that nothing is queued where no address is configured.
func TestNoWebhooks(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	c.deal("Alpha", "1", "closedwon")
	require.Zero(t, c.s.Snapshot().Counts.WebhookEvents)
	require.Nil(t, c.s.nextDelivery())
}
