package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/webhook"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/store/storetest"
	"github.com/cxloop/cxloop/survey"
)

// start is when the tests take place.
var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

var (
	shopSecret  = "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("s"), 32))
	slackSecret = "8f742231b10e8888abcd99yyyzzz85a5" // Slack's own example
	apiToken    = "an-api-token-of-the-tests"
)

// site is a server with a real database.
type site struct {
	*testing.T
	server   *Server
	url      string
	store    *flaky
	tokens   survey.Tokens
	log      *logged
	notified atomic.Int64
	now      atomic.Int64 // milliseconds since start
	ids      atomic.Int64
	// address is that of all contacts; "" gives each its own.
	address string
}

func newSite(t *testing.T, change ...func(*Options)) *site {
	t.Helper()
	s := &site{T: t, log: &logged{}}
	db := storetest.SQLite(t)
	s.store = &flaky{Store: db}
	var err error
	s.tokens, err = survey.NewTokens(bytes.Repeat([]byte("k"), survey.MinTokenKey))
	s.ok(err)
	clock, err := survey.NewClock(nil, 1, s.clock)
	s.ok(err)
	shop, err := webhook.New(webhook.Options{ID: "shop", Secret: shopSecret})
	s.ok(err)
	secret, err := webhook.NewSecret(shopSecret)
	s.ok(err)
	options := Options{
		Store: s.store, Clock: clock, Programs: programs(), Program: s.program, Tokens: s.tokens,
		Receivers: map[string]crm.Receiver{"shop": shop}, SlackSigningSecret: slackSecret,
		VerifyEvents: secret.Verify, APITokens: []string{"another", apiToken},
		PublicURL: "https://cx.example.com", Brand: Brand{Name: "Northwind", PrivacyURL: "https://example.com/privacy"},
		MaxBody: 64 << 10, Notify: func(store.Topic) { s.notified.Add(1) },
		NewID: s.newID, Now: s.clock, Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	options.Health = &Health{Ready: s.store.Ping, Metrics: http.NotFoundHandler(), Log: options.Log}
	for _, f := range change {
		f(&options)
	}
	s.server, err = New(options)
	s.ok(err)
	listener := httptest.NewServer(s.server.Handler())
	t.Cleanup(listener.Close)
	s.url = listener.URL
	return s
}

func programs() []survey.Program {
	texts := survey.Texts{
		Greeting: "Hello {first_name},", Question: "Would you recommend {brand}?", Low: "Never", High: "Always",
		Comment: "Why?", Send: "Send it", Done: "I am done", Thanks: "Thank you, {first_name}!", ThanksMore: "Tell us more.",
		Change: "Change my answer", Expired: "This survey has closed.", Unsubscribe: "Unsubscribe",
		UnsubscribeProgram: "Only this", UnsubscribedProgram: "No more mails like this.", Notice: "Kept by {brand}.",
		Unsubscribed: "No more mails from {brand}.", Privacy: "About your data.", AskPage: "Who else?", AskButton: "Recommend {brand}",
	}
	german, arabic := texts, texts
	german.Question, german.Expired = "Würden Sie {brand} empfehlen?", "Diese Umfrage ist beendet."
	arabic.Question = "هل توصي بنا؟"
	nps := survey.Program{
		ID: "won-nps", Kind: survey.Transactional, Metric: survey.NPS,
		Trigger: survey.Trigger{Event: "order.shipped", Where: map[string]string{"plan": "pro"}},
		Expiry:  survey.Span(14 * 24 * time.Hour),
		Texts:   map[string]survey.Texts{"en": texts, "de": german, "ar": arabic},
	}
	nps.FollowUp.FinalAfter = survey.Span(time.Hour)
	nps.FollowUp.Case.AlertAfter = survey.Span(2 * time.Minute)
	nps.FollowUp.Referral.URL = "https://example.com/refer?from=cx"
	ces := nps
	ces.ID, ces.Metric, ces.Trigger = "shipped-ces", survey.CES, survey.Trigger{Event: "order.shipped"}
	chat := nps
	chat.ID, chat.Kind, chat.Trigger = "chat-nps", survey.InTheMoment, survey.Trigger{}
	return []survey.Program{nps, ces, askingProgram(nps), chat, triedProgram(nps), anonymousProgram(nps)}
}

// triedProgram asks everybody but a few by a variant with another question.
func triedProgram(p survey.Program) survey.Program {
	p.ID, p.Trigger = "tried-nps", survey.Trigger{Event: "account.tried"}
	short := maps.Clone(p.Texts)
	for locale, texts := range short {
		texts.Question = "Short?"
		short[locale] = texts
	}
	p.Variants = []survey.Variant{{ID: "short", Share: 1, Texts: short}, {ID: "plain", Share: 1e-12, Texts: p.Texts}}
	return p
}

// askingProgram asks for causes after the score, then detractors how serious it is, and
// whoever chose the price what it should be.
func askingProgram(p survey.Program) survey.Program {
	words := func(en, de string) survey.Words { return survey.Words{"en": en, "de": de} }
	p.ID, p.Trigger = "asking-nps", survey.Trigger{Event: "account.reviewed"}
	p.Texts = maps.Clone(p.Texts)
	for locale, texts := range p.Texts {
		texts.Next, texts.Other, texts.Required = "Go on", "Something else", "Please choose."
		p.Texts[locale] = texts
	}
	p.Questions = []survey.Question{
		survey.CausesQuestion(words("What mattered most?", "Was war wichtig?"), []survey.Option{
			{ID: "price", Text: words("The price", "Der Preis")}, {ID: "speed", Text: words("The speed", "Das Tempo")},
			{ID: "people", Text: words("The <people>", "Die Menschen")},
		}),
		{
			ID: "serious", Type: survey.ScaleChoice, Text: words("How serious is it?", "Wie ernst ist es?"), From: 1, To: 5,
			Low: words("A trifle", "Kleinigkeit"), High: words("A disaster", "Katastrophe"),
			Required: true, When: &survey.Condition{Bands: []survey.Band{survey.Detractor}},
		},
		{
			ID: "fair", Type: survey.FreeText, Text: words("What would be fair?", "Was wäre fair?"),
			When: &survey.Condition{Answers: map[string][]string{survey.Causes: {"price"}}},
		},
	}
	return p
}

// anonymousProgram asks employees for causes of their score.
func anonymousProgram(p survey.Program) survey.Program {
	p = askingProgram(p)
	p.ID, p.Metric, p.Of, p.Trigger = "team-enps", survey.ENPS, survey.Employees, survey.Trigger{Event: "team.pulse"}
	p.Anonymity = survey.Anonymity{Anonymous: true, Floor: 5}
	p.FollowUp.Case.Off, p.FollowUp.Referral.Off = true, true
	for locale, texts := range p.Texts {
		texts.Anonymous, texts.Answered = "Nobody at {brand} knows who you are.", "You have answered."
		p.Texts[locale] = texts
	}
	return p
}

func (s *site) program(_ context.Context, id, version string) (survey.Program, error) {
	for _, p := range programs() {
		if p.ID == id && p.Version() == version {
			return p, nil
		}
	}
	return survey.Program{}, fmt.Errorf("program %s: %w", id, store.ErrNotFound)
}

func (s *site) clock() time.Time        { return start.Add(time.Duration(s.now.Load()) * time.Millisecond) }
func (s *site) advance(d time.Duration) { s.now.Add(d.Milliseconds()) }
func (s *site) newID() string           { return fmt.Sprintf("id%d", s.ids.Add(1)) }
func (s *site) ok(err error)            { s.Helper(); s.want(err == nil, "error: %v", err) }
func (s *site) survey(id string) string { return "/s/" + s.tokens.Seal(survey.TokenSurvey, id) }
func (s *site) unsubscribe(id string) string {
	return "/u/" + s.tokens.Seal(survey.TokenUnsubscribe, id)
}
func (s *site) referral(id string) string { return "/r/" + s.tokens.Seal(survey.TokenReferral, id) }

func (s *site) want(ok bool, format string, args ...any) {
	s.Helper()
	if !ok {
		s.Fatalf(format, args...)
	}
}

// invite makes a contact and an invitation that was mailed.
func (s *site) invite(locale string) string { s.Helper(); return s.inviteTo(programs()[0], locale) }

func (s *site) inviteTo(program survey.Program, locale string) string {
	s.Helper()
	id := s.admitTo(program, locale)
	s.ok(s.store.MarkSent(s.Context(), []string{id}, s.clock(), programs()[0].ExpiresAt(s.clock())))
	return id
}

// admit makes a contact and an invitation whose mail waits.
func (s *site) admit(locale string) string { s.Helper(); return s.admitTo(programs()[0], locale) }

func (s *site) admitTo(program survey.Program, locale string) string {
	s.Helper()
	ctx := s.Context()
	key := "shop/" + s.newID()
	s.ok(s.store.SaveContacts(ctx, []survey.Contact{{
		Key: key, CRM: "shop", ID: strings.TrimPrefix(key, "shop/"), Email: cmp.Or(s.address, strings.TrimPrefix(key, "shop/")+"@example.com"), FirstName: "Ada <b>", Locale: locale,
	}}, nil))
	_, err := s.store.AddItems(ctx, []store.Item{{
		Topic: store.TopicEvent, Lane: program.ID, Source: "test", Key: key, Payload: []byte("{}"), DueAt: start,
	}})
	s.ok(err)
	batch := s.claim(store.TopicEvent)
	items, err := s.store.BatchItems(ctx, batch)
	s.ok(err)
	invitations, err := s.store.Admit(ctx, store.AdmitRequest{
		Batch: batch, Program: program.ID, Version: program.Version(), Now: s.clock(), NewID: s.newID,
		Candidates: []store.Candidate{{ItemID: items[0].ID, ContactKey: key, EventAt: start}},
		Decide:     func(survey.Applicant) survey.Ruling { return survey.Ruling{} },
		DueAt:      func(store.Candidate, survey.Contact) time.Time { return start },
		Locale:     func(c survey.Contact) string { return c.Locale },
		Variant:    func(c survey.Contact) string { return program.VariantOf(c.Key) },
	})
	s.ok(err)
	s.ok(s.store.HandedOver(ctx, []string{batch}))
	return invitations[0].ID
}

// ask makes a promoter's answer to an invitation and the ask that follows.
func (s *site) ask(invitation string) string {
	s.Helper()
	return s.askFor(survey.AskReferral, invitation)
}

// askFor makes one of a kind.
func (s *site) askFor(kind survey.AskKind, invitation string) string {
	s.Helper()
	ctx := s.Context()
	_, err := s.store.SaveAnswer(ctx, store.SaveAnswerRequest{
		InvitationID: invitation, Answer: survey.Answer{Score: 10, Comment: "Never a bad day", Done: true}, Band: survey.Promoter, Now: s.clock(),
		DueAt: func(survey.Response) time.Time { return s.clock() }, NewID: s.newID,
	})
	s.ok(err)
	batch := s.claim(store.TopicAnswer)
	_, err = s.store.Record(ctx, store.RecordRequest{
		Batch: batch, Now: s.clock(), NewID: s.newID,
		Decide: func(survey.Response, bool) (store.Decision, error) {
			return store.Decision{Final: true, Next: survey.NextStep{Ask: true}}, nil
		},
		ChooseAsk: func(survey.Response, survey.AskHistory) (survey.AskChoice, time.Time, bool) {
			return survey.AskChoice{Turn: kind, Kind: kind}, s.clock(), true
		},
		ContactSignals: func(survey.Response) map[string]string { return nil },
		AccountSignals: func(store.AccountCounts) map[string]string { return nil },
	})
	s.ok(err)
	asks, err := s.store.AdmitAsks(ctx, batch, s.clock(), func(*store.AskRecipient) survey.Rule { return "" })
	s.ok(err)
	s.want(len(asks) == 1, "%d asks: want 1", len(asks))
	s.ok(s.store.MarkAsked(ctx, []string{asks[0].Ask.ID}, survey.AskSent, s.clock()))
	return asks[0].Ask.ID
}

func (s *site) claim(topic store.Topic) string {
	s.Helper()
	batches, err := s.store.ClaimBatches(s.Context(), topic, s.clock(), time.Minute, nil)
	s.ok(err)
	s.want(len(batches) == 1, "%d batches of %s: want 1", len(batches), topic)
	return batches[0].ID
}

// items returns the payloads of the inbox items that wait in a topic, by lane.
func (s *site) items(topic store.Topic) map[string][]store.StoredItem {
	s.Helper()
	batches, err := s.store.ClaimBatches(s.Context(), topic, s.clock(), time.Minute, nil)
	s.ok(err)
	found := map[string][]store.StoredItem{}
	for _, b := range batches {
		found[b.Lane], err = s.store.BatchItems(s.Context(), b.ID)
		s.ok(err)
	}
	return found
}

// kept is what a refused request must leave as it was.
func (s *site) kept(invitation string) string {
	s.Helper()
	backlog, err := s.store.Backlog(s.Context())
	s.ok(err)
	text, err := json.Marshal(backlog)
	s.ok(err)
	response, err := s.store.ResponseOf(s.Context(), invitation)
	if !errors.Is(err, store.ErrNotFound) {
		s.ok(err)
	}
	found, err := s.store.Invitation(s.Context(), invitation)
	s.ok(err)
	return fmt.Sprintf("%s %+v %+v", text, response, found)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (s *site) do(method, path string, header http.Header, body []byte) answer {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.url+path, bytes.NewReader(body))
	s.ok(err)
	if header != nil {
		req.Header = header
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	s.ok(err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	s.ok(err)
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func (s *site) get(path string) answer { s.Helper(); return s.do(http.MethodGet, path, nil, nil) }

func (s *site) post(path string, form url.Values) answer {
	s.Helper()
	return s.do(http.MethodPost, path, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
}

// has fails unless an answer has a status and holds some texts.
func (s *site) has(got answer, status int, texts ...string) {
	s.Helper()
	s.want(got.status == status, "status %d: want %d\n%s", got.status, status, got.body)
	for _, text := range texts {
		s.want(strings.Contains(got.body, text), "answer without %q:\n%s", text, got.body)
	}
}

// flaky is a store that fails when told to, and counts.
type flaky struct {
	store.Store
	broken   atomic.Bool
	addCalls atomic.Int64
	adding   func() // called within AddItems, or nil
	// alter makes of a case that is read what it is said to be; nil for as it is.
	alter func(*survey.Case)
}

func (f *flaky) Case(ctx context.Context, id string) (store.CaseDetail, error) {
	detail, err := f.Store.Case(ctx, id)
	if f.alter != nil {
		f.alter(&detail.Case)
	}
	return detail, err
}

var errBroken = errors.New("the disk is full")

func (f *flaky) failing() error {
	if f.broken.Load() {
		return errBroken
	}
	return nil
}

func (f *flaky) AddItems(ctx context.Context, items []store.Item) (int, error) {
	f.addCalls.Add(1)
	if f.adding != nil {
		f.adding()
	}
	if err := f.failing(); err != nil {
		return 0, err
	}
	return f.Store.AddItems(ctx, items)
}

func (f *flaky) SaveAnswer(ctx context.Context, req store.SaveAnswerRequest) (survey.Response, error) {
	if err := f.failing(); err != nil {
		return survey.Response{}, err
	}
	return f.Store.SaveAnswer(ctx, req)
}

func (f *flaky) Unsubscribe(ctx context.Context, key string, at time.Time) error {
	if err := f.failing(); err != nil {
		return err
	}
	return f.Store.Unsubscribe(ctx, key, at)
}

func (f *flaky) AskClicked(ctx context.Context, id string, at time.Time) error {
	if err := f.failing(); err != nil {
		return err
	}
	return f.Store.AskClicked(ctx, id, at)
}

func (f *flaky) TakeLead(ctx context.Context, req store.TakeLeadRequest) (survey.LeadState, error) {
	if err := f.failing(); err != nil {
		return "", err
	}
	return f.Store.TakeLead(ctx, req)
}

func (f *flaky) Ping(ctx context.Context) error {
	if err := f.failing(); err != nil {
		return err
	}
	return f.Store.Ping(ctx)
}

// logged is a log that tests can read.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// only is the program that every invitation ran under.
func only(p survey.Program) func(context.Context, string, string) (survey.Program, error) {
	return func(context.Context, string, string) (survey.Program, error) { return p, nil }
}
