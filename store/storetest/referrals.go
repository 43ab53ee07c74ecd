package storetest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func friend(n int) survey.Friend {
	return survey.Friend{
		FirstName: "Grace", LastName: "Hopper", Email: fmt.Sprintf("grace%d@example.org", n), Company: "Harbour", Message: "Hello\nthere",
		Locale: "fr", Consent: "I agree.", ConsentAt: start, MayTell: true,
	}
}

// promoterAsks makes an ask of each of the contacts and returns their ids, in order.
func (w world) promoterAsks(contacts ...int) []string {
	w.Helper()
	byContact := map[string]string{}
	for _, r := range w.admitAsks(w.promoters(start, contacts...), start) {
		byContact[r.Ask.ContactKey] = r.Ask.ID
	}
	ids := make([]string, len(contacts))
	for i, c := range contacts {
		ids[i] = byContact[w.contactRef(c)]
	}
	return ids
}

func (w world) leave(ask string, f survey.Friend, at time.Time) (id string, state survey.LeadState) {
	w.Helper()
	id = w.newID()
	state, err := w.TakeLead(w.Context(), store.TakeLeadRequest{ID: id, AskID: ask, Friend: f, At: at})
	w.must(err)
	return id, state
}

func referralSignals(n store.ReferralCounts) map[string]string {
	return map[string]string{"brought": strconv.Itoa(n.Referred), "won": strconv.Itoa(n.Won)}
}

// beginLeads takes what waits out of the inbox and returns its batch.
func (w world) beginLeads(at time.Time) string {
	w.Helper()
	batch := w.claim(store.TopicLead, at)
	require.Equal(w.T, "hubspot", batch.Lane)
	begun, err := w.BeginLeads(w.Context(), batch.ID, at, referralSignals)
	w.must(err)
	require.Equal(w.T, store.LeadsBegun{Leads: batch.Items, CRMs: []string{"hubspot"}}, begun)
	again, err := w.BeginLeads(w.Context(), batch.ID, at, referralSignals)
	w.must(err)
	require.Equal(w.T, begun, again)
	return batch.ID
}

func (w world) newLeads(batch string) []store.LeadDetail {
	w.Helper()
	leads, err := w.NewLeads(w.Context(), batch)
	w.must(err)
	return leads
}

// created takes a friend of a promoter through to the CRM, as a contact of an id.
func (w world) created(ask string, n int, record string) string {
	w.Helper()
	id, state := w.leave(ask, friend(n), start)
	require.Equal(w.T, survey.LeadNew, state)
	w.beginLeads(start)
	w.must(w.LeadTaken(w.Context(), store.LeadOutcome{ID: id, State: survey.LeadCreated, Record: record}, start))
	return id
}

func decideLeadThanks(now time.Time) func(store.LeadThanks) survey.Rule {
	return func(r store.LeadThanks) survey.Rule { return survey.AdmitLeadThanks(r.Facts, now) }
}

func (w world) admitLeadThanks(batch string, now time.Time) []store.LeadThanks {
	w.Helper()
	out, err := w.AdmitLeadThanks(w.Context(), batch, now, decideLeadThanks(now))
	w.must(err)
	return out
}

func (w world) credit(now time.Time, won ...store.Won) store.Credited {
	w.Helper()
	_, err := w.AddItems(w.Context(), []store.Item{{Topic: store.TopicWon, Lane: "hubspot", Source: "s", Key: w.newID(), Payload: []byte(`{}`), DueAt: now}})
	w.must(err)
	batch := w.claim(store.TopicWon, now).ID
	out, err := w.CreditDeals(w.Context(), batch, won, now, referralSignals)
	w.must(err)
	again, err := w.CreditDeals(w.Context(), batch, nil, now, referralSignals)
	w.must(err)
	require.Equal(w.T, out, again)
	items, err := w.BatchItems(w.Context(), batch)
	w.must(err)
	require.Empty(w.T, items)
	return out
}

func (w world) figures() []store.ReferralFigure {
	w.Helper()
	out, err := w.ReferralFigures(w.Context(), time.Time{}, time.Time{})
	w.must(err)
	return out
}

