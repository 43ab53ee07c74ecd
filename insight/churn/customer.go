// Package churn estimates who will leave: buyers who do not buy within the next days, or
// customers whose contracts end. It forecasts from behaviour first, adds what surveys and
// cases tell, and says whether that is better than simple rules.
package churn

import (
	"cmp"
	"math"
	"slices"
)

// Customer is what is known of one customer. Moments are in days since 1970-01-01 UTC, with
// fractions; 0 says that something has not happened, or is not known. Order does not matter.
type Customer struct {
	// ID tells customers apart, and orders them: fits do not depend on the order given.
	ID          string
	Purchases   []Purchase
	Contracts   []Contract
	Tickets     []Ticket
	Invitations []Invitation
	Answers     []Answer
	Cases       []Case
}

// Purchase is one order.
type Purchase struct {
	At        float64
	Cancelled float64 // when it was taken back, or refunded in full; 0 where it stands
	Amount    float64 // in the customers' one currency
}

// Contract is a subscription.
type Contract struct {
	Start float64
	// End is when it ended or is known to end; 0 while it goes on.
	End float64
	// Term is how many days lie between renewals, from Start on; 0 where it has none. The next
	// renewal is computed from it: a date that is noted only after a renewal would tell the
	// model what it is to forecast.
	Term   float64
	Amount float64 // per year
}

// Ticket is a request for help.
type Ticket struct {
	Opened float64
	Closed float64 // 0 while open
}

// Invitation is one survey that was sent.
type Invitation struct {
	Sent     float64
	Answered float64 // 0 without an answer
}

// Answer is one response to a survey.
type Answer struct {
	At     float64
	Metric string // answers are compared within a metric only
	// Score is the metric's value as a share of its scale, 0 worst to 1 best.
	Score float64
	// Sentiment is that of the comment, −1 to 1; nil where there is none.
	Sentiment *float64
}

// Case is a follow-up of unhappy answers.
type Case struct {
	Opened float64
	Ended  float64 // 0 while open
}

// Wrong is what of a customer is no number or out of range, "" of one who can be. It tells
// none of their data.
func (c Customer) Wrong() string {
	switch {
	case slices.ContainsFunc(c.Purchases, func(p Purchase) bool { return !moments(p.At, p.Cancelled) || !money(p.Amount) }):
		return "a purchase that cannot be"
	case slices.ContainsFunc(c.Contracts, func(s Contract) bool {
		return !moments(s.Start, s.End, s.Term) || !money(s.Amount) || s.End != 0 && s.End < s.Start
	}):
		return "a contract that cannot be"
	case slices.ContainsFunc(c.Tickets, func(t Ticket) bool { return !moments(t.Opened, t.Closed) }):
		return "a ticket that cannot be"
	case slices.ContainsFunc(c.Invitations, func(v Invitation) bool { return !moments(v.Sent, v.Answered) }):
		return "an invitation that cannot be"
	case slices.ContainsFunc(c.Answers, func(a Answer) bool {
		return !moments(a.At) || !(a.Score >= 0 && a.Score <= 1) || a.Sentiment != nil && !(math.Abs(*a.Sentiment) <= 1)
	}):
		return "an answer that cannot be"
	case slices.ContainsFunc(c.Cases, func(k Case) bool { return !moments(k.Opened, k.Ended) }):
		return "a case that cannot be"
	}
	return ""
}

// Current says whether a customer was one at a moment, who could leave: with a contract that
// ran, or with a purchase in the year before.
func (c Customer) Current(at float64, contractual bool) bool {
	return current(see(c.sorted(), at), contractual)
}

// latest is a day beyond any date: year 9999.
const latest = 2932896

func moments(days ...float64) bool {
	for _, d := range days {
		if !(d >= 0 && d <= latest) {
			return false
		}
	}
	return true
}

// money bounds amounts, so that sums of any number of them are finite.
func money(v float64) bool { return math.Abs(v) <= 1e18 }

// sorted is the customer with purchases, contracts and answers in order of time: sums depend
// on the order of what is added, and features on which came last.
func (c Customer) sorted() Customer {
	c.Purchases = inOrder(c.Purchases, func(a, b Purchase) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Amount, b.Amount), cmp.Compare(a.Cancelled, b.Cancelled))
	})
	c.Contracts = inOrder(c.Contracts, func(a, b Contract) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Amount, b.Amount))
	})
	c.Answers = inOrder(c.Answers, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Score, b.Score))
	})
	return c
}

func inOrder[E any](events []E, compare func(a, b E) int) []E {
	if slices.IsSortedFunc(events, compare) {
		return events
	}
	events = slices.Clone(events)
	slices.SortStableFunc(events, compare)
	return events
}
