package storetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const day = 24 * time.Hour

// bought is a purchase of contact i as a shop tells it when it is made.
func bought(i int, id string, at time.Time, amount survey.Hundredths) survey.Behaviour {
	return survey.Behaviour{
		Kind: survey.PurchaseKind, CRM: "hubspot", Source: "shop", ID: id, Contact: survey.Tell(contactKey(i), at),
		Start: survey.Tell(survey.Start{At: at}, at), Worth: survey.Tell(survey.Worth{Amount: amount, Currency: "EUR"}, at),
	}
}

func (w world) saveBehaviour(told ...survey.Behaviour) store.BehaviourSaved {
	w.Helper()
	saved, err := w.SaveBehaviour(w.Context(), told)
	w.must(err)
	return saved
}

// snapshot returns everybody's history, by key, read in small pages.
func (w world) snapshot(of string, until time.Time) map[string]store.CustomerHistory {
	w.Helper()
	out := map[string]store.CustomerHistory{}
	after := ""
	for {
		page, err := w.Snapshot(w.Context(), store.SnapshotPage{Of: of, Until: until, After: after, Limit: 2})
		w.must(err)
		for _, c := range page {
			require.Greater(w.T, c.Key, after)
			after = c.Key
			out[c.Key] = c
		}
		if len(page) < 2 {
			return out
		}
	}
}

// purchases are those of contact i before a moment.
func (w world) purchases(i int, until time.Time) []survey.Purchase {
	w.Helper()
	return w.snapshot(survey.ObjectContact, until)[w.contactRef(i)].Purchases
}

