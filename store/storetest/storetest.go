// Package storetest is what every store.Store must pass.
package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Run runs the suite. open returns a new and empty store each time, and closes it
// with the test.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, group := range []struct {
		name  string
		cases map[string]func(world)
	}{
		{"Inbox", inboxCases},
		{"Invitations", invitationCases},
		{"Admission", admissionCases},
		{"Eligibility", eligibilityCases},
		{"Asked", askedCases},
		{"Feedback", feedbackCases},
		{"Behaviour", behaviourCases},
		{"Answers", answerCases},
		{"Anonymous", anonymousCases},
		{"Record", recordCases},
		{"Cases", caseCases},
		{"Owners", ownerCases},
		{"CaseRecords", caseRecordCases},
		{"Scores", scoreCases},
		{"Rejoin", rejoinCases},
		{"Recovery", recoveryCases},
		{"Storms", stormCases},
		{"Asks", askCases},
		{"AskTurns", askTurnCases},
		{"AskOutcomes", askOutcomeCases},
		{"Testimonials", testimonialCases},
		{"Referrals", referralCases},
		{"FollowUps", followUpCases},
		{"Signals", signalCases},
		{"Unanswered", unansweredCases},
		{"Effects", effectCases},
		{"Delivery", deliveryCases},
		{"Numbers", numberCases},
		{"Pauses", pauseCases},
		{"Campaigns", campaignCases},
		{"Variants", variantCases},
		{"Visits", visitCases},
		{"UnknownEffects", unknownEffectCases},
		{"Settings", settingCases},
		{"WarmUp", warmUpCases},
		{"Audits", auditCases},
		{"Themes", themeCases},
		{"Comments", commentCases},
		{"Quotes", quoteCases},
		{"ScoreCells", scoreCellCases},
		{"Models", modelCases},
	} {
		t.Run(group.name, func(t *testing.T) {
			for name, run := range group.cases {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					run(world{T: t, Store: open(t), ids: new(atomic.Int64)})
				})
			}
		})
	}
}

// start is when every test begins, in scaled time.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// The rules that the tests' program runs under.
const (
	programID  = "nps"
	quarantine = 30 * 24 * time.Hour
	expiry     = 14 * 24 * time.Hour
	finalAfter = time.Hour
	alertAfter = 2 * time.Minute
	closeAfter = 10 * 24 * time.Hour
	askDelay   = 24 * time.Hour
	longLease  = time.Hour
)

// world is a store with what the tests do to it.
type world struct {
	*testing.T
	store.Store
	ids *atomic.Int64
}

func (w world) newID() string { return fmt.Sprintf("id%06d", w.ids.Add(1)) }

func (w world) must(err error) {
	w.Helper()
	require.NoError(w.T, err)
}

// referrer tells what it knows a contact or an account by.
type referrer interface {
	Reference(ctx context.Context, key string) (string, error)
}

// contactRef and accountRef are what other records know a contact and an account by.
func (w world) contactRef(i int) string { return w.reference(contactKey(i)) }
func (w world) accountRef(i int) string { return w.reference(accountKey(i)) }

func (w world) reference(key string) string {
	w.Helper()
	reference, err := w.Store.(referrer).Reference(w.Context(), key)
	w.must(err)
	return reference
}

// kept is a contact as the store returns it.
func (w world) kept(c survey.Contact) survey.Contact {
	c.Key, c.AccountKey = w.reference(c.Key), w.reference(c.AccountKey)
	return c
}

func (w world) keptAccount(i int) survey.Account {
	a := account(i)
	a.Key = w.reference(a.Key)
	return a
}

func contactKey(i int) string { return fmt.Sprintf("hubspot/c%03d", i) }
func accountKey(i int) string { return fmt.Sprintf("hubspot/a%03d", i) }

func contact(i, account int) survey.Contact {
	c := survey.Contact{
		Key: contactKey(i), CRM: "hubspot", ID: fmt.Sprintf("c%03d", i), Email: fmt.Sprintf("c%03d@example.com", i),
		FirstName: "Zoë", LastName: "O'Brien", Locale: "fr-CA", Timezone: "America/Montreal",
		Attributes: map[string]string{"tier": "gold"}, RefreshedAt: start,
	}
	if account >= 0 {
		c.AccountKey = accountKey(account)
	}
	return c
}