var referralCases = map[string]func(world){
	"a friend becomes a lead with its promoter": func(w world) {
		w.saveContacts(1)
		ask := w.promoterAsks(0)[0]
		id, state := w.leave(ask, friend(1), start)
		require.Equal(w.T, survey.LeadNew, state)
		require.Equal(w.T, survey.AskReferred, w.ask(ask).State)
		w.must(w.AskClicked(w.Context(), ask, start))
		require.Equal(w.T, survey.AskReferred, w.ask(ask).State, "a later click takes nothing away")

		batch := w.beginLeads(start)
		require.Equal(w.T, map[string]string{"brought": "1", "won": "0"}, w.promoterSignals(0))
		leads := w.newLeads(batch)
		require.Len(w.T, leads, 1)
		require.Equal(w.T, store.LeadDetail{
			Lead: store.Lead{
				ID: id, AskID: ask, Program: programID, Version: "v1", CRM: "hubspot", ContactKey: w.contactRef(0), AccountKey: w.accountRef(0),
				State: survey.LeadNew, CreatedAt: start,
			},
			Friend: friend(1), Promoter: w.kept(contact(0, 0)),
		}, leads[0])
		w.must(w.LeadTaken(w.Context(), store.LeadOutcome{ID: id, State: survey.LeadCreated, Record: "501"}, start))
		w.must(w.LeadTaken(w.Context(), store.LeadOutcome{ID: id, State: survey.LeadRefused}, start))
		require.Empty(w.T, w.newLeads(batch))
		require.Equal(w.T, []store.ReferralFigure{{
			Program: programID, Leads: map[survey.LeadState]int{survey.LeadCreated: 1}, Revenue: map[string]survey.Hundredths{},
		}}, w.figures())
	},

	"who is no lead is kept as such alone": func(w world) {
		w.saveContacts(2)
		asks := w.promoterAsks(0, 1)
		own, known := friend(0), friend(0)
		own.Email, known.Email = " C000@Example.com", "c001@example.com"
		_, state := w.leave(asks[0], own, start)
		require.Equal(w.T, survey.LeadOwn, state)
		_, state = w.leave(asks[0], known, start)
		require.Equal(w.T, survey.LeadKnown, state)
		id, state := w.leave(asks[0], friend(1), start)
		require.Equal(w.T, survey.LeadNew, state)
		_, state = w.leave(asks[1], friend(1), start)
		require.Equal(w.T, survey.LeadDuplicate, state)
		require.NotEqual(w.T, survey.AskReferred, w.ask(asks[1]).State)
		again, err := w.TakeLead(w.Context(), store.TakeLeadRequest{ID: id, AskID: asks[0], Friend: friend(1), At: start})
		w.must(err)
		require.Equal(w.T, survey.LeadNew, again, "the same form, sent twice")
		batch := w.beginLeads(start)
		require.Len(w.T, w.newLeads(batch), 1)
		require.Len(w.T, w.admitLeadThanks(batch, start), 1)
		require.Equal(w.T, map[survey.LeadState]int{survey.LeadOwn: 1, survey.LeadKnown: 1, survey.LeadDuplicate: 1, survey.LeadNew: 1},
			w.figures()[0].Leads)
		_, err = w.TakeLead(w.Context(), store.TakeLeadRequest{ID: "x", AskID: "none", Friend: friend(2), At: start})
		require.ErrorIs(w.T, err, store.ErrNotFound)
	},

	"of the same friend many times at once there is one": func(w world) {
		w.saveContacts(1)
		ask := w.promoterAsks(0)[0]
		const n = 6
		states := atOnce(w, n, func(i int) (survey.LeadState, error) {
			return w.TakeLead(w.Context(), store.TakeLeadRequest{ID: fmt.Sprintf("lead%d", i), AskID: ask, Friend: friend(1), At: start})
		})
		count := map[survey.LeadState]int{}
		for _, s := range states {
			count[s]++
		}
		require.Equal(w.T, map[survey.LeadState]int{survey.LeadNew: 1, survey.LeadDuplicate: n - 1}, count)
	},

	"a link brings so many forms a day": func(w world) {
		w.saveContacts(1)
		ask := w.promoterAsks(0)[0]
		for i := range survey.MaxLeadsADay {
			w.leave(ask, friend(i), start)
		}
		_, err := w.TakeLead(w.Context(), store.TakeLeadRequest{ID: "more", AskID: ask, Friend: friend(99), At: start.Add(time.Hour)})
		require.ErrorIs(w.T, err, store.ErrTooManyLeads)
		_, state := w.leave(ask, friend(99), start.Add(25*time.Hour))
		require.Equal(w.T, survey.LeadNew, state)
	},

	"a refused lead waits for an operator": func(w world) {
		w.saveContacts(1)
		id, _ := w.leave(w.promoterAsks(0)[0], friend(1), start)
		w.beginLeads(start)
		w.must(w.LeadTaken(w.Context(), store.LeadOutcome{ID: id, State: survey.LeadRefused, Reason: "VALIDATION_ERROR"}, start))
		refused, err := w.RefusedLeads(w.Context(), 10)
		w.must(err)
		require.Len(w.T, refused, 1)
		require.Equal(w.T, "VALIDATION_ERROR", refused[0].Reason)
		again, err := w.RetryLead(w.Context(), id, "again")
		w.must(err)
		require.Equal(w.T, store.LeadBatch{CRM: "hubspot", Batch: "again"}, again)
		require.Len(w.T, w.newLeads("again"), 1)
		_, err = w.RetryLead(w.Context(), id, "more")
		require.ErrorIs(w.T, err, store.ErrNotFound)
		stalled, err := w.Stalled(w.Context(), start.Add(time.Hour))
		w.must(err)
		require.Equal(w.T, []store.LeadBatch{again}, stalled.LeadBatches)
	},

	"a promoter is thanked once a day": func(w world) {
		w.saveContacts(2)
		asks := w.promoterAsks(0, 1)
		first, _ := w.leave(asks[0], friend(1), start)
		w.leave(asks[0], friend(2), start)
		w.leave(asks[1], friend(3), start)
		batch := w.beginLeads(start)
		admitted := w.admitLeadThanks(batch, start)
		require.Len(w.T, admitted, 2, "one for each promoter")
		require.Equal(w.T, friend(1), admitted[0].Friend)
		require.Equal(w.T, w.kept(contact(0, 0)), admitted[0].Contact)
		require.Len(w.T, w.admitLeadThanks(batch, start.Add(time.Minute)), 2, "until they are sent")
		w.must(w.MarkLeadThanked(w.Context(), []string{first}, survey.LeadThanksSent, start.Add(time.Minute)))
		require.Len(w.T, w.admitLeadThanks(batch, start.Add(time.Minute)), 1)
		require.Equal(w.T, 1, w.figures()[0].Thanked)

		w.leave(asks[0], friend(4), start.Add(time.Hour))
		require.Empty(w.T, w.admitLeadThanks(w.beginLeads(start.Add(time.Hour)), start.Add(time.Hour)))
		later := start.Add(25 * time.Hour)
		w.leave(asks[0], friend(5), later)
		batch = w.beginLeads(later)
		w.must(w.Unsubscribe(w.Context(), contactKey(0), later))
		require.Empty(w.T, w.admitLeadThanks(batch, later))
	},

	"thanks in doubt are sent again by an operator": func(w world) {
		w.saveContacts(1)
		id, _ := w.leave(w.promoterAsks(0)[0], friend(1), start)
		batch := w.beginLeads(start)
		require.Len(w.T, w.admitLeadThanks(batch, start), 1)
		key := store.MailEffect(store.MailReferred, id)
		_, err := w.BeginEffects(w.Context(), "sendgrid", "", []string{key}, start, start)
		w.must(err)
		require.Len(w.T, w.admitLeadThanks(batch, start.Add(time.Minute)), 1, "what is begun is not decided again")
		w.must(w.MarkLeadThanked(w.Context(), []string{id}, survey.LeadThanksUnknown, start))
		_, err = w.LoseEffects(w.Context(), []string{key}, start)
		w.must(err)
		subjects, err := w.EffectSubjects(w.Context(), []string{key})
		w.must(err)
		require.Equal(w.T, store.EffectSubject{Program: programID, State: "unknown", Repeatable: true}, subjects[key])
		begin, err := w.RepeatEffect(w.Context(), key, "again", start)
		w.must(err)
		require.Equal(w.T, store.Stalled{LeadBatches: []store.LeadBatch{{CRM: "hubspot", Batch: "again"}}}, begin)
		require.Len(w.T, w.admitLeadThanks("again", start), 1)
	},

	"what becomes of a mail of thanks is its promoter's": func(w world) {
		w.saveContacts(1)
		asks := w.promoterAsks(0)
		id, _ := w.leave(asks[0], friend(1), start)
		w.tell(start, toldOf(store.MailReferred, survey.MailBounced, id))
		batch := w.beginLeads(start)
		require.Empty(w.T, w.admitLeadThanks(batch, start), "the address is dead")
	},

	"a won deal is credited once, to the ask of its lead": func(w world) {
		w.saveContacts(1)
		ask := w.promoterAsks(0)[0]
		w.created(ask, 1, "501")
		w.created(ask, 2, "502")
		amount := survey.Hundredths(120050)
		deal := store.Won{CRM: "hubspot", Deal: "9", Contacts: []string{"hubspot/7", "hubspot/501"}, Amount: &amount, Currency: "EUR", At: start}
		got := w.credit(start, deal, deal, store.Won{CRM: "hubspot", Deal: "10", Contacts: []string{"hubspot/8"}, At: start})
		require.Equal(w.T, store.Credited{Deals: 1, CRMs: []string{"hubspot"}}, got)
		require.Equal(w.T, map[string]string{"brought": "2", "won": "1"}, w.promoterSignals(0))
		require.Equal(w.T, survey.AskConverted, w.ask(ask).State)
		require.Zero(w.T, w.credit(start, deal).Deals, "the same deal, told again")
		w.leave(ask, friend(3), start)
		require.Equal(w.T, survey.AskConverted, w.ask(ask).State, "a further friend takes nothing away")

		byAddress := store.Won{CRM: "hubspot", Deal: "11", Addresses: []string{"", "GRACE2@example.org"}, At: start}
		require.Equal(w.T, 1, w.credit(start, byAddress).Deals)
		known := contact(7, -1)
		known.Email = friend(2).Email
		w.must(w.SaveContacts(w.Context(), []survey.Contact{known}, nil))
		require.Equal(w.T, 1, w.credit(start, store.Won{CRM: "hubspot", Deal: "12", Contacts: []string{contactKey(7)}, At: start}).Deals)
		require.Zero(w.T, w.credit(start, store.Won{CRM: "shop", Deal: "13", Addresses: byAddress.Addresses, At: start}).Deals, "another CRM's")
		figures := w.figures()
		require.Equal(w.T, 3, figures[0].Won)
		require.Equal(w.T, map[string]survey.Hundredths{"EUR": 120050}, figures[0].Revenue)
		outcomes, err := w.AskOutcomes(w.Context(), "")
		w.must(err)
		require.Equal(w.T, []int{3, 3}, []int{outcomes[0].Referred, outcomes[0].Converted})
		require.Equal(w.T, map[string]survey.Hundredths{"EUR": 120050}, outcomes[0].Revenue)
		none, err := w.ReferralFigures(w.Context(), start.Add(time.Hour), time.Time{})
		w.must(err)
		require.Empty(w.T, none, "asks of another time")
	},

	"whom the CRM had already is credited to nobody": func(w world) {
		w.saveContacts(1)
		id, _ := w.leave(w.promoterAsks(0)[0], friend(1), start)
		w.beginLeads(start)
		w.must(w.LeadTaken(w.Context(), store.LeadOutcome{ID: id, State: survey.LeadExisting, Record: "501"}, start))
		require.Zero(w.T, w.credit(start, store.Won{CRM: "hubspot", Deal: "9", Contacts: []string{"hubspot/501"}, At: start}).Deals)
	},
}

// promoterSignals are the referral signals of a contact that are not pushed yet.
func (w world) promoterSignals(c int) map[string]string {
	w.Helper()
	values := w.signals(survey.ObjectContact)[contact(c, 0).ID]
	return map[string]string{"brought": values["brought"], "won": values["won"]}
}