var behaviourCases = map[string]func(world){
	"what is told twice is kept once": func(w world) {
		one := bought(1, "1", start, 1050)
		require.Equal(w.T, store.BehaviourSaved{New: 1}, w.saveBehaviour(one, one))
		require.Equal(w.T, store.BehaviourSaved{Same: 1}, w.saveBehaviour(one))
		again := one
		again.Worth.AsOf = start.Add(day)
		require.Equal(w.T, store.BehaviourSaved{Same: 1}, w.saveBehaviour(again), "told again, later")
		late := one
		late.Worth = survey.Tell(survey.Worth{Amount: 5, Currency: "EUR"}, start.Add(day/2))
		require.Equal(w.T, store.BehaviourSaved{Same: 1}, w.saveBehaviour(late), "corrected since")
		other := one
		other.Source = "erp"
		require.Equal(w.T, store.BehaviourSaved{New: 1, Same: 1}, w.saveBehaviour(other, one))
		require.Len(w.T, w.purchases(1, start.Add(day)), 2)
		require.Empty(w.T, w.purchases(1, start), "not yet")
	},
	"a refund that comes before its order waits for it": func(w world) {
		refund := survey.Behaviour{
			Kind: survey.PurchaseKind, CRM: "hubspot", Source: "shop", ID: "1",
			Changes: []survey.BehaviourChange{{ID: "r1", What: survey.Refunded, At: start.Add(day), Amount: 300, AsOf: start.Add(day)}},
		}
		require.Equal(w.T, store.BehaviourSaved{New: 1}, w.saveBehaviour(refund))
		require.Empty(w.T, w.snapshot(survey.ObjectContact, start.Add(9*day)))
		require.Equal(w.T, store.BehaviourSaved{Changed: 1}, w.saveBehaviour(bought(1, "1", start, 1000)))
		require.Equal(w.T, store.BehaviourSaved{Same: 1}, w.saveBehaviour(refund))
		require.Equal(w.T, []survey.Purchase{{
			ContactKey: w.contactRef(1), Source: "shop", At: start, Worth: &survey.Worth{Amount: 1000, Currency: "EUR"},
			Refunds: []survey.Refund{{At: start.Add(day), Amount: 300}},
		}}, w.purchases(1, start.Add(9*day)))
		require.Empty(w.T, w.purchases(1, start.Add(day))[0].Refunds, "it had not happened")

		refund.Changes[0].Amount, refund.Changes[0].AsOf = 400, start.Add(2*day)
		require.Equal(w.T, store.BehaviourSaved{Changed: 1}, w.saveBehaviour(refund), "corrected")
		require.Equal(w.T, []survey.Refund{{At: start.Add(day), Amount: 400}}, w.purchases(1, start.Add(9*day))[0].Refunds)
	},
	"the order of what is told does not matter": func(w world) {
		told := []survey.Behaviour{bought(1, "1", start, 1000), bought(1, "1", start, 1200), bought(1, "1", start, 900)}
		for i := range told {
			told[i].Worth.AsOf = start.Add(time.Duration(i) * day)
		}
		told[0].End = survey.Tell(start.Add(5*day), start.Add(5*day))
		told[2].End = survey.Tell(time.Time{}, start.Add(6*day))
		for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
			for _, i := range order {
				b := told[i]
				b.ID = string(rune('0' + order[0]))
				w.saveBehaviour(b)
			}
		}
		got := w.purchases(1, start.Add(9*day))
		require.Len(w.T, got, 3)
		for _, p := range got {
			require.Equal(w.T, survey.Hundredths(900), p.Worth.Amount)
			require.Zero(w.T, p.CancelledAt, "taken back")
		}
	},
	"many that tell of the same at once are merged": func(w world) {
		const n = 8
		atOnce(w, n, func(i int) (store.BehaviourSaved, error) {
			b := bought(1, "1", start, survey.Hundredths(1000+i))
			b.Worth.AsOf = start.Add(time.Duration(i) * time.Millisecond)
			b.Changes = []survey.BehaviourChange{{ID: w.newID(), What: survey.Refunded, At: start, Amount: 10, AsOf: start}}
			return w.SaveBehaviour(w.Context(), []survey.Behaviour{b})
		})
		got := w.purchases(1, start.Add(day))
		require.Len(w.T, got, 1)
		require.Len(w.T, got[0].Refunds, n)
		require.Equal(w.T, survey.Hundredths(1000+n-1), got[0].Worth.Amount)
	},
	"contacts that are not known are kept by their ids, those that are stay": func(w world) {
		w.saveContacts(1)
		ofDeal := bought(7, "2", start, 100)
		ofDeal.Account = survey.Tell(accountKey(3), start)
		w.saveBehaviour(bought(0, "1", start, 100), ofDeal)
		people, err := w.Contacts(w.Context(), []string{contactKey(0), contactKey(7)})
		w.must(err)
		require.Equal(w.T, "Zoë", people[contactKey(0)].FirstName)
		require.Equal(w.T, "c007", people[contactKey(7)].ID)
		require.Equal(w.T, w.accountRef(3), people[contactKey(7)].AccountKey)
		accounts := w.snapshot(survey.ObjectAccount, start.Add(day))
		require.Len(w.T, accounts[w.accountRef(0)].Purchases, 1, "of its contact")
		require.Len(w.T, accounts[w.accountRef(3)].Purchases, 1)
	},
	"an account that becomes known later has what its contact did": func(w world) {
		w.saveBehaviour(bought(0, "1", start, 100))
		w.saveContacts(1)
		got := w.snapshot(survey.ObjectAccount, start.Add(day))[w.accountRef(0)].Purchases
		require.Len(w.T, got, 1)
		require.Equal(w.T, w.contactRef(0), got[0].ContactKey)
	},
	"subscriptions and tickets": func(w world) {
		end, renewed := start.Add(400*day), start.Add(30*day)
		ofAccount := survey.Tell(accountKey(1), start)
		w.saveBehaviour(survey.Behaviour{
			Kind: survey.SubscriptionKind, CRM: "hubspot", Source: "billing", ID: "s", Account: ofAccount,
			Start: survey.Tell(survey.Start{At: start}, start), Worth: survey.Tell(survey.Worth{Amount: 9900, Currency: "USD"}, start),
			RenewsAt: survey.Tell(end, start), Months: survey.Tell(1, start), End: survey.Tell(end, start),
			Changes: []survey.BehaviourChange{{ID: "1", What: survey.Renewed, At: renewed, AsOf: renewed}},
		}, survey.Behaviour{
			Kind: survey.TicketKind, CRM: "hubspot", Source: "desk", ID: "t", Account: ofAccount,
			Start: survey.Tell(survey.Start{At: start.Add(day)}, start), End: survey.Tell(start.Add(3*day), start),
		})
		got := w.snapshot(survey.ObjectAccount, start.Add(2*day))[w.accountRef(1)]
		require.Equal(w.T, []survey.Subscription{{
			AccountKey: w.accountRef(1), Source: "billing", StartedAt: start, Worth: &survey.Worth{Amount: 9900, Currency: "USD"}, Months: 1,
			RenewsAt: end, EndsAt: end,
		}}, got.Subscriptions)
		require.Equal(w.T, []survey.Ticket{{AccountKey: w.accountRef(1), Source: "desk", OpenedAt: start.Add(day)}}, got.Tickets)
		got = w.snapshot(survey.ObjectAccount, start.Add(99*day))[w.accountRef(1)]
		require.Equal(w.T, []time.Time{renewed}, got.Subscriptions[0].Renewals)
		require.Equal(w.T, start.Add(3*day), got.Tickets[0].ClosedAt)
	},
	"what sources told, and what they did not": func(w world) {
		ticket := survey.Behaviour{
			Kind: survey.TicketKind, CRM: "hubspot", Source: "desk", ID: "1", Account: survey.Tell(accountKey(1), start),
			Start: survey.Tell(survey.Start{At: start}, start), End: survey.Tell(start.Add(day), start),
		}
		unknown := survey.Behaviour{Kind: survey.PurchaseKind, CRM: "hubspot", Source: "shop", ID: "9", End: survey.Tell(start, start)}
		ticket.Source = "help desk of Zoë"
		dollars := bought(1, "3", start.Add(day), 100)
		dollars.Worth.Value.Currency = "USD"
		w.saveBehaviour(bought(1, "1", start, 100), bought(2, "2", start, 100), dollars, unknown, ticket)
		got, err := w.BehaviourSources(w.Context())
		w.must(err)
		// By what stands for the name, which is another each time.
		slices.SortFunc(got, func(a, b store.BehaviourSource) int { return cmp.Compare(a.N, b.N) })
		require.NotContains(w.T, got[0].Source, "Zoë")
		require.Len(w.T, got[0].Source, 8)
		require.Equal(w.T, []store.BehaviourSource{
			{
				CRM: "hubspot", Source: got[0].Source, Kind: survey.TicketKind, N: 1, Accounts: 1, First: start, Last: start,
				Currencies: map[string]int{}, NoAmount: 1, NoContact: 1,
			},
			{
				CRM: "hubspot", Source: "shop", Kind: survey.PurchaseKind, N: 4, Contacts: 2, First: start, Last: start.Add(day), Open: 3,
				Currencies: map[string]int{"EUR": 2, "USD": 1}, NoStart: 1, NoAmount: 1, NoContact: 1, NoAccount: 4,
			},
		}, got)
	},
	"a page is kept with its cursor": func(w world) {
		cursor := store.BehaviourCursor{CRM: "hubspot", ObjectType: survey.ObjectDeal, BeganAt: start, After: "200", Done: 200, Total: 300}
		saved, err := w.SaveBehaviourPage(w.Context(), []survey.Behaviour{bought(1, "1", start, 100)}, cursor)
		w.must(err)
		require.Equal(w.T, store.BehaviourSaved{New: 1}, saved)
		got, err := w.BehaviourCursors(w.Context())
		w.must(err)
		require.Equal(w.T, []store.BehaviourCursor{cursor}, got)
		cursor.Since, cursor.BeganAt, cursor.EndedAt, cursor.After = start, time.Time{}, start.Add(day), ""
		_, err = w.SaveBehaviourPage(w.Context(), nil, cursor)
		w.must(err)
		got, err = w.BehaviourCursors(w.Context())
		w.must(err)
		require.Equal(w.T, []store.BehaviourCursor{cursor}, got)
	},
	"what is told of known ones only is not kept of others": func(w world) {
		lost := bought(1, "1", start, 0)
		lost.Worth, lost.Start, lost.OnlyKnown = survey.Told[survey.Worth]{}, survey.Told[survey.Start]{}, true
		lost.End = survey.Tell(start.Add(day), start.Add(day))
		require.Zero(w.T, w.saveBehaviour(lost))
		require.Equal(w.T, store.BehaviourSaved{New: 1}, w.saveBehaviour(bought(1, "1", start, 100)))
		require.Equal(w.T, store.BehaviourSaved{Changed: 1}, w.saveBehaviour(lost))
		require.Equal(w.T, start.Add(day), w.purchases(1, start.Add(2*day))[0].CancelledAt)
	},
	"what was asked, answered and followed up before a moment": func(w world) {
		w.saveContacts(3)
		w.must(w.SaveProgram(w.Context(), program()))
		id := w.openCase(start, 0)
		w.invite(start.Add(day), 1)
		until := start.Add(2 * day)
		all := w.snapshot(survey.ObjectContact, until)
		require.Len(w.T, all, 3)
		got := all[w.contactRef(0)]
		require.Equal(w.T, []store.PastInvitation{{
			Program: programID, Kind: survey.Transactional, ContactKey: w.contactRef(0), AskedAt: start, AnsweredAt: start,
		}}, got.Invitations)
		require.Len(w.T, got.Answers, 1)
		require.Equal(w.T, 3, got.Answers[0].Score)
		require.Equal(w.T, survey.Detractor, got.Answers[0].Band)
		require.Equal(w.T, []store.PastCase{{ID: id, Program: programID, OpenedAt: start, State: survey.CaseOpen}}, got.Cases)
		require.Zero(w.T, all[w.contactRef(1)].Invitations[0].AnsweredAt, "silent")
		require.Empty(w.T, all[w.contactRef(2)].Invitations)
		account := w.snapshot(survey.ObjectAccount, until)[w.accountRef(0)]
		require.Len(w.T, account.Invitations, 2)
		require.Len(w.T, account.Answers, 1)
		require.Len(w.T, account.Cases, 1)
		none := w.snapshot(survey.ObjectContact, start)[w.contactRef(0)]
		require.Empty(w.T, none.Invitations)
		require.Empty(w.T, none.Answers)
		require.Empty(w.T, none.Cases)
	},
}