func account(i int) survey.Account {
	return survey.Account{
		Key: accountKey(i), CRM: "hubspot", ID: fmt.Sprintf("a%03d", i), Name: "Ångström & Söhne",
		Attributes: map[string]string{"region": "emea"},
	}
}

// saveContacts saves contacts 0 to n-1 of account 0.
func (w world) saveContacts(n int) {
	w.Helper()
	var contacts []survey.Contact
	for i := range n {
		contacts = append(contacts, contact(i, 0))
	}
	w.must(w.SaveContacts(w.Context(), contacts, []survey.Account{account(0)}))
}

// addEvents adds n events for the program, due at once.
func (w world) addEvents(n int) {
	w.Helper()
	var items []store.Item
	for range n {
		items = append(items, store.Item{
			Topic: store.TopicEvent, Lane: programID, Source: "crm", Key: w.newID(), Payload: []byte(`{"n":1}`), DueAt: start,
		})
	}
	added, err := w.AddItems(w.Context(), items)
	w.must(err)
	require.Equal(w.T, n, added)
}

// claim claims the one batch that is due.
func (w world) claim(topic store.Topic, now time.Time) store.Batch {
	w.Helper()
	batches, err := w.ClaimBatches(w.Context(), topic, now, longLease, nil)
	w.must(err)
	require.Len(w.T, batches, 1)
	return batches[0]
}

// admitRequest asks contacts by the rules, an event each.
func (w world) admitRequest(batch string, now time.Time, contacts ...int) store.AdmitRequest {
	w.Helper()
	items, err := w.BatchItems(w.Context(), batch)
	w.must(err)
	require.Len(w.T, items, len(contacts))
	req := w.emptyRequest(batch, now)
	for i, c := range contacts {
		req.Candidates = append(req.Candidates, store.Candidate{ItemID: items[i].ID, ContactKey: contactKey(c), EventAt: now})
	}
	return req
}

// emptyRequest is a batch under the rules, without candidates.
func (w world) emptyRequest(batch string, now time.Time) store.AdmitRequest {
	return underRules(program(), survey.ContactRules{Quarantine: survey.Span(quarantine)}, store.AdmitRequest{
		Batch: batch, Now: now, NewID: w.newID,
		DueAt:  func(c store.Candidate, _ survey.Contact) time.Time { return c.EventAt },
		Locale: func(c survey.Contact) string { return c.Locale },
	})
}

// underRules makes a request ask the rules for a program.
func underRules(p survey.Program, rules survey.ContactRules, req store.AdmitRequest) store.AdmitRequest {
	req.Program, req.Version, req.Kind, req.Touchpoint, req.Priority = p.ID, "v1", p.Kind, p.AtTouchpoint(), p.Priority
	req.Reads = survey.ReadsFor(p, rules, req.Now)
	req.Decide = func(a survey.Applicant) survey.Ruling { return survey.Decide(p, rules, a, req.Now) }
	return req
}

// admit takes an event for each contact through admission at a moment.
func (w world) admit(now time.Time, contacts ...int) []store.Invitation {
	w.Helper()
	w.addEvents(len(contacts))
	invitations, err := w.Store.Admit(w.Context(), w.admitRequest(w.claim(store.TopicEvent, now).ID, now, contacts...))
	w.must(err)
	return invitations
}

// invite is admit, and the mails are sent. It returns the invitations' ids in
// order of the contacts.
func (w world) invite(now time.Time, contacts ...int) []string {
	w.Helper()
	return w.mailed(w.admit(now, contacts...), now, contacts...)
}

// mailed has the mails of invitations sent and returns their ids in order of the contacts.
func (w world) mailed(made []store.Invitation, now time.Time, contacts ...int) []string {
	w.Helper()
	byContact := map[string]string{}
	var ids []string
	for _, i := range made {
		require.Equal(w.T, survey.InvitationAdmitted, i.State, "rule %s", i.Rule)
		byContact[i.ContactKey] = i.ID
		ids = append(ids, i.ID)
	}
	w.must(w.MarkSent(w.Context(), ids, now, now.Add(expiry)))
	ids = ids[:0]
	for _, c := range contacts {
		ids = append(ids, byContact[w.contactRef(c)])
	}
	return ids
}

