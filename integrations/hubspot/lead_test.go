package hubspot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

var grace = crm.Lead{
	ID: "LEAD1", Program: "won-nps", ReferredBy: "101",
	Friend: survey.Friend{FirstName: "Grace", Email: "Grace@Harbour.example", Company: "Harbour", Message: "Call\nme", Consent: "I agree."},
}

func TestLeadBecomesAContactOnce(t *testing.T) {
	t.Parallel()
	box, client := connect(t, "")
	_, err := client.CreateLead(t.Context(), grace)
	require.ErrorContains(t, err, "run cxloop setup", "its properties are not there")
	_, err = client.EnsureProperties(t.Context(), false)
	require.NoError(t, err)

	made, err := client.CreateLead(t.Context(), grace)
	require.NoError(t, err)
	require.False(t, made.Existing)
	record := box.Record(sandbox.Contacts, made.ID)
	for name, want := range map[string]string{
		"firstname": "Grace", "company": "Harbour", "message": "Call\nme", "lifecyclestage": "lead",
		"cxloop_referral_source": "won-nps", "cxloop_referred_by": "101", "cxloop_referral_id": "LEAD1", "lastname": "",
	} {
		require.Equal(t, want, record.Get(name), name)
	}
	again, err := client.CreateLead(t.Context(), grace)
	require.NoError(t, err)
	require.Equal(t, made, again)
}

func TestLeadWhomHubSpotHasIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	box, client := connect(t, "")
	_, err := client.EnsureProperties(t.Context(), false)
	require.NoError(t, err)
	there, err := box.CreateContact(map[string]string{"email": "grace@harbour.example", "firstname": "Rear Admiral"}, "")
	require.NoError(t, err)
	found, err := client.CreateLead(t.Context(), grace)
	require.NoError(t, err)
	require.Equal(t, crm.LeadRecord{ID: there.ID, Existing: true}, found)
	require.Equal(t, "Rear Admiral", box.Record(sandbox.Contacts, there.ID).Get("firstname"))
}

func TestLeadThroughFaults(t *testing.T) {
	t.Parallel()
	box, client := connect(t, "")
	_, err := client.EnsureProperties(t.Context(), false)
	require.NoError(t, err)
	box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{sandbox.FaultCut}})
	made, err := client.CreateLead(t.Context(), grace) // the answer was lost, and the call repeated
	require.NoError(t, err)
	require.False(t, made.Existing)
	box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{sandbox.FaultRateLimit}})
	_, err = client.CreateLead(t.Context(), grace)
	require.Equal(t, integrations.RetryAfter, integrations.KindOf(err), err)

	bad := grace
	bad.Friend.Email = "not an address"
	_, err = client.CreateLead(t.Context(), bad)
	require.Equal(t, integrations.Permanent, integrations.KindOf(err), err)
	require.Equal(t, "VALIDATION_ERROR", integrations.CodeOf(err))
	require.NotContains(t, err.Error(), "not an address")
}

func TestDeals(t *testing.T) {
	t.Parallel()
	box, client := connect(t, "")
	company, err := box.CreateCompany(map[string]string{"name": "Harbour"})
	require.NoError(t, err)
	var contacts []string
	for _, email := range []string{"a@harbour.example", "b@harbour.example"} {
		c, err := box.CreateContact(map[string]string{"email": email}, company.ID)
		require.NoError(t, err)
		contacts = append(contacts, c.ID)
	}
	deal, err := box.CreateDeal(map[string]string{"dealname": "Harbour", "amount": "1200.5"}, company.ID, contacts...)
	require.NoError(t, err)
	lonely, err := box.CreateDeal(map[string]string{"dealname": "Nobody"}, company.ID)
	require.NoError(t, err)
	got, err := client.Deals(t.Context(), []string{deal.ID, lonely.ID, "404"}, []string{"amount", "deal_currency_code"})
	require.NoError(t, err)
	require.ElementsMatch(t, []crm.Deal{
		{ID: deal.ID, Contacts: []string{"hs/" + contacts[0], "hs/" + contacts[1]}, Properties: map[string]string{"amount": "1200.5"}},
		{ID: lonely.ID, Properties: map[string]string{}},
	}, got)
}
