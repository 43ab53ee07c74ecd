package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// befriend has friends leave their details by the links of promoters, and returns their
// batch. Promoters are those of asks.
func (w *world) befriend(asks []string, friends ...survey.Friend) LeadsRef {
	w.Helper()
	for i, f := range friends {
		state, err := w.store.TakeLead(w.Context(), store.TakeLeadRequest{ID: w.newID(), AskID: asks[i%len(asks)], Friend: f, At: w.clock.Now()})
		w.must(err)
		require.Equal(w.T, survey.LeadNew, state)
	}
	batch := LeadsRef{CRM: crmID, Batch: w.claim(store.TopicLead)}
	begun, err := w.referrals().BeginLeads(w.Context(), batch)
	w.must(err)
	require.Equal(w.T, store.LeadsBegun{Leads: len(friends), CRMs: []string{crmID}}, begun)
	return batch
}

func (w *world) referrals() *Referrals { return &Referrals{Store: w.store, Clock: w.clock} }

func (w *world) leads(client crm.CRM) *Leads {
	return &Leads{
		Store: w.store, CRMs: map[string]crm.CRM{crmID: client}, Clock: w.clock, Log: silent,
		Conversions: map[string]survey.Conversion{crmID: {Trigger: survey.Trigger{Event: "deal.changed"}, Amount: "amount", Currency: "EUR"}},
	}
}

// promoters makes asks of contacts' answers and returns their ids.
func (w *world) promoters(contacts ...survey.Contact) []string {
	w.Helper()
	waiting, err := w.store.WaitingAsks(w.Context(), w.promote(contacts...).Batch)
	w.must(err)
	ids := make([]string, len(waiting))
	for i, ask := range waiting {
		ids[i] = ask.Ask.ID
	}
	return ids
}

func buddy(n int) survey.Friend {
	return survey.Friend{FirstName: "Grace", Email: fmt.Sprintf("grace%d@harbour.example", n), Consent: "I agree.", ConsentAt: start, MayTell: n%2 == 1}
}

// readyHubSpot is the stand-in with the properties that cxloop writes.
func (w *world) readyHubSpot() crm.CRM {
	w.Helper()
	client := w.hubspot()
	_, err := client.EnsureProperties(w.Context(), false)
	w.must(err)
	return client
}

func (w *world) figure() store.ReferralFigure {
	w.Helper()
	figures, err := w.store.ReferralFigures(w.Context(), time.Time{}, time.Time{})
	w.must(err)
	require.Len(w.T, figures, 1)
	return figures[0]
}

func (w *world) contactBy(email string) *sandbox.Record {
	var found *sandbox.Record
	w.box.Read(func(st *sandbox.State) { found = st.ContactByEmail(email) })
	return found
}

func TestLeadsBecomeContactsOnceUnderEveryFault(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.FaultKind{"", sandbox.FaultCut, sandbox.FaultCutBefore, sandbox.FaultRateLimit, sandbox.FaultServerError} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.readyHubSpot()
			promoter := w.crmContact(0)
			batch := w.befriend(w.promoters(promoter), buddy(0), buddy(1))
			if kind != "" {
				w.box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 4, Kinds: []sandbox.FaultKind{kind}})
			}
			for range 6 { // each by a client that was not told to wait
				if _, err := run[int](w, w.leads(w.hubspot()).CreateLeads, batch); err != nil {
					fails(t, FailureRetryAfter, err)
				}
			}
			require.Equal(t, map[survey.LeadState]int{survey.LeadCreated: 2}, w.figure().Leads)
			for i := range 2 {
				record := w.contactBy(buddy(i).Email)
				require.Equal(t, promoter.ID, record.Get("cxloop_referred_by"))
				require.Equal(t, "nps", record.Get("cxloop_referral_source"))
			}
		})
	}
}

// A worker that was killed after the call finds what it made.
func TestLeadOfAKilledWorkerIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.readyHubSpot()
	batch := w.befriend(w.promoters(w.crmContact(0)), buddy(0))
	lead, err := w.store.NewLeads(t.Context(), batch.Batch)
	w.must(err)
	_, err = client.(crm.LeadTaker).CreateLead(t.Context(), crm.Lead{ID: lead[0].Lead.ID, Friend: lead[0].Friend, Program: "nps"})
	w.must(err)
	_, err = run[int](w, w.leads(client).CreateLeads, batch)
	w.must(err)
	require.Equal(t, map[survey.LeadState]int{survey.LeadCreated: 1}, w.figure().Leads)
}

func TestLeadWhomTheCRMHasIsNotItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.readyHubSpot()
	_, err := w.box.CreateContact(map[string]string{"email": buddy(0).Email, "firstname": "Known"}, "")
	w.must(err)
	_, err = run[int](w, w.leads(client).CreateLeads, w.befriend(w.promoters(w.crmContact(0)), buddy(0)))
	w.must(err)
	require.Equal(t, map[survey.LeadState]int{survey.LeadExisting: 1}, w.figure().Leads)
	require.Equal(t, "Known", w.contactBy(buddy(0).Email).Get("firstname"))
}

// choosyCRM refuses the leads of some addresses.
type choosyCRM struct {
	crm.CRM
	kind integrations.ErrorKind
	hint string
}

