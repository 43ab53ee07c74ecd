package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const shipped = `{"specversion":"1.0","id":"e1","source":"shop/orders","type":"order.shipped",
	"data":{"plan":"pro","contact":{"id":"7","email":"ada@example.com"}}}`

// signed are the headers of a delivery signed at a moment.
func (s *site) signed(body string, at time.Time) http.Header {
	s.Helper()
	signer, err := standardwebhooks.NewWebhook(shopSecret)
	s.ok(err)
	signature, err := signer.Sign("msg_1", at, []byte(body))
	s.ok(err)
	header := http.Header{}
	header.Set(standardwebhooks.HeaderWebhookID, "msg_1")
	header.Set(standardwebhooks.HeaderWebhookTimestamp, itoa(at.Unix()))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return header
}

func (s *site) hook(body string) answer {
	s.Helper()
	return s.do(http.MethodPost, "/hooks/shop", s.signed(body, s.clock()), []byte(body))
}

func TestWebhookReachesTheInboxOnceForEachProgram(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	basic := strings.NewReplacer(`"e1"`, `"e2"`, `"pro"`, `"basic"`).Replace(shipped)
	other := strings.NewReplacer(`"e1"`, `"e3"`, "order.shipped", "order.paid").Replace(shipped)
	body := `{"events":[` + shipped + "," + basic + "," + other + `]}`
	for range 2 { // a repeated delivery adds nothing
		s.has(s.hook(body), http.StatusOK, `{"received":3,"listened":2}`)
	}
	s.want(s.notified.Load() == 2, "dispatcher told %d times", s.notified.Load())

	items := s.items(store.TopicEvent)
	s.want(len(items["won-nps"]) == 1 && len(items["shipped-ces"]) == 2, "inbox: %v", items)
	item := items["won-nps"][0]
	event1, err := s.store.EventReference(t.Context(), "e1")
	s.ok(err)
	s.want(item.Key == event1, "item %s", item.Key)
	var event survey.Event
	s.ok(json.Unmarshal(item.Payload, &event))
	s.want(event.CRM == "shop" && event.Type == "order.shipped", "event %+v", event)
	contact, _ := event.People()
	s.want(contact.Email == "ada@example.com", "contact %+v", contact)
}

func TestCRMsMayNumberTheirEventsAlike(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, crm := range []string{"shop", "depot", "shop"} {
		_, err := s.server.keepEvents(t.Context(), []survey.Event{{ID: "1", Source: "orders", Type: "order.shipped", CRM: crm}})
		s.ok(err)
	}
	s.want(len(s.items(store.TopicEvent)["shipped-ces"]) == 2, "inbox: %v", s.items(store.TopicEvent))
}

func TestWebhookThatNobodyListensToCostsNoTransaction(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.has(s.hook(strings.Replace(shipped, "order.shipped", "order.paid", 1)), http.StatusOK, `{"received":1,"listened":0}`)
	s.want(s.store.addCalls.Load() == 0, "%d transactions", s.store.addCalls.Load())
}

func TestBadWebhooksChangeNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		path    string
		body    string
		change  func(http.Header)
		status  int
		message string
	}{
		{"unknown crm", "/hooks/nobody", shipped, nil, 404, "no crm with this id is configured"},
		{"no signature", "/hooks/shop", shipped, func(h http.Header) { h.Del("webhook-signature") }, 401, "webhook-signature is missing"},
		{"wrong signature", "/hooks/shop", shipped, func(h http.Header) { h.Set("webhook-id", "other") }, 401, "signature does not match"},
		{"old signature", "/hooks/shop", shipped, func(h http.Header) { h.Set("webhook-timestamp", itoa(start.Add(-6*time.Minute).Unix())) }, 401, "signature is not of the last 5m"},
		{"truncated", "/hooks/shop", shipped[:80], nil, 400, "body is not JSON"},
		{"no contact", "/hooks/shop", strings.Replace(shipped, `"id":"7",`, "", 1), nil, 400, "data.contact.id is missing"},
		{"over the cap", "/hooks/shop", `{"x":"` + strings.Repeat("y", 64<<10) + `"}`, nil, 413, "body is larger than 65536 bytes"},
		{"control character in the id", "/hooks/shop", strings.Replace(shipped, `"e1"`, `"e\u00001"`, 1), nil, 400, "not text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			header := s.signed(test.body, s.clock())
			if test.change != nil {
				test.change(header)
			}
			got := s.do(http.MethodPost, test.path, header, []byte(test.body))
			s.has(got, test.status, `{"error":"`, test.message)
			s.want(len(s.items(store.TopicEvent)) == 0, "the inbox has items")
		})
	}
}

