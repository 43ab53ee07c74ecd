package hubspot

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

const (
	dealsRead    = "/hubspot/crm/objects/2026-09/deals/batch/read"
	dealsSearch  = "/hubspot/crm/objects/2026-09/deals/search"
	dealFirms    = "/hubspot/crm/associations/2026-09/deals/companies/batch/read"
	ticketsFound = "/hubspot/crm/objects/2026-09/tickets/search"
	ticketPeople = "/hubspot/crm/associations/2026-09/tickets/contacts/batch/read"
	ticketFirms  = "/hubspot/crm/associations/2026-09/tickets/companies/batch/read"
)

func at(text string) time.Time {
	t, err := survey.ParseMoment(text)
	if err != nil {
		panic(err)
	}
	return t
}

func reading(o *Options) {
	o.Behaviour = Behaviour{Deals: true, Amount: "amount", Currency: "deal_currency_code", Tickets: true}
}

func TestBehaviourOfDeals(t *testing.T) {
	t.Parallel()
	client, s := newTestClient(t, map[string][]reply{
		dealsRead: {{status: 200, body: `{"results":[
			{"id":"1","properties":{"hs_is_closed_won":"true","closedate":"2026-11-01T10:00:00.5Z","hs_lastmodifieddate":"2026-11-02T00:00:00Z","amount":"1200.5","deal_currency_code":"USD"}},
			{"id":"2","properties":{"hs_is_closed_won":"false","hs_lastmodifieddate":"2026-11-03T00:00:00Z","amount":"5","deal_currency_code":"USD"}},
			{"id":"3","properties":{"hs_is_closed_won":"true","closedate":null,"hs_lastmodifieddate":"2026-11-04T00:00:00Z","amount":"5"}}]}`}},
		dealLinks: {{status: 200, body: `{"results":[{"from":{"id":"1"},"to":[{"toObjectId":7},{"toObjectId":8,"associationTypes":[{"label":"Primary"}]}]}]}`}},
		dealFirms: {{status: 200, body: `{"results":[{"from":{"id":"1"},"to":[{"toObjectId":77}]}]}`}},
	}, reading)
	asOf := at("2026-11-20")
	got, err := client.Behaviour(t.Context(), survey.ObjectDeal, []string{"1", "2", "3", "4"}, asOf)
	require.NoError(t, err)
	changed := at("2026-11-02")
	open := survey.Tell(time.Time{}, at("2026-11-04"))
	purchase := survey.Behaviour{Kind: survey.PurchaseKind, CRM: "hs", Source: "hubspot"}
	won, lost, unpriced, gone := purchase, purchase, purchase, purchase
	won.ID, won.End, won.Start = "1", survey.Tell(time.Time{}, changed), survey.Tell(survey.Start{At: at("2026-11-01T10:00:00.5Z")}, changed)
	won.Contact, won.Account, won.Worth = survey.Tell("hs/8", changed), survey.Tell("hs/77", changed), survey.Tell(survey.Worth{Amount: 120050, Currency: "USD"}, changed)
	lost.ID, lost.End, lost.OnlyKnown = "2", survey.Tell(at("2026-11-03"), at("2026-11-03")), true
	unpriced.ID, unpriced.End, unpriced.Start = "3", open, survey.Tell(survey.Start{At: open.AsOf, Guessed: true}, open.AsOf)
	gone.ID, gone.End, gone.OnlyKnown = "4", survey.Tell(asOf, asOf), true
	require.Equal(t, []survey.Behaviour{won, lost, unpriced, gone}, got)
	require.Equal(t, []any{"hs_is_closed_won", "closedate", "hs_lastmodifieddate", "amount", "deal_currency_code"}, s.requests()[0].body["properties"])
}

func TestBehaviourPages(t *testing.T) {
	t.Parallel()
	client, s := newTestClient(t, map[string][]reply{
		dealsSearch: {{status: 200, body: `{"total":1,"results":[]}`}},
		ticketsFound: {{status: 200, body: `{"total":3,"paging":{"next":{"after":"2"}},"results":[
			{"id":"5","properties":{"createdate":"2026-11-01T00:00:00Z","closed_date":"1793577600000","hs_lastmodifieddate":"2026-11-03T00:00:00Z"}},
			{"id":"6","properties":{"createdate":"2026-11-01T00:00:00Z","closed_date":"","hs_lastmodifieddate":"2026-11-03T00:00:00Z"}}]}`}},
		ticketPeople: {{status: 200, body: `{"results":[]}`}},
		ticketFirms:  {{status: 200, body: `{"results":[{"from":{"id":"6"},"to":[{"toObjectId":77}]}]}`}},
	}, reading)
	page, err := client.BehaviourPage(t.Context(), crm.BehaviourQuery{ObjectType: survey.ObjectTicket, Since: at("2026-11-02"), After: "4"})
	require.NoError(t, err)
	require.Equal(t, "6", page.Next)
	require.Equal(t, 3, page.Total)
	require.Equal(t, at("2026-11-02"), page.Told[0].End.Value)
	require.Zero(t, page.Told[1].End.Value)
	require.Equal(t, "hs/77", page.Told[1].Account.Value)
	page, err = client.BehaviourPage(t.Context(), crm.BehaviourQuery{ObjectType: survey.ObjectDeal})
	require.NoError(t, err)
	require.Empty(t, page.Next)
	filters := func(i int) any { return s.requests()[i].body["filterGroups"] }
	require.Equal(t, []any{map[string]any{"filters": []any{
		map[string]any{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "1793577600000"},
		map[string]any{"propertyName": "hs_object_id", "operator": "GT", "value": "4"},
	}}}, filters(0))
	require.Equal(t, []any{map[string]any{"filters": []any{
		map[string]any{"propertyName": "hs_is_closed_won", "operator": "EQ", "value": "true"},
		map[string]any{"propertyName": "hs_object_id", "operator": "GT", "value": "0"},
	}}}, filters(3))
}

func TestNoBehaviourIsReadUnlessConfigured(t *testing.T) {
	t.Parallel()
	client, _ := newTestClient(t, nil)
	require.False(t, client.ReadsBehaviour(survey.ObjectDeal))
	require.False(t, client.ReadsBehaviour(survey.ObjectTicket))
	client, _ = newTestClient(t, nil, reading)
	require.True(t, client.ReadsBehaviour(survey.ObjectDeal))
	require.False(t, client.ReadsBehaviour(survey.ObjectContact))
}
