package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/store/storetest"
	"github.com/cxloop/cxloop/survey"
)

const (
	day     = 24 * time.Hour
	crmID   = "hubspot"
	secret  = "only-of-the-tests"
	channel = "C0CX00001" // #cx-cases
)

// start is when every test begins.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

var silent = slog.New(slog.DiscardHandler)

// world is a real database and real clients, with the vendors' stand-ins behind
// them, and a clock that the test moves.
type world struct {
	*testing.T
	store    store.Store
	program  survey.Program
	programs *Programs
	clock    survey.Clock
	moment   *atomic.Int64 // nanoseconds after start
	ids      *atomic.Int64

	box *sandbox.Sandbox
	url string // of the stand-ins
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldIn(t, storetest.SQLite(t))
}

// newWorldIn is newWorld with a database of its own.
func newWorldIn(t *testing.T, database store.Store) *world {
	t.Helper()
	w := &world{T: t, program: testProgram(), moment: new(atomic.Int64), ids: new(atomic.Int64)}
	w.store = database
	var err error
	w.clock, err = survey.NewClock(nil, 1, func() time.Time { return start.Add(time.Duration(w.moment.Load())) })
	w.must(err)
	w.programs, err = NewPrograms(t.Context(), database, []survey.Program{w.program})
	w.must(err)
	w.box, w.url = standIns(t, "")
	return w
}

// standIns runs the vendors' stand-ins, which hold the clients to the contracts
// of specs where it is not "".
func standIns(t *testing.T, specs string) (*sandbox.Sandbox, string) {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{
		HubSpot:  sandbox.HubSpotOptions{Token: secret},
		Slack:    sandbox.SlackOptions{BotToken: secret, SigningSecret: secret},
		SendGrid: sandbox.SendGridOptions{APIKey: secret},
		Limits:   sandbox.Limits{SlackOff: true},
		SpecsDir: specs, Logger: silent,
	})
	require.NoError(t, err)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	return box, server.URL
}

// specs is the folder of the vendors' contracts, "" where the test data is not at
// hand.
func specs() string {
	if dir := os.Getenv("CXLOOP_TESTDATA"); dir != "" {
		return filepath.Join(dir, "specs")
	}
	return ""
}

func (w *world) must(err error) {
	w.Helper()
	require.NoError(w.T, err)
}

func (w *world) newID() string { return fmt.Sprintf("id%06d", w.ids.Add(1)) }

// pass moves the clock.
func (w *world) pass(d time.Duration) { w.moment.Add(int64(d)) }

func testProgram() survey.Program {
	return survey.Program{
		ID: "nps", Kind: survey.Transactional, Metric: survey.NPS,
		Trigger: survey.Trigger{Event: "deal.won"}, Delay: survey.Span(time.Hour), Reminder: survey.Span(3 * day),
		Expiry: survey.Span(14 * day), AgainAfter: survey.Span(90 * day),
		FollowUp: survey.FollowUp{
			Case:       survey.CaseRule{AlertAfter: survey.Span(2 * time.Minute), CloseAfter: survey.Span(10 * day)},
			Referral:   survey.ReferralRule{AskTiming: survey.AskTiming{Delay: survey.Span(day), AgainAfter: survey.Span(180 * day)}, URL: "https://nordwind.example/refer"},
			FinalAfter: survey.Span(time.Hour),
		},
		Texts: map[string]survey.Texts{
			"en": {
				Subject: "How do you like {brand} {first_name}", ReminderSubject: "Still: how do you like {brand} {first_name}",
				Greeting: "Hello {first_name},", Intro: "you work with {brand} at {account}.", Question: "Would you recommend {brand} to a friend of {account}?",
				Low: "not at all", High: "at any time", Unsubscribe: "No more mails of {brand}", Privacy: "{brand} alone reads this.",
				AskSubject: "Who else {first_name}", AskBody: "{account} could tell others of {brand}.", AskButton: "Tell of {brand}",
			},
			"fr": {
				Subject: "Que pensez-vous de {brand} {first_name}", ReminderSubject: "Encore : que pensez-vous de {brand} {first_name}",
				Greeting: "Bonjour {first_name},", Intro: "vous travaillez avec {brand} chez {account}.", Question: "Conseilleriez-vous {brand} à un ami de {account} ?",
				Low: "pas du tout", High: "sans hésiter", Unsubscribe: "Plus d’e-mails de {brand}", Privacy: "Seul {brand} lit ceci.",
				AskSubject: "Qui d’autre {first_name}", AskBody: "{account} pourrait parler de {brand}.", AskButton: "Parler de {brand}",
			},
		},
	}
}

