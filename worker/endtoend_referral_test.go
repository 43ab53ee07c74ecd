package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// A promoter passes a link on, a friend leaves their details, and a deal with the friend is
// credited to the promoter.
func TestReferralBringsACustomer(t *testing.T) {
	t.Parallel()
	w := startWorld(t, databases[0])
	promoter := w.customer(t, w.company(t, "Harbour", "growth"), "Priya", "en")
	link := w.passedOn(t, promoter)

	page := w.get(t, link)
	require.Equal(t, http.StatusOK, page.status)
	require.Contains(t, page.body, "Priya recommends Acme Festivals to you")
	require.NotContains(t, page.body, promoter.email)
	require.Equal(t, http.StatusUnprocessableEntity, w.post(t, link, w.details(t, page, "bot@spam.example", "website", "https://spam.example")...).status)
	require.Equal(t, http.StatusUnprocessableEntity, w.post(t, link, w.details(t, page, "fast@spam.example")...).status, "nobody types so fast")

	w.sandbox.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 3, Kinds: []sandbox.FaultKind{sandbox.FaultCut, sandbox.FaultServerError}})
	for _, address := range []string{"grace@friends.example", "grace@friends.example", promoter.email} {
		a := w.post(t, link, w.details(t, page, address, "form", w.formShown(t, time.Minute))...)
		require.Equal(t, http.StatusOK, a.status, a.body)
		require.Contains(t, a.body, "Your details have arrived")
	}
	friend := w.lead(t, "grace@friends.example")
	for name, want := range map[string]string{
		"firstname": "Grace", "company": "Harbour & Sons", "lifecyclestage": "lead", "cxloop_referral_source": "festival-nps", "cxloop_referred_by": promoter.id,
	} {
		require.Equal(t, want, friend.Get(name), name)
	}
	thanks := w.mail(t, promoter.email, "referred")
	require.Equal(t, "Thank you for recommending Acme Festivals", thanks.Subject)
	require.Contains(t, thanks.Text(), "Grace, to whom you passed your link on,")
	w.awaitProperty(t, sandbox.Contacts, promoter.id, survey.SignalReferrals, "1")

	deal, err := w.sandbox.CreateDeal(map[string]string{"dealname": "Tickets", "dealstage": "contractsent", "pipeline": "default", "amount": "1200.50"}, "", friend.ID)
	require.NoError(t, err)
	for _, stage := range []string{"decisionmakerboughtin", "contractsent", "decisionmakerboughtin"} { // a deal is won once
		require.NoError(t, w.sandbox.SetProperty(sandbox.Deals, deal.ID, "dealstage", stage, sandbox.SourceUser))
	}
	w.awaitProperty(t, sandbox.Contacts, promoter.id, survey.SignalReferralsWon, "1")
	w.awaitNumber(t, 1, "the ask is credited", `SELECT count(*) FROM asks k JOIN conversions v ON v.ask_id = k.id
		WHERE k.state = 'converted' AND v.amount = 120050 AND v.currency = 'EUR'`)
	require.Equal(t, []string{"invite", "ask", "referred"}, w.mails(promoter.email))
	w.awaitWorkflows(t, 0, `ExecutionStatus = "Running" AND WorkflowType IN ("LeadWorkflow", "WonWorkflow")`)
	w.sandbox.Read(func(st *sandbox.State) {
		for _, r := range st.Refusals {
			require.Equal(t, http.StatusConflict, r.Status, "%s %s: %s", r.Path, r.Rule, r.Detail) // a lead that was there, looked up then
		}
	})
}

// The CRM is down when a friend comes, and cxloop stops meanwhile.
func TestLeadOutlivesTheWorker(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	stop := w.startApp(t)
	promoter := w.customer(t, w.company(t, "Harbour", "growth"), "Pablo", "es")
	link := w.passedOn(t, promoter)
	w.sandbox.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Kinds: []sandbox.FaultKind{sandbox.FaultCut}})
	a := w.post(t, link, w.details(t, w.get(t, link), "ada@friends.example", "form", w.formShown(t, time.Minute))...)
	require.Equal(t, http.StatusOK, a.status, a.body)
	w.mail(t, promoter.email, "referred") // which does not wait for the CRM
	w.await(t, "a call whose answer is lost", func(st *sandbox.State) bool { return st.ContactByEmail("ada@friends.example") != nil })
	stop()
	w.sandbox.SetFaults(sandbox.HubSpot, sandbox.Faults{})
	w.startApp(t)
	w.awaitNumber(t, 1, "the lead is the CRM's", `SELECT count(*) FROM leads WHERE state = 'created' AND record_key <> ''`)
	require.Equal(t, []string{"invite", "ask", "referred"}, w.mails(promoter.email))
}

// passedOn has a promoter answer and ask for the link to pass on.
func (w *world) passedOn(t *testing.T, c customer) string {
	t.Helper()
	event, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": "festival-" + c.id, "source": "test", "type": "festival.ended",
		"data": map[string]any{"contact": map[string]any{"id": c.id, "email": c.email, "first_name": c.name, "locale": "en"}},
	})
	require.NoError(t, err)
	a := w.do(t, http.MethodPost, w.url+"/v1/events?crm=hubspot", bearer(testSecret), event)
	require.Equal(t, http.StatusOK, a.status, a.body)
	w.give(t, w.mail(t, c.email, "invite"), "10", "")
	shared := w.post(t, link(t, w.mail(t, c.email, "ask")))
	require.Equal(t, http.StatusOK, shared.status, shared.body)
	found := regexp.MustCompile(`value="(http://[^"]+/f/[^"]+)"`).FindStringSubmatch(shared.body)
	require.NotNil(t, found, shared.body)
	return found[1]
}

// details are what a friend writes on a page, with further fields, given as name and value
// by turns.
func (w *world) details(t *testing.T, page answer, address string, more ...string) []string {
	t.Helper()
	fields := map[string]string{
		"first_name": "Grace", "email": address, "company": "Harbour & Sons", "message": "Which tickets are there?", "consent": "1", "tell": "1", "website": "",
	}
	for _, name := range []string{"page", "form"} {
		found := regexp.MustCompile(`name="` + name + `" value="([^"]+)"`).FindStringSubmatch(page.body)
		require.NotNil(t, found, page.body)
		fields[name] = found[1]
	}
	for i := 0; i < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	var out []string
	for name, value := range fields {
		out = append(out, name, value)
	}
	return out
}

// formShown is the token of a form that was shown so long ago.
func (w *world) formShown(t *testing.T, ago time.Duration) string {
	t.Helper()
	tokens, err := survey.NewTokens([]byte(testSecret))
	require.NoError(t, err)
	return tokens.Seal(survey.TokenFriendForm, fmt.Sprintf("%d-%s", time.Now().Add(-ago).Unix(), newID()))
}

// lead waits for the contact that the CRM has of a friend, and that it is the only one.
func (w *world) lead(t *testing.T, address string) *sandbox.Record {
	t.Helper()
	w.await(t, "a lead for "+address, func(st *sandbox.State) bool { return st.ContactByEmail(address) != nil })
	var found *sandbox.Record
	w.sandbox.Read(func(st *sandbox.State) { found = st.ContactByEmail(address) })
	return found
}
