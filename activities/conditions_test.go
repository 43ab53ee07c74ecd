package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// The account of a contact read from the CRM decides, and an old version of a program
// goes by its own expressions.
func TestAudienceOfCRMRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.program.Version()
	w.program.Audience = "segment.golden && event.value == 'closedwon'"
	w.program.Terms = survey.Terms{
		Fields:   map[string]survey.FieldType{"account.tier": survey.FieldText, "event.value": survey.FieldText},
		Segments: map[string]string{"golden": "account.tier == 'gold'"},
	}
	require.NotEqual(t, before, w.program.Version())
	var err error
	w.programs, err = NewPrograms(t.Context(), w.store, []survey.Program{w.program})
	w.must(err)

	var events []survey.Event
	for name, tier := range map[string]string{"ana": "gold", "bo": "silver", "cy": ""} {
		company, err := w.box.CreateCompany(map[string]string{"name": name, "tier": tier})
		w.must(err)
		contact, err := w.box.CreateContact(map[string]string{"email": name + "@acme.example"}, company.ID)
		w.must(err)
		deal, err := w.box.CreateDeal(map[string]string{"dealname": name}, company.ID, contact.ID)
		w.must(err)
		events = append(events, w.about(survey.ObjectDeal, deal.ID))
	}
	batch := w.arrive(events...)
	resolve := &Contacts{Store: w.store, CRMs: map[string]crm.CRM{crmID: w.hubspot()}}
	resolved, err := run[[]ResolvedItem](w, resolve.ResolveContacts, ResolveInput{Batch: batch.Batch, CRM: crmID})
	w.must(err)
	admitted, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch, Resolved: resolved})
	w.must(err)
	require.Equal(t, 2, admitted.Suppressed)
	w.pass(w.program.Delay.Std())
	waiting, err := w.store.Unsent(t.Context(), batch.Batch, w.clock.Now())
	w.must(err)
	require.Len(t, waiting, 1)
	require.Equal(t, "ana@acme.example", waiting[0].Contact.Email)
	again, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch, Resolved: resolved})
	w.must(err)
	require.Equal(t, admitted, again)

	old, err := w.programs.Conditions(t.Context(), w.program.ID, before)
	w.must(err)
	require.False(t, old.AsksPeople())
}
