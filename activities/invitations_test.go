package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// about is an event that names a CRM record instead of a contact.
func (w *world) about(objectType, id string) survey.Event {
	return survey.Event{
		ID: w.newID(), Source: crmID, Type: "deal.won", Time: w.clock.Now(), CRM: crmID,
		Object: &survey.Object{Type: objectType, ID: id}, Data: map[string]any{"property": "dealstage", "value": "closedwon"},
	}
}

func TestPeopleWhoComeWithTheEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nobody := w.event(person(9, "en"))
	nobody.Data = map[string]any{"plan": "gold"}
	batch := w.arrive(w.event(person(0, "fr-CA")), w.event(person(1, "en")), nobody)
	prepared, err := w.invitations().PrepareInvitations(t.Context(), batch)
	w.must(err)
	require.Empty(t, prepared.CRMs)
	known, err := w.store.Contacts(t.Context(), []string{"hubspot/c0", "hubspot/c1"})
	w.must(err)
	require.Len(t, known, 2)
	require.Equal(t, w.clock.Now(), known["hubspot/c0"].RefreshedAt)
	admitted, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, 1, admitted.Suppressed, "the event that leads to nobody is kept with its rule")
	require.Equal(t, 2, admitted.Groups[0].Invitations)
	waiting, err := w.store.Unsent(t.Context(), batch.Batch, start.Add(day))
	w.must(err)
	require.ElementsMatch(t, []string{"fr", "en"}, []string{waiting[0].Invitation.Locale, waiting[1].Invitation.Locale})
}

func TestPeopleOfCRMRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	company, err := w.box.CreateCompany(map[string]string{"name": "Acme"})
	w.must(err)
	ana, err := w.box.CreateContact(map[string]string{"email": "ana@acme.example"}, company.ID)
	w.must(err)
	deal, err := w.box.CreateDeal(map[string]string{"dealname": "Ana's"}, company.ID, ana.ID)
	w.must(err)
	lonely, err := w.box.CreateDeal(map[string]string{"dealname": "Lonely"}, company.ID)
	w.must(err)
	batch := w.arrive(w.about(survey.ObjectDeal, deal.ID), w.about(survey.ObjectDeal, lonely.ID), w.about(survey.ObjectDeal, deal.ID), w.event(person(0, "en")))

	prepared, err := w.invitations().PrepareInvitations(t.Context(), batch)
	w.must(err)
	require.Equal(t, []string{crmID}, prepared.CRMs)
	resolve := &Contacts{Store: w.store, CRMs: map[string]crm.CRM{crmID: w.hubspot()}}
	resolved, err := run[[]ResolvedItem](w, resolve.ResolveContacts, ResolveInput{Batch: batch.Batch, CRM: crmID})
	w.must(err)
	var of [][]string
	for _, r := range resolved {
		of = append(of, r.Contacts)
	}
	key := []string{"hubspot/" + ana.ID}
	require.ElementsMatch(t, [][]string{key, key, nil}, of, "of each event about a record")

	admitted, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch, Resolved: resolved})
	w.must(err)
	require.Equal(t, 2, admitted.Groups[0].Invitations, "the deal's contact, once, and the one who came with an event")
	require.Equal(t, 2, admitted.Suppressed, "the deal's contact again, and nobody of the lonely deal")
	again, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch, Resolved: resolved})
	w.must(err)
	require.Equal(t, admitted, again)
}

func TestReadingPeopleIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch := w.arrive(w.about(survey.ObjectDeal, "1"))
	resolve := &Contacts{Store: w.store, CRMs: map[string]crm.CRM{crmID: w.hubspot()}}
	w.box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Kinds: []sandbox.FaultKind{sandbox.FaultRateLimitRetryAfter}, RetryAfter: time.Minute})
	_, err := run[[]ResolvedItem](w, resolve.ResolveContacts, ResolveInput{Batch: batch.Batch, CRM: crmID})
	require.Equal(t, time.Minute, fails(t, FailureRetryAfter, err).NextRetryDelay())
}

func TestQuarantineHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.admit(person(0, "en"))
	batch := w.arrive(w.event(person(0, "en")), w.event(person(1, "en")))
	_, err := w.invitations().PrepareInvitations(t.Context(), batch)
	w.must(err)
	admitted, err := w.invitations().AdmitInvitations(t.Context(), AdmitInput{BatchRef: batch})
	w.must(err)
	require.Equal(t, 1, admitted.Suppressed)
	require.Len(t, admitted.Groups, 1)
}

func TestBetterProgramTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	worse := w.program
	batch, ids := w.admit(person(0, "en"))
	better := worse
	better.ID, better.Priority = "better", 1
	w.program = better
	var err error
	w.programs, err = NewPrograms(t.Context(), w.store, []survey.Program{worse, better})
	w.must(err)
	_, taken := w.admit(person(0, "en"))

	_, err = run[Sent](w, w.mail().SendInvitations, SendInput{BatchRef: batch, Due: w.clock.Now()})
	w.must(err)
	require.Equal(t, []survey.InvitationState{survey.InvitationSuppressed, survey.InvitationAdmitted}, w.states(append(ids, taken...)))
}

func TestGroupsByDueTime(t *testing.T) {
	t.Parallel()
	clock, err := survey.NewClock(&survey.ClockState{Real: start, Scaled: start, Scale: 60}, 60, func() time.Time { return start })
	require.NoError(t, err)
	a := &Invitations{Clock: clock}
	due := func(at ...time.Duration) (out []store.Invitation) {
		for _, d := range at {
			out = append(out, store.Invitation{State: survey.InvitationAdmitted, DueAt: start.Add(d)})
		}
		return out
	}
	group := func(at time.Duration, n int) Group {
		return Group{Due: start.Add(at), At: start.Add(at / 60), Invitations: n}
	}
	for name, c := range map[string]struct {
		in   []store.Invitation
		want Admitted
	}{
		"none":     {nil, Admitted{}},
		"one":      {due(time.Hour), Admitted{Groups: []Group{group(time.Hour, 1)}}},
		"a minute": {due(time.Minute, 0, 30*time.Second), Admitted{Groups: []Group{group(time.Minute, 3)}}},
		"more than a minute apart": {due(61*time.Second, 0, 2*time.Minute), Admitted{
			Groups: []Group{group(0, 1), group(2*time.Minute, 2)},
		}},
		"a chain is cut": {due(0, 40*time.Second, 80*time.Second), Admitted{
			Groups: []Group{group(40*time.Second, 2), group(80*time.Second, 1)},
		}},
		"all overdue":       {due(-3*day, -time.Hour), Admitted{Groups: []Group{group(-time.Hour, 2)}}},
		"overdue, together": {due(-3*day, -time.Hour, 0, 30*time.Second), Admitted{Groups: []Group{group(30*time.Second, 4)}}},
		"suppressed": {append(due(0), store.Invitation{State: survey.InvitationSuppressed}), Admitted{
			Suppressed: 1, Groups: []Group{group(0, 1)},
		}},
	} {
		require.Equal(t, c.want, a.grouped(c.in), name)
	}
}

func TestItemThatIsNoEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.store.AddItems(t.Context(), []store.Item{{Topic: store.TopicEvent, Lane: "nps", Source: "s", Key: "k", Payload: []byte(`{`), DueAt: start}})
	w.must(err)
	_, err = w.invitations().PrepareInvitations(t.Context(), BatchRef{Program: "nps", Version: w.program.Version(), Batch: w.claim(store.TopicEvent)})
	require.ErrorContains(t, err, "inbox item 1: ")
}
