package activities

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/effect"
	"github.com/cxloop/cxloop/survey"
)

func (w *world) followUps() FollowUpReader {
	return FollowUpReader{
		Store: w.store, Programs: w.programs, Facts: survey.CaseFacts{Worth: "account.annualrevenue", Segment: "account.segment"}, Now: w.clock.Now(),
	}
}

// told keeps what a shop tells of a contact.
func (w *world) told(all ...survey.Behaviour) {
	w.Helper()
	for i := range all {
		all[i].CRM, all[i].Source, all[i].ID = crmID, "shop", w.newID()
	}
	_, err := w.store.SaveBehaviour(w.Context(), all)
	w.must(err)
}

func boughtBy(c survey.Contact, at time.Time, amount survey.Hundredths, currency string) survey.Behaviour {
	return survey.Behaviour{
		Kind: survey.PurchaseKind, Contact: survey.Tell(c.Key, at), Start: survey.Tell(survey.Start{At: at}, at),
		Worth: survey.Tell(survey.Worth{Amount: amount, Currency: currency}, at),
	}
}

// What a customer did and said is told in days from the case on, whoever of the account
// bought; what somebody did with the case is known though it was re-opened since.
func TestCustomersWhoWereFollowedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, colleague, other := person(0, "en"), person(1, "en"), person(7, "en")
	caseID := w.openCase(first, "It broke.")
	opened := w.clock.Now()
	account := survey.Account{
		Key: first.AccountKey, CRM: crmID, ID: "a0", Name: "Nord", Attributes: map[string]string{"annualrevenue": "1200", "segment": "enterprise"},
	}
	w.must(w.store.SaveContacts(t.Context(), []survey.Contact{colleague}, []survey.Account{account}))
	w.openCase(other, "")
	w.pass(36*time.Hour - w.program.Delay.Std())
	w.resolved(caseID)
	w.told(boughtBy(colleague, opened.Add(-10*day), 5000, "EUR"), boughtBy(first, opened.Add(20*day), 10050, "EUR"),
		survey.Behaviour{
			Kind: survey.SubscriptionKind, Contact: survey.Tell(first.Key, opened), Start: survey.Tell(survey.Start{At: opened.Add(-90 * day)}, opened),
			End: survey.Tell(opened.Add(40*day), opened),
		})
	w.pass(100 * day)
	_, ids := w.admit(first)
	asked := w.clock.Now()
	w.must(w.store.MarkSent(t.Context(), ids, asked, asked.Add(14*day)))
	w.pass(day)
	w.answer(ids[0], survey.Answer{Score: 9, Done: true})
	w.record()
	w.pass(10 * day)

	found, err := w.followUps().Cases(t.Context(), start)
	w.must(err)
	require.True(t, found.Purchases && found.Contracts)
	require.Equal(t, "EUR", found.Currency)
	require.Len(t, found.Customers, 2)
	got, left := found.Customers[0], found.Customers[1]
	since := asked.Sub(opened).Hours() / 24
	require.Equal(t, effect.Customer{
		Metric: "nps", Segment: "enterprise", Score: 20, Value: 1200, Waited: 1.5, Followed: since + 11, Contract: true,
		Answers:     []effect.Answer{{Day: since + 1, Score: 90}},
		Invitations: []effect.Invitation{{Day: since, Answered: since + 1}},
		Purchases:   []effect.Purchase{{Day: -10, Amount: 50}, {Day: 20, Amount: 100.5}}, Ends: []float64{40},
	}, got)
	require.True(t, math.IsInf(left.Waited, 1))
	require.True(t, math.IsNaN(left.Value))
	require.Empty(t, left.Purchases)

	w.told(boughtBy(other, opened, 100, "USD"))
	found, err = w.followUps().Cases(t.Context(), start)
	w.must(err)
	require.Empty(t, found.Currency, "amounts of two currencies are not added up")
	found, err = w.followUps().Cases(t.Context(), w.clock.Now())
	w.must(err)
	require.Empty(t, found.Customers)
}

// An account counts once, by its first case that an unhappy answer opened, and a case that
// was none does not.
func TestAnAccountCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rejected := w.openCase(person(0, "en"), "")
	w.clickWith(rejected, survey.Click{ID: w.newID(), Action: survey.ActionReject, User: "U0GRACE00", Seen: 9, Choice: "mistake"})
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U0GRACE00": true}, time.Now()))
	require.True(t, w.advance(rejected).Ended)
	second := w.openCase(person(1, "en"), "") // of the same account
	w.resolved(second)
	w.pass(40 * day)
	w.openCase(person(2, "en"), "")
	found, err := w.followUps().Cases(t.Context(), start)
	w.must(err)
	require.Len(t, found.Customers, 1)
	require.Zero(t, found.Customers[0].Waited)
}

// Chance decides about customers in the middle, and what it decided is kept with what came
// of it. Those drawn while the share was another are no part of the trial.
func TestHoldOuts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answers := func(share float64, contacts ...survey.Contact) (cases int) {
		w.program.FollowUp.Case.Passives, w.program.FollowUp.Case.HoldOut = true, share
		var err error
		w.programs, err = NewPrograms(t.Context(), w.store, []survey.Program{w.program})
		w.must(err)
		_, ids := w.admit(contacts...)
		for _, id := range ids {
			w.answer(id, survey.Answer{Score: 7, Done: true})
		}
		_, recorded := w.record()
		return len(recorded.Cases)
	}
	require.Zero(t, answers(1, person(0, "en")), "all are held out")
	var contacts []survey.Contact
	for i := range 40 {
		contacts = append(contacts, person(5*(i+1), "en")) // each of an account of its own
	}
	cases := answers(0.5, contacts...)
	require.Greater(t, cases, 5)
	require.Less(t, cases, 35)
	w.pass(10 * day)
	found, err := w.followUps().HoldOuts(t.Context())
	w.must(err)
	require.Len(t, found, 1)
	require.Equal(t, []any{"nps", 0.5}, []any{found[0].Program, found[0].Share})
	held := 0
	for _, c := range found[0].Customers {
		require.Equal(t, []any{"nps", 70.0, 10.0}, []any{c.Metric, c.Score, c.Followed})
		if c.Held {
			held++
		}
	}
	require.Equal(t, []int{40, 40 - cases}, []int{len(found[0].Customers), held})
}
