// Package sandbox stands in for the CRM (HubSpot), Slack, SendGrid, a mail server and Twilio. It speaks their wire protocols,
// enforces their limits, authentication and signatures, injects faults, and holds the state that a playground shows.
// It is written against the vendors' documents, never against what cxloop happens to send.
package sandbox

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Vendor names one of the stand-ins.
type Vendor string

// The vendors that are stood in for.
const (
	HubSpot  Vendor = "hubspot"
	Slack    Vendor = "slack"
	SendGrid Vendor = "sendgrid"
	// SMTP is any provider's mail server; see ServeSMTP.
	SMTP   Vendor = "smtp"
	Twilio Vendor = "twilio"
)

// Options configure a sandbox. The zero value of every field has a meaning, given beside it.
type Options struct {
	HubSpot  HubSpotOptions
	Slack    SlackOptions
	SendGrid SendGridOptions
	SMTP     SMTPOptions
	Twilio   TwilioOptions

	// PublicURL is where this sandbox is reached, e.g. http://127.0.0.1:8090: the base of Slack's response_url and
	// permalinks. Empty: response_url is left out.
	PublicURL string
	// StateFile keeps the state as JSON over restarts. Empty: in memory only.
	StateFile string
	// SpecsDir holds the vendors' machine-readable contracts (hubspot/, slack/, sendgrid/). Empty: built-in rules only.
	SpecsDir string
	// Now is the clock of everything that the stand-ins stamp and limit. Nil: time.Now.
	Now func() time.Time
	// Seed makes ids, jitter and faults repeatable. 0: a seed of 1.
	Seed uint64
	// Logger takes what is worth saying. Nil: slog.Default().
	Logger *slog.Logger
	// HTTPClient sends webhooks and interactions. Nil: a client with the vendors' time-outs.
	HTTPClient *http.Client
	// Limits switches rate limits off per vendor, for load tests.
	Limits Limits
	// Keep caps what is held in memory.
	Keep Keep
}

// HubSpotOptions configure the CRM stand-in.
type HubSpotOptions struct {
	// Token is the bearer token that requests must carry.
	Token string
	// ClientSecret signs webhooks.
	ClientSecret string
	AppID        int64
	PortalID     int64
	// WebhookURL is the app's POST /hooks/<crm id> as publicly signed. Empty: no webhooks.
	WebhookURL string
	// WebhookTarget is where webhooks are really sent when a proxy stands before WebhookURL. Empty: WebhookURL.
	WebhookTarget string
	// Version is the dated version of the paths. Empty: 2026-09.
	Version string
	// ClassicEvents makes webhooks take the shape contact.propertyChange instead of object.propertyChange.
	ClassicEvents bool
	// Subscriptions are the properties whose change is sent, by name for every object type. Nil: dealstage,
	// hs_pipeline_stage, lifecyclestage, cx_nps_last, hs_task_status and hubspot_owner_id.
	Subscriptions []string
	// SearchLag is how long a write stays invisible to search. 0: 2 s; negative: none.
	SearchLag time.Duration
	// RetryBase is the pause before a webhook's first retry; it doubles up to ten times, with jitter. 0: 1 s, against
	// the vendor's minutes: up to 10 retries spread over 24 hours.
	RetryBase time.Duration
	// Linger is how long a webhook waits for others to share its request. 0: 20 ms; negative: none.
	Linger time.Duration
}

// SlackOptions configure the Slack stand-in.
type SlackOptions struct {
	BotToken      string
	SigningSecret string
	// InteractionsURL is the app's POST /hooks/slack. Empty: clicks fail, but in Socket Mode.
	InteractionsURL string
	// AppToken opens connections of Socket Mode. Not empty: Socket Mode is on, and interactions come that way alone.
	AppToken string
	AppID    string
	TeamID   string
}

// SendGridOptions configure the SendGrid stand-in.
type SendGridOptions struct {
	APIKey string
	// EventsURL is the app's POST /hooks/sendgrid. Empty: no events.
	EventsURL string
	// EventsKey signs events. Nil: a key that nobody knows.
	EventsKey *ecdsa.PrivateKey
	// EventsLinger is how long an event waits for others to share its request. 0: 20 ms, against the vendor's 30 s;
	// negative: none.
	EventsLinger time.Duration
	// EventsRetryBase is the pause before a delivery is first repeated; it doubles up to a minute. 0: 1 s.
	EventsRetryBase time.Duration
}

// Limits switch the vendors' rate limits off; what is zero is limited as the vendor does.
type Limits struct {
	HubSpotOff, SlackOff, SendGridOff, TwilioOff bool
}

// Keep caps what is held in memory; 0 means the default.
type Keep struct {
	// Mails, SMS: 50,000. Messages per channel: 20,000. Deliveries, Interactions: 5,000. Refusals: 1,000.
	Mails, SMS, Messages, Deliveries, Interactions, Refusals int
	// History is how many versions of a property are held: 20.
	History int
}