// person is the nth contact, of the company n/5.
func person(n int, locale string) survey.Contact {
	return survey.Contact{
		Key: fmt.Sprintf("hubspot/c%d", n), CRM: crmID, ID: fmt.Sprintf("c%d", n), AccountKey: fmt.Sprintf("hubspot/a%d", n/5),
		Email: fmt.Sprintf("c%d@customers.example", n), FirstName: "Zoë", LastName: "O'Brien", Locale: locale,
	}
}

func people(n int) []survey.Contact {
	contacts := make([]survey.Contact, n)
	for i := range contacts {
		contacts[i] = person(i, "en")
	}
	return contacts
}

// event is what happened to a contact, who comes with it.
func (w *world) event(c survey.Contact) survey.Event {
	return survey.Event{
		ID: w.newID(), Source: "test", Type: "deal.won", Time: w.clock.Now(), CRM: crmID,
		Data: map[string]any{
			"contact": map[string]any{
				"id": c.ID, "email": c.Email, "first_name": c.FirstName, "last_name": c.LastName, "locale": c.Locale, "phone": c.Phone,
			},
			"account": map[string]any{"id": "a" + c.AccountKey[len("hubspot/a"):], "name": "Ångström & Söhne"},
		},
	}
}

// arrive puts events into the inbox and claims them as one batch.
func (w *world) arrive(events ...survey.Event) BatchRef {
	w.Helper()
	for _, e := range events { // each by itself, so that they keep their order
		payload, err := json.Marshal(e)
		w.must(err)
		_, err = w.store.AddItems(w.Context(), []store.Item{{
			Topic: store.TopicEvent, Lane: w.program.ID, Source: e.Source, Key: e.ID, Payload: payload, DueAt: w.clock.Now(),
		}})
		w.must(err)
	}
	return BatchRef{Program: w.program.ID, Version: w.program.Version(), Batch: w.claim(store.TopicEvent)}
}

func (w *world) claim(topic store.Topic) string {
	w.Helper()
	batches, err := w.store.ClaimBatches(w.Context(), topic, w.clock.Now(), time.Hour, nil)
	w.must(err)
	require.Len(w.T, batches, 1)
	return batches[0].ID
}

func (w *world) invitations() *Invitations {
	return &Invitations{
		Store: w.store, Programs: w.programs, Rules: survey.ContactRules{Quarantine: survey.Span(30 * day)}, Clock: w.clock, NewID: w.newID,
		Region: "DE",
	}
}

// admit takes contacts through admission, an event each, until their mails are due.
// It returns the ids of their invitations in order.
func (w *world) admit(contacts ...survey.Contact) (BatchRef, []string) {
	w.Helper()
	var events []survey.Event
	for _, c := range contacts {
		events = append(events, w.event(c))
	}
	batch := w.arrive(events...)
	_, err := w.invitations().PrepareInvitations(w.Context(), batch)
	w.must(err)
	admitted, err := w.invitations().AdmitInvitations(w.Context(), AdmitInput{BatchRef: batch})
	w.must(err)
	require.Zero(w.T, admitted.Suppressed)
	w.pass(w.program.Delay.Std())
	waiting, err := w.store.Unsent(w.Context(), batch.Batch, w.clock.Now())
	w.must(err)
	byContact := map[string]string{}
	for _, r := range waiting {
		byContact[r.Contact.ID] = r.Invitation.ID
	}
	var ids []string
	for _, c := range contacts {
		require.Contains(w.T, byContact, c.ID)
		ids = append(ids, byContact[c.ID])
	}
	return batch, ids
}

// answer is one step of the survey page.
func (w *world) answer(invitation string, answer survey.Answer) {
	w.Helper()
	_, err := w.store.SaveAnswer(w.Context(), store.SaveAnswerRequest{
		InvitationID: invitation, Answer: answer, Band: w.program.BandOf(answer.Score), Now: w.clock.Now(),
		DueAt: w.program.DueAt, NewID: w.newID,
	})
	w.must(err)
}

func (w *world) responses() *Responses {
	return &Responses{Store: w.store, Programs: w.programs, Clock: w.clock, NewID: w.newID, Comments: w.reader()}
}

// reader reads comments by the lexicon, or by what was trained.
func (w *world) reader() *CommentReader {
	return &CommentReader{Store: w.store, Now: time.Now, Log: silent}
}

// record deals with the answers that are due.
func (w *world) record() (AnswersRef, store.Recorded) {
	w.Helper()
	batch := AnswersRef{Batch: w.claim(store.TopicAnswer)}
	recorded, err := w.responses().RecordResponses(w.Context(), batch)
	w.must(err)
	return batch, recorded
}

