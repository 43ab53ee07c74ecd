// Package effect asks whether closing the loop helped customers, and what it was worth.
//
// Whoever was called soon is compared with customers like them who were left longer: of the
// same score, segment and value. That takes care of what is known of them, and of nothing
// else: teams call those first of whom they hope most. So such a comparison never says more
// than that the two go together. Only a random hold-out says that something helped.
package effect

import (
	"math"
	"slices"
)

// Answer is a score that a customer gave. Days are counted from the start of the customer's
// record: when their case was opened, or when they were drawn for a hold-out.
type Answer struct {
	Day float64
	// Score is 0 to 100, the ends of the metric's scale.
	Score   float64
	Unhappy bool
}

// Invitation is a survey that a customer was sent, of whatever metric. Answered is the day of
// the answer, +Inf where none came.
type Invitation struct{ Day, Answered float64 }

// Purchase is what a customer bought, in the report's currency.
type Purchase struct {
	Day    float64
	Amount float64
}

// Customer is one customer who was unhappy, or might have been called.
type Customer struct {
	// Metric, Score and Segment are compared only with their own kind; Score is of the answer
	// that it began with, and Segment "" where it is not known.
	Metric, Segment string
	Score           float64
	// Value is what the customer is worth, in any one unit; NaN where it is not known.
	Value float64
	// Waited is how many days it took until somebody spoke with the customer or resolved the
	// case, at least 0; +Inf where nobody did.
	Waited float64
	// Held says that the hold-out kept the customer from being called.
	Held bool
	// Followed is for how many days it is known what came of it, at least 0.
	Followed float64
	// Answers of the same metric, Invitations, Purchases and the days of Ends of contracts,
	// each in any order and without those that it began with; days before the start are
	// negative.
	Answers     []Answer
	Invitations []Invitation
	Purchases   []Purchase
	Ends        []float64
	// Contract says that the customer had a running contract at the start.
	Contract bool
}

// Options are how customers are compared.
type Options struct {
	// Quick is within how many days a customer was called soon, above 0; Left, at least
	// Quick, after how many days without a word one was left. What comes before Left is the
	// same for all and counts as no outcome, so that nobody is called late because something
	// had come of it already.
	Quick, Left float64
	// Horizon is for how many days after that outcomes count, above 0.
	Horizon float64
	// Purchases, Amounts and Contracts say whether those are known of customers.
	Purchases, Amounts, Contracts bool
}

// Outcome is something that may come of following up.
type Outcome string

// The outcomes, in the order in which they are told.
const (
	// Answered: of those who were asked again, who answered.
	Answered Outcome = "answered"
	// Recovered: of those who answered, whose score is not unhappy any more.
	Recovered Outcome = "recovered"
	// NextScore: what they answered, in points of 100.
	NextScore Outcome = "next_score"
	// Bought: who bought something.
	Bought Outcome = "bought"
	// Spent: what they bought for, a customer, in the currency.
	Spent Outcome = "spent"
	// Stayed: of those with a contract, whose contract did not end.
	Stayed Outcome = "stayed"
)

// Share reports whether the outcome is a share of customers.
func (o Outcome) Share() bool {
	switch o {
	case NextScore, Spent, AnsweredBefore, ScoreBefore, Worth:
		return false
	}
	return true
}

// The pasts are known before anybody could be called: where they differ, those who were
// called soon were others from the start.
const (
	// AnsweredBefore: of what they were asked before, how much they answered, in per cent.
	AnsweredBefore Outcome = "answered_before"
	// ScoreBefore: their last score before, in points of 100.
	ScoreBefore Outcome = "score_before"
	// BoughtBefore: who bought something in as many days before as Horizon.
	BoughtBefore Outcome = "bought_before"
	// Worth: Customer.Value.
	Worth Outcome = "value"
)

// outcomes are asked of a customer for the days from a day until before another: y is what
// came of it, and known false where the question does not arise.
var outcomes = map[Outcome]func(c Customer, from, to float64) (y float64, known bool){
	Answered: func(c Customer, from, to float64) (float64, bool) {
		asked, answered := c.asked(from, to)
		return indicator(answered > 0), asked > 0
	},
	Recovered: func(c Customer, from, to float64) (float64, bool) {
		a, answered := c.next(from, to)
		return indicator(!a.Unhappy), answered
	},
	NextScore: func(c Customer, from, to float64) (float64, bool) {
		a, answered := c.next(from, to)
		return a.Score, answered
	},
	Bought: func(c Customer, from, to float64) (float64, bool) {
		n, _ := c.bought(from, to)
		return indicator(n > 0), true
	},
	Spent: func(c Customer, from, to float64) (float64, bool) {
		_, amount := c.bought(from, to)
		return amount, true
	},
	Stayed: func(c Customer, from, to float64) (float64, bool) {
		ended := slices.ContainsFunc(c.Ends, func(day float64) bool { return day >= from && day < to })
		before := slices.ContainsFunc(c.Ends, func(day float64) bool { return day >= 0 && day < from })
		return indicator(!ended), c.Contract && !before
	},
	AnsweredBefore: func(c Customer, from, to float64) (float64, bool) {
		asked, answered := c.asked(from, to)
		return 100 * float64(answered) / max(1, float64(asked)), asked > 0
	},
	ScoreBefore: func(c Customer, from, to float64) (float64, bool) {
		last, found := Answer{Day: math.Inf(-1)}, false
		for _, a := range c.Answers {
			if a.Day >= from && a.Day < to && a.Day > last.Day {
				last, found = a, true
			}
		}
		return last.Score, found
	},
	BoughtBefore: func(c Customer, from, to float64) (float64, bool) {
		n, _ := c.bought(from, to)
		return indicator(n > 0), true
	},
	Worth: func(c Customer, _, _ float64) (float64, bool) { return c.Value, !math.IsNaN(c.Value) },
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// asked is how often the customer was asked in the days, and answered until their end.
func (c Customer) asked(from, to float64) (asked, answered int) {
	for _, i := range c.Invitations {
		if i.Day >= from && i.Day < to {
			asked++
			if i.Answered < to {
				answered++
			}
		}
	}
	return asked, answered
}

// next is the first answer of the days.
func (c Customer) next(from, to float64) (first Answer, found bool) {
	for _, a := range c.Answers {
		if a.Day >= from && a.Day < to && (!found || a.Day < first.Day) {
			first, found = a, true
		}
	}
	return first, found
}

// bought is how often and for how much in the days.
func (c Customer) bought(from, to float64) (n int, amount float64) {
	for _, p := range c.Purchases {
		if p.Day >= from && p.Day < to {
			n++
			amount += p.Amount
		}
	}
	return n, amount
}