// Sandbox is a running set of stand-ins. All its methods are safe for concurrent use.
type Sandbox struct {
	opts Options
	log  *slog.Logger
	now  func() time.Time
	mux  *http.ServeMux

	mu      sync.Mutex
	st      *State
	rng     *rand.Rand
	changed chan struct{}
	waiting int
	nextID  int64
	lastTS  int64
	closed  bool

	requests map[Vendor]*atomic.Int64
	contract *contracts
	faults   map[Vendor]*faultSource
	hubspot  hubspotState
	slack    slackState
	sockets  socketServer
	webhooks webhookQueue

	mailEvents mailEventQueue
	smsNotices smsNoticeQueue
	eventsKey  *ecdsa.PrivateKey

	saver saver
}

// ErrClosed is returned by waits on a sandbox that was closed.
var ErrClosed = errors.New("sandbox is closed")

// New makes a sandbox, with the state from Options.StateFile if that exists. A sandbox without state has property
// definitions, owners, Slack channels and users, but no CRM records: see SeedDemo.
func New(opts Options) (*Sandbox, error) {
	opts = withDefaults(opts)
	s := &Sandbox{
		opts:     opts,
		log:      opts.Logger,
		now:      opts.Now,
		st:       newState(),
		rng:      rand.New(rand.NewPCG(opts.Seed, 0x5a17)),
		requests: map[Vendor]*atomic.Int64{HubSpot: {}, Slack: {}, SendGrid: {}, SMTP: {}, Twilio: {}},
		faults:   map[Vendor]*faultSource{HubSpot: {}, Slack: {}, SendGrid: {}, SMTP: {}, Twilio: {}},
		nextID:   1000,
	}
	s.hubspot.init()
	s.slack.init()
	s.sockets.tickets = map[string]time.Time{}
	s.webhooks.init()
	s.mailEvents.init()
	s.smsNotices.init()
	if err := s.openEventsKey(); err != nil {
		return nil, err
	}
	var err error
	if s.contract, err = loadContracts(opts.SpecsDir); err != nil {
		return nil, fmt.Errorf("load the vendors' contracts: %w", err)
	}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("load the sandbox's state: %w", err)
	}
	s.seedBase()
	s.mux = s.routes()
	// Now, because the next run counts on from what is in the file.
	if err := s.Save(); err != nil {
		return nil, err
	}
	return s, nil
}

// Handler serves the vendors: /hubspot/…, /slack/api/…, /sendgrid/v3/… and /twilio/2010-04-01/…. A vendor's base URL is the address of this
// handler plus its first path segment.
func (s *Sandbox) Handler() http.Handler { return s.mux }

// Run delivers webhooks and events and saves the state until the context ends, then saves once more. It returns the
// error of that last save, else nil.
func (s *Sandbox) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { s.deliverWebhooks(ctx) })
	wg.Go(func() { s.deliverMailEvents(ctx) })
	wg.Go(func() { s.deliverSMSNotices(ctx) })
	wg.Go(func() { s.saveWhenIdle(ctx) })
	wg.Wait()
	return s.Save()
}

// Close saves the state and ends every wait and every connection of Socket Mode.
func (s *Sandbox) Close() error {
	s.closeSockets()
	err := s.Save()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.broadcast()
	}
	return err
}

// change runs f on the state under the lock and tells those who wait.
func (s *Sandbox) change(f func(st *State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.st)
	s.touch()
}

// touch counts a change; the lock is held.
func (s *Sandbox) touch() {
	s.st.Revision++
	s.saver.dirty(s.now())
	s.broadcast()
}

func (s *Sandbox) broadcast() {
	if s.waiting > 0 {
		close(s.changed)
		s.changed, s.waiting = nil, 0
	}
}

// wait returns a channel that is closed at the next change; the lock is held.
func (s *Sandbox) wait() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	s.waiting++
	return s.changed
}

// Read runs f on the live state under the lock; f must be quick and keep nothing.
func (s *Sandbox) Read(f func(st *State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.withRequests())
}

// Snapshot returns a copy of the state that is the caller's own.
func (s *Sandbox) Snapshot() *State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.withRequests().copy()
}

// withRequests brings the counts of requests, kept apart from the lock, into the state; the lock is held.
func (s *Sandbox) withRequests() *State {
	for v, n := range s.requests {
		if more := n.Swap(0); more > 0 {
			s.st.Counts.Requests[v] += more
		}
	}
	return s.st
}

// Revision returns the number of the latest change; it only grows.
func (s *Sandbox) Revision() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.st.Revision
}

// WaitChange returns the revision once it is above after, or the context's error, or ErrClosed.
func (s *Sandbox) WaitChange(ctx context.Context, after uint64) (uint64, error) {
	var rev uint64
	err := s.WaitFor(ctx, func(st *State) bool {
		rev = st.Revision
		return rev > after
	})
	return rev, err
}

// WaitFor returns nil once f is true; f is asked at once and after changes, under the lock. It returns the context's
// error, or ErrClosed, if that comes first.
func (s *Sandbox) WaitFor(ctx context.Context, f func(st *State) bool) error {
	for {
		s.mu.Lock()
		if f(s.withRequests()) {
			s.mu.Unlock()
			return nil
		}
		if s.closed {
			s.mu.Unlock()
			return ErrClosed
		}
		next := s.wait()
		s.mu.Unlock()
		select {
		case <-next:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