// openCase makes a case of a detractor's answer and returns its id.
func (w *world) openCase(c survey.Contact, comment string) string {
	w.Helper()
	_, ids := w.admit(c)
	w.answer(ids[0], survey.Answer{Score: 2, Comment: comment, Done: true})
	_, recorded := w.record()
	require.Len(w.T, recorded.Cases, 1)
	return recorded.Cases[0]
}

func (w *world) states(ids []string) []survey.InvitationState {
	w.Helper()
	var states []survey.InvitationState
	for _, id := range ids {
		r, err := w.store.Invitation(w.Context(), id)
		w.must(err)
		states = append(states, r.Invitation.State)
	}
	return states
}

// unknownEffects are the keys that an operator has to decide.
func (w *world) unknownEffects() []string {
	w.Helper()
	effects, err := w.store.UnknownEffects(w.Context(), 1000)
	w.must(err)
	var keys []string
	for _, e := range effects {
		keys = append(keys, e.Key)
	}
	return keys
}

func (w *world) sender(base, key string) *sendgrid.Client {
	w.Helper()
	client, err := sendgrid.New(sendgrid.Options{BaseURL: base, APIKey: key})
	w.must(err)
	return client
}

func testComposer(t *testing.T) Composer {
	t.Helper()
	tokens, err := survey.NewTokens(bytes.Repeat([]byte{7}, survey.MinTokenKey))
	require.NoError(t, err)
	return Composer{
		Tokens: tokens, PublicURL: "https://cx.nordwind.example", Sender: survey.Sender{Email: "cx@nordwind.example", Name: "Nordwind", ReplyTo: "hello@nordwind.example"},
		Brand: survey.Brand{Name: "Nordwind", Color: "#0b6bcb", Address: "Nordwind AG, Hafenstr. 1, Hamburg"},
	}
}

// mail sends to the stand-in.
func (w *world) mail() *Mail { return w.mailWith(w.sender(w.url+"/sendgrid", secret)) }

func (w *world) mailWith(sender mail.Sender) *Mail {
	return &Mail{Store: w.store, Programs: w.programs, Clock: w.clock, Composer: testComposer(w.T), Vendor: "sendgrid", Sender: sender, NewID: w.newID, Log: silent}
}

func (w *world) slack() *Slack {
	w.Helper()
	client, err := slack.New(slack.Options{BaseURL: w.url + "/slack", BotToken: secret})
	w.must(err)
	return &Slack{
		Store: w.store, Programs: w.programs, Clock: w.clock, Client: client,
		Route: to(channel), Log: silent,
	}
}

func (w *world) hubspot() *hubspot.Client {
	w.Helper()
	client, err := hubspot.New(hubspot.Options{ID: crmID, BaseURL: w.url + "/hubspot", Token: secret, Clock: w.clock})
	w.must(err)
	return client
}

func (w *world) signals(client crm.CRM) *Signals {
	return &Signals{Store: w.store, CRMs: map[string]crm.CRM{crmID: client}, Clock: w.clock, Log: silent}
}

// mailed are the addresses that the stand-in delivered to.
func (w *world) mailed() []string {
	var to []string
	w.box.Read(func(st *sandbox.State) {
		for _, m := range st.Mails {
			to = append(to, m.To.Email)
		}
	})
	return to
}

// run runs an activity as a worker does, so that its error is what Temporal acts
// on, and decodes what it returns.
func run[T any](w *world, activity, in any) (out T, err error) {
	w.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent)
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(activity)
	got, err := env.ExecuteActivity(activity, in)
	if err == nil && got.HasValue() {
		w.must(got.Get(&out))
	}
	return out, err
}

// runIn runs an activity whose context is made of ctx, on a worker that stops when
// stop is closed.
func runIn(ctx context.Context, stop chan struct{}, activity, in any) error {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent)
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{BackgroundActivityContext: ctx})
	env.SetWorkerStopChannel(stop)
	env.RegisterActivity(activity)
	_, err := env.ExecuteActivity(activity, in)
	return err
}

// fails wants an application error of a type and returns it.
func fails(t *testing.T, kind string, err error) *temporal.ApplicationError {
	t.Helper()
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, kind, failed.Type(), failed.Error())
	return failed
}

// scripted is a vendor that answers as told.
func scripted(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

// to routes every case to a channel.
func to(channel string) func(store.CaseDetail) survey.CaseRoute {
	return func(store.CaseDetail) survey.CaseRoute { return survey.CaseRoute{Channel: channel} }
}