// answerRequest is one step of the survey page, under the program's rules.
func (w world) answerRequest(invitation string, now time.Time, answer survey.Answer) store.SaveAnswerRequest {
	p := program()
	return store.SaveAnswerRequest{
		InvitationID: invitation, Answer: answer, Band: p.BandOf(answer.Score), Now: now, NewID: w.newID, DueAt: p.DueAt,
	}
}

// done answers at a moment and presses "done".
func (w world) done(invitation string, now time.Time, score int) survey.Response {
	w.Helper()
	r, err := w.SaveAnswer(w.Context(), w.answerRequest(invitation, now, survey.Answer{Score: score, Done: true}))
	w.must(err)
	return r
}

func program() survey.Program {
	return survey.Program{
		ID: programID, Kind: survey.Transactional, Metric: survey.NPS,
		FollowUp: survey.FollowUp{
			Case:       survey.CaseRule{AlertAfter: survey.Span(alertAfter), CloseAfter: survey.Span(closeAfter)},
			FinalAfter: survey.Span(finalAfter),
		},
	}
}

// recordRequest records a batch of answers under the program's rules.
func (w world) recordRequest(batch string, now time.Time) store.RecordRequest {
	p := program()
	return store.RecordRequest{
		Batch: batch, Now: now, NewID: w.newID,
		Decide: func(r survey.Response, fits bool) (store.Decision, error) {
			next := p.Next(r, fits, now)
			if next.Case {
				r.Alerted = now
			}
			return store.Decision{
				Final: p.IsFinal(r, now), Next: next, DueAt: p.DueAt(r), CaseCloseAt: now.Add(closeAfter),
			}, nil
		},
		ChooseAsk: func(r survey.Response, h survey.AskHistory) (survey.AskChoice, time.Time, bool) {
			choice, ok := p.FollowUp.ChooseAsk(survey.AskAnswer{Band: r.Band, Comment: r.Comment != ""}, h, now)
			return choice, now.Add(askDelay), ok
		},
		ContactSignals: func(r survey.Response) map[string]string { return survey.ContactSignals(p, r) },
		AccountSignals: func(c store.AccountCounts) map[string]string {
			return map[string]string{"counts": fmt.Sprintf("%d/%d/%d", c.N, c.Promoters, c.Detractors)}
		},
	}
}

// record claims what is due of the answers and records it.
func (w world) record(now time.Time) store.Recorded {
	w.Helper()
	recorded, err := w.Record(w.Context(), w.recordRequest(w.claim(store.TopicAnswer, now).ID, now))
	w.must(err)
	return recorded
}

// openCase makes a case of a contact's unhappy answer and returns its id.
func (w world) openCase(now time.Time, c int) string {
	w.Helper()
	w.done(w.invite(now, c)[0], now, 3)
	cases := w.record(now).Cases
	require.Len(w.T, cases, 1)
	return cases[0]
}

// signals returns what is to be pushed of a type, by record and name.
func (w world) signals(objectType string) map[string]map[string]string {
	w.Helper()
	out := map[string]map[string]string{}
	for {
		rows, err := w.DirtySignals(w.Context(), "hubspot", 100)
		w.must(err)
		if len(rows) == 0 {
			return out
		}
		for _, row := range rows {
			if row.ObjectType == objectType {
				out[row.ObjectID] = row.Values
			}
		}
		w.must(w.SignalsPushed(w.Context(), "hubspot", rows, start))
	}
}

// atOnce runs do n times together and returns the results.
func atOnce[T any](w world, n int, do func(i int) (T, error)) []T {
	w.Helper()
	type result struct {
		value T
		err   error
	}
	results := make(chan result, n)
	for i := range n {
		go func() {
			value, err := do(i)
			results <- result{value, err}
		}()
	}
	var out []T
	for range n {
		r := <-results
		w.must(r.err)
		out = append(out, r.value)
	}
	return out
}