func (c choosyCRM) CreateLead(_ context.Context, l crm.Lead) (crm.LeadRecord, error) {
	if strings.HasPrefix(l.Friend.Email, "grace0") {
		return crm.LeadRecord{}, &integrations.Error{Vendor: "choosy", Kind: c.kind, Code: "VALIDATION_ERROR", Hint: c.hint, Err: fmt.Errorf("no")}
	}
	return crm.LeadRecord{ID: "1"}, nil
}

func TestRefusedLeadIsParkedAndSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch := w.befriend(w.promoters(person(0, "en")), buddy(0), buddy(1))
	taken, err := run[int](w, w.leads(choosyCRM{kind: integrations.Permanent}).CreateLeads, batch)
	w.must(err)
	require.Equal(t, 1, taken, "the other one is taken")
	refused, err := w.store.RefusedLeads(t.Context(), 10)
	w.must(err)
	require.Len(t, refused, 1)
	require.Equal(t, "VALIDATION_ERROR", refused[0].Reason)
	again, err := w.store.RetryLead(t.Context(), refused[0].ID, "again")
	w.must(err)
	_, err = run[int](w, w.leads(w.readyHubSpot()).CreateLeads, LeadsRef(again))
	w.must(err)
	require.Equal(t, map[survey.LeadState]int{survey.LeadCreated: 2}, w.figure().Leads)
}

func TestLeadsWaitForTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch := w.befriend(w.promoters(person(0, "en")), buddy(0))
	_, err := run[int](w, w.leads(choosyCRM{kind: integrations.Permanent, hint: "mend it"}).CreateLeads, batch)
	require.Equal(t, operatorWait, fails(t, FailureRetryAfter, err).NextRetryDelay())
	_, err = run[int](w, w.leads(w.hubspot()).CreateLeads, batch) // without its properties
	require.ErrorContains(t, err, "run cxloop setup")
	_, err = run[int](w, w.leads(&watchedCRM{}).CreateLeads, batch)
	require.ErrorContains(t, fails(t, FailureRetryAfter, err), "takes no leads")
	require.Equal(t, map[survey.LeadState]int{survey.LeadNew: 1}, w.figure().Leads)
}

// tellWon puts events of won deals into the inbox.
func (w *world) tellWon(events ...survey.Event) LeadsRef {
	w.Helper()
	for i, e := range events {
		payload, err := json.Marshal(e)
		w.must(err)
		_, err = w.store.AddItems(w.Context(), []store.Item{{Topic: store.TopicWon, Lane: crmID, Source: "s", Key: fmt.Sprint(w.newID(), i), Payload: payload, DueAt: w.clock.Now()}})
		w.must(err)
	}
	return LeadsRef{CRM: crmID, Batch: w.claim(store.TopicWon)}
}

func TestWonDealIsCredited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.readyHubSpot()
	promoter := w.crmContact(0)
	_, err := run[int](w, w.leads(client).CreateLeads, w.befriend(w.promoters(promoter), buddy(0), buddy(1)))
	w.must(err)
	other := w.crmContact(3)
	deal, err := w.box.CreateDeal(map[string]string{"dealname": "Harbour", "amount": "1200.5"}, "", other.ID, w.contactBy(buddy(0).Email).ID)
	w.must(err)
	strangers, err := w.box.CreateDeal(map[string]string{"dealname": "Else", "amount": "5"}, "", other.ID)
	w.must(err)
	of := func(id string) survey.Event {
		return survey.Event{ID: id, CRM: crmID, Type: "deal.changed", Object: &survey.Object{Type: survey.ObjectDeal, ID: id}}
	}
	byData := survey.Event{CRM: crmID, Type: "order.paid", Data: map[string]any{
		"deal": map[string]any{"id": "d1"}, "amount": 99.0, "contact": map[string]any{"id": "77", "email": buddy(1).Email},
	}}
	batch := w.tellWon(of(deal.ID), of(deal.ID), of(strangers.ID), of("404404"), byData, byData)
	for range 2 {
		got, err := run[store.Credited](w, w.leads(client).CreditDeals, batch)
		w.must(err)
		require.Equal(t, store.Credited{Deals: 2, CRMs: []string{crmID}}, got)
	}
	require.Equal(t, map[string]survey.Hundredths{"EUR": 129950}, w.figure().Revenue)
	_, err = w.push(client)
	w.must(err)
	require.Equal(t, "2", w.box.Record(sandbox.Contacts, promoter.ID).Get(survey.SignalReferrals))
	require.Equal(t, "2", w.box.Record(sandbox.Contacts, promoter.ID).Get(survey.SignalReferralsWon))
}

func TestWonDealWaitsForTheCRM(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch := w.tellWon(survey.Event{CRM: crmID, Object: &survey.Object{Type: survey.ObjectDeal, ID: "1"}})
	w.box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 20, Kinds: []sandbox.FaultKind{sandbox.FaultRateLimit}})
	_, err := run[store.Credited](w, w.leads(w.hubspot()).CreditDeals, batch)
	fails(t, FailureRetryAfter, err)
	items, err := w.store.BatchItems(t.Context(), batch.Batch)
	w.must(err)
	require.Len(t, items, 1, "it is still to be dealt with")
}
