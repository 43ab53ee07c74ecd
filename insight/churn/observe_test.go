package churn

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLeft(t *testing.T) {
	t.Parallel()
	const at = 1000
	for name, test := range map[string]struct {
		Customer
		contractual, current, left bool
	}{
		"bought again":             {Customer: Customer{Purchases: []Purchase{{At: 900}, {At: 1089}}}, current: true},
		"bought at the moment":     {Customer: Customer{Purchases: []Purchase{{At: 900}, {At: 1000}}}, current: true},
		"bought too late":          {Customer: Customer{Purchases: []Purchase{{At: 900}, {At: 1090}}}, current: true, left: true},
		"cancelled again":          {Customer: Customer{Purchases: []Purchase{{At: 900}, {At: 1010, Cancelled: 1020}}}, current: true, left: true},
		"cancelled before":         {Customer: Customer{Purchases: []Purchase{{At: 900, Cancelled: 950}}}, left: true},
		"cancelled later":          {Customer: Customer{Purchases: []Purchase{{At: 900, Cancelled: 1200}, {At: 1010, Cancelled: 1200}}}, current: true},
		"gone for a year":          {Customer: Customer{Purchases: []Purchase{{At: 600}}}, left: true},
		"not yet there":            {Customer: Customer{Purchases: []Purchase{{At: 1001}}}},
		"runs on":                  {Customer: Customer{Contracts: []Contract{{Start: 10}}}, contractual: true, current: true},
		"ends":                     {Customer: Customer{Contracts: []Contract{{Start: 10, End: 1050}}}, contractual: true, current: true, left: true},
		"ends later":               {Customer: Customer{Contracts: []Contract{{Start: 10, End: 1090}}}, contractual: true, current: true},
		"ended":                    {Customer: Customer{Contracts: []Contract{{Start: 10, End: 999}}}, contractual: true, left: true},
		"ends, another goes on":    {Customer: Customer{Contracts: []Contract{{Start: 10, End: 1050}, {Start: 20}}}, contractual: true, current: true},
		"ends, another follows":    {Customer: Customer{Contracts: []Contract{{Start: 10, End: 1050}, {Start: 1060}}}, contractual: true, current: true},
		"ends, another much later": {Customer: Customer{Contracts: []Contract{{Start: 10, End: 1050}, {Start: 1160}}}, contractual: true, current: true, left: true},
	} {
		require.Equal(t, test.current, current(see(test.Customer, at), test.contractual), name)
		require.Equal(t, test.left, left(test.Customer, at, test.contractual), name)
	}
}

// before is a customer without anything that happened at a moment or later.
func (c Customer) before(at float64) (out Customer) {
	unless := func(end float64) float64 {
		if end >= at {
			return 0
		}
		return end
	}
	for _, p := range c.Purchases {
		if p.Cancelled = unless(p.Cancelled); p.At < at {
			out.Purchases = append(out.Purchases, p)
		}
	}
	for _, k := range c.Contracts {
		if k.End = unless(k.End); k.Start < at {
			out.Contracts = append(out.Contracts, k)
		}
	}
	for _, v := range c.Tickets {
		if v.Closed = unless(v.Closed); v.Opened < at {
			out.Tickets = append(out.Tickets, v)
		}
	}
	for _, v := range c.Invitations {
		if v.Answered = unless(v.Answered); v.Sent < at {
			out.Invitations = append(out.Invitations, v)
		}
	}
	for _, a := range c.Answers {
		if a.At < at {
			out.Answers = append(out.Answers, a)
		}
	}
	for _, k := range c.Cases {
		if k.Ended = unless(k.Ended); k.Opened < at {
			out.Cases = append(out.Cases, k)
		}
	}
	return out
}

func TestNothingLaterIsSeen(t *testing.T) {
	t.Parallel()
	for _, contractual := range []bool{true, false} {
		of := driven(contractual)
		of.customers = 200
		customers, _ := of.made()
		for _, c := range customers {
			c.Tickets = append(c.Tickets, Ticket{Opened: opened + 100, Closed: opened + 400})
			c.Purchases = append(c.Purchases, Purchase{At: opened + 120, Cancelled: opened + 350, Amount: 1000})
			for at := opened + 0.5; at < of.asOf(); at += 45 {
				require.Equal(t, see(c.before(at).sorted(), at), see(c.sorted(), at))
			}
		}
	}
}

func TestFeatures(t *testing.T) {
	t.Parallel()
	sour := -0.5
	c := Customer{
		Purchases:   []Purchase{{At: 600, Cancelled: 610, Amount: 5}, {At: 700, Cancelled: 1000, Amount: 10}, {At: 800, Amount: 20}, {At: 950, Amount: 30}},
		Contracts:   []Contract{{Start: 100, Term: 300, Amount: 1200}, {Start: 500, Amount: 600}, {Start: 50, End: 60}},
		Tickets:     []Ticket{{Opened: 940, Closed: 945}, {Opened: 990}, {Opened: 100}},
		Invitations: []Invitation{{Sent: 500}, {Sent: 700, Answered: 701}, {Sent: 980}, {Sent: 990}},
		Answers:     []Answer{{At: 300, Metric: "csat", Score: 0.2}, {At: 400, Metric: "nps", Score: 0.9}, {At: 701, Metric: "nps", Score: 0.5, Sentiment: &sour}},
		Cases:       []Case{{Opened: 702, Ended: 800}, {Opened: 900}},
	}
	s := see(c.sorted(), 1000)
	require.Equal(t, seen{
		at: 1000, bought: 3, recent: 1, first: 700, last: 950, spent: 60,
		running: 2, ended: 1, since: 100, worth: 1800, renewal: 300,
		openTickets: 2, newTickets: 2, openCases: 1,
		asked: 3, unanswered: 1, answered: true, answer: c.Answers[2], change: -0.4, compared: true,
	}, s)
	for _, features := range [][]feature{ofBuyers, ofContracts, facts} {
		require.Len(t, values(features, s), len(features))
	}
	require.InDelta(t, log1p(50)-log1p(125), overdue(s), 1e-12)
	require.InDelta(t, -0.2, values(facts, s)[7], 1e-12)
}
