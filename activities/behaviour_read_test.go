package activities

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// readingHubSpot is the stand-in, held to HubSpot's contracts, with so many deals of a
// company that are won, and its client.
func (w *world) readingHubSpot(deals int) (client *hubspot.Client, company string) {
	w.Helper()
	box, err := sandbox.New(sandbox.Options{
		HubSpot: sandbox.HubSpotOptions{Token: secret, SearchLag: -1}, SpecsDir: specs(), Logger: silent,
	})
	w.must(err)
	server := httptest.NewServer(box.Handler())
	w.T.Cleanup(server.Close)
	w.box, w.url = box, server.URL
	firm, err := w.box.CreateCompany(map[string]string{"name": "Harbour"})
	w.must(err)
	for i := range deals {
		_, err := w.box.CreateDeal(map[string]string{"dealname": fmt.Sprint(i), "dealstage": "closedwon", "pipeline": "default", "amount": "10"}, firm.ID)
		w.must(err)
	}
	client, err = hubspot.New(hubspot.Options{
		ID: crmID, BaseURL: w.url + "/hubspot", Token: secret, Clock: w.clock,
		Behaviour: hubspot.Behaviour{Deals: true, Amount: "amount", Currency: "EUR", Tickets: true},
	})
	w.must(err)
	return client, firm.ID
}

// ofAccount is what is known of a company of the stand-in.
func (w *world) ofAccount(id string) store.CustomerHistory {
	w.Helper()
	reference, err := w.store.(interface {
		Reference(ctx context.Context, key string) (string, error)
	}).Reference(w.Context(), survey.RecordKey(crmID, id))
	w.must(err)
	return w.histories(survey.ObjectAccount)[reference]
}

func (w *world) readBehaviour(client crm.CRM) {
	w.Helper()
	_, err := run[int](w, w.behaviour(client).ReadBehaviour, CRMRef{CRM: crmID})
	w.must(err)
}

func (w *world) cursor(objectType string) store.BehaviourCursor {
	w.Helper()
	kept, err := w.store.BehaviourCursors(w.Context())
	w.must(err)
	for _, c := range kept {
		if c.ObjectType == objectType {
			return c
		}
	}
	return store.BehaviourCursor{}
}

func TestReadBehaviourOfHubSpot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client, company := w.readingHubSpot(crm.MaxAudience + 30)
	ticket, err := w.box.CreateTicket(map[string]string{"subject": "Broken", "hs_pipeline": "0", "hs_pipeline_stage": "1"}, company)
	w.must(err)
	lost, err := w.box.CreateDeal(map[string]string{"dealname": "x", "dealstage": "closedlost", "pipeline": "default", "amount": "10"}, company)
	w.must(err)

	w.readBehaviour(client)
	got := w.ofAccount(company)
	require.Len(t, got.Purchases, crm.MaxAudience+30)
	require.Equal(t, &survey.Worth{Amount: 1000, Currency: "EUR"}, got.Purchases[0].Worth)
	require.Len(t, got.Tickets, 1)
	require.Zero(t, got.Tickets[0].ClosedAt)
	first := w.cursor(survey.ObjectDeal)
	require.Empty(t, first.After)
	require.Zero(t, first.BeganAt)
	require.NotZero(t, first.Since)

	w.must(w.box.SetProperty(sandbox.Deals, lost.ID, "dealstage", "closedwon", sandbox.SourceUser))
	w.must(w.box.SetProperty(sandbox.Tickets, ticket.ID, "hs_pipeline_stage", "4", sandbox.SourceUser))
	w.readBehaviour(client)
	got = w.ofAccount(company)
	require.Len(t, got.Purchases, crm.MaxAudience+31, "won since")
	require.NotZero(t, got.Tickets[0].ClosedAt)
	w.must(w.box.SetProperty(sandbox.Deals, lost.ID, "dealstage", "closedlost", sandbox.SourceUser))
	w.readBehaviour(client)
	cancelled := 0
	for _, p := range w.ofAccount(company).Purchases {
		if !p.CancelledAt.IsZero() {
			cancelled++
		}
	}
	require.Equal(t, 1, cancelled, "lost after all")
	w.box.Read(func(st *sandbox.State) { require.Empty(t, st.Refusals) })
}

// Whatever the CRM answers meanwhile, everything is read in the end, and once.
func TestReadBehaviourOfAFailingCRM(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const deals = 2*crm.MaxAudience + 30
	client, company := w.readingHubSpot(deals)
	kinds := []sandbox.FaultKind{
		sandbox.FaultRateLimitRetryAfter, sandbox.FaultRateLimit, sandbox.FaultServerError, sandbox.FaultCutBefore, sandbox.FaultCut, sandbox.FaultHang,
	}
	w.box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 0.5, Count: 12, Kinds: kinds, Seed: 3, Hang: time.Millisecond})
	tries, most := 0, 0
	for err := error(nil); tries == 0 || err != nil; tries++ {
		require.Less(t, tries, 30)
		_, err = run[int](w, w.behaviour(client).ReadBehaviour, CRMRef{CRM: crmID})
		if err != nil {
			require.NotContains(t, err.Error(), FailurePermanent)
		}
		done := w.cursor(survey.ObjectDeal).Done
		require.GreaterOrEqual(t, done, most, "no page is read again")
		most = done
	}
	require.Greater(t, tries, 3)
	require.Len(t, w.ofAccount(company).Purchases, deals)
	require.Equal(t, deals, w.cursor(survey.ObjectDeal).Done)
}

// A pass that was broken off goes on behind its last page.
func TestReadBehaviourGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client, company := w.readingHubSpot(3)
	var ids []string
	w.box.Read(func(st *sandbox.State) {
		for _, r := range st.Records(sandbox.Deals) {
			if r.Get("hs_is_closed_won") == "true" {
				ids = append(ids, r.ID)
			}
		}
	})
	began := time.Now().Add(-time.Hour)
	_, err := w.store.SaveBehaviourPage(w.Context(), nil, store.BehaviourCursor{
		CRM: crmID, ObjectType: survey.ObjectDeal, BeganAt: began, After: ids[len(ids)-2], Done: 2, Total: 3,
	})
	w.must(err)
	w.readBehaviour(client)
	require.Len(t, w.ofAccount(company).Purchases, 1, "only what is behind the cursor")
	c := w.cursor(survey.ObjectDeal)
	require.WithinDuration(t, began.Add(-behaviourOverlap), c.Since, time.Second, "what was changed meanwhile is read next")
	require.Equal(t, 3, c.Total)
}

func TestHubSpotEventsAreReadAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client, company := w.readingHubSpot(1)
	var deal string
	w.box.Read(func(st *sandbox.State) {
		for _, r := range st.Records(sandbox.Deals) {
			deal = r.ID
		}
	})
	changed := survey.Event{Type: "deal.changed", Time: time.Now(), Object: &survey.Object{Type: survey.ObjectDeal, ID: deal}}
	_, err := w.behaviour(client).TakeBehaviour(w.Context(), w.toldOf(changed, changed))
	w.must(err)
	require.Len(t, w.ofAccount(company).Purchases, 1)
	w.must(w.box.Archive(sandbox.Deals, deal))
	changed.Type, changed.Time = "deal.deleted", time.Now().Add(time.Second)
	_, err = w.behaviour(client).TakeBehaviour(w.Context(), w.toldOf(changed))
	w.must(err)
	require.NotZero(t, w.ofAccount(company).Purchases[0].CancelledAt)
}