func TestDeliveriesShareTransactions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gate := make(chan struct{})
	s.store.adding = func() { <-gate }
	const deliveries = 20
	var wg sync.WaitGroup
	deliver := func(i int) {
		wg.Go(func() {
			if got := s.hook(strings.Replace(shipped, "e1", "e"+itoa(int64(i)), 1)); got.status != http.StatusOK {
				t.Errorf("status %d: %s", got.status, got.body)
			}
		})
	}
	deliver(0)
	waitFor(t, func() bool { return s.store.addCalls.Load() == 1 })
	for i := range deliveries {
		deliver(1 + i)
	}
	waitFor(t, func() bool {
		s.server.inbox.mu.Lock()
		defer s.server.inbox.mu.Unlock()
		return len(s.server.inbox.waiting) == deliveries
	})
	close(gate)
	wg.Wait()
	s.want(s.store.addCalls.Load() == 2, "%d transactions: want 2", s.store.addCalls.Load())
	s.want(len(s.items(store.TopicEvent)["won-nps"]) == 1+deliveries, "the inbox lacks items")
}

// waitFor returns once a condition holds.
func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.After(20 * time.Second); !holds(); {
		select {
		case <-deadline:
			t.Fatal("waited for 20 s in vain")
		case <-time.After(time.Millisecond):
		}
	}
}

func TestWebhookIsRefusedWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.store.broken.Store(true)
	got := s.hook(shipped)
	s.has(got, http.StatusServiceUnavailable, "please send it again")
	s.want(got.header.Get("Retry-After") != "", "no Retry-After")
	s.want(!strings.Contains(got.body, errBroken.Error()), "the sender reads %s", got.body)
	s.store.broken.Store(false)
	s.has(s.hook(shipped), http.StatusOK, `"listened":1`)
}

func TestEventsByTokenOrSignature(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := func(text string) http.Header { return http.Header{"Authorization": {text}} }
	tests := []struct {
		name    string
		path    string
		header  http.Header
		status  int
		message string
	}{
		{"token", "/v1/events", token("Bearer " + apiToken), 200, `"listened":1`},
		{"signature", "/v1/events?crm=shop", s.signed(shipped, s.clock()), 200, `"listened":1`},
		{"wrong token", "/v1/events", token("Bearer nothing"), 401, "API token is not valid"},
		{"other scheme", "/v1/events", token(apiToken), 401, "API token is not valid"},
		{"old signature", "/v1/events", s.signed(shipped, s.clock().Add(-time.Hour)), 401, "signature is not of the last"},
		{"nothing", "/v1/events", http.Header{}, 401, "is missing"},
		{"unknown crm", "/v1/events?crm=nobody", token("Bearer " + apiToken), 400, `crm \"nobody\" is not configured: want one of shop`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			s.has(s.do(http.MethodPost, test.path, test.header, []byte(shipped)), test.status, test.message)
			s.want((len(s.items(store.TopicEvent)) == 2) == (test.status == 200), "the inbox does not fit the answer")
		})
	}
}

func TestEventsNeedATokenWithoutAVerifier(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.VerifyEvents = nil })
	s.has(s.do(http.MethodPost, "/v1/events", s.signed(shipped, s.clock()), []byte(shipped)), 401, "an API token is missing")
}

func TestRejectionsOfEventsNameTheEvent(t *testing.T) {
	t.Parallel()
	long := survey.Event{ID: strings.Repeat("x", maxName+1), Source: "s"}
	for _, test := range []struct {
		event survey.Event
		want  string
	}{
		{survey.Event{Source: "s"}, "id is missing"},
		{survey.Event{ID: "1"}, "source is missing"},
		{long, "id is longer than 512 bytes"},
		{survey.Event{ID: "a\x00", Source: "s"}, "id holds characters that are not text"},
		{survey.Event{ID: "1", Source: "\xff"}, "source holds characters that are not text"},
		{survey.Event{ID: "1", Source: "s"}, "<nil>"},
	} {
		err := checkName(test.event)
		if fmt.Sprint(err) != test.want {
			t.Errorf("checkName(%.20q, %q): %v, want %s", test.event.ID, test.event.Source, err, test.want)
		}
	}
}
