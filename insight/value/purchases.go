package value

import (
	"cmp"
	"math"
	"slices"
)

// Purchase is one at a time, with what was paid for it.
type Purchase struct {
	// Day is a time in days since any moment that is the same for all customers.
	Day float64
	// Amount is in one currency for all customers. What was paid back is a purchase's lesser
	// amount, not a purchase.
	Amount float64
	// Unpriced is that Amount is not known in that currency.
	Unpriced bool
	// Cancelled is when it was taken back; 0 where it stands.
	Cancelled float64
}

// stands says whether it had not been taken back before a time.
func (p Purchase) stands(until float64) bool { return p.Cancelled == 0 || p.Cancelled >= until }

// Buyer is a customer with all their purchases, in any order.
type Buyer struct {
	ID        string
	Purchases []Purchase
}

// At is what was known of a buyer at a time: of the purchases before that stood then.
// Those of one whole day are one purchase. It is false where there was none yet.
func (b Buyer) At(until float64) (Customer, bool) {
	days := b.daysBetween(math.Inf(-1), until)
	if len(days) == 0 {
		return Customer{}, false
	}
	first, last := days[0].Day, days[len(days)-1].Day
	out := Customer{ID: b.ID, History: History{X: len(days) - 1, Recency: last - first, Age: until - first}}
	for _, d := range days {
		switch {
		case d.Unpriced:
			out.Unpriced++
		case d.Amount > 0:
			out.Purchases++
			out.Mean += d.Amount
		}
	}
	if out.Purchases > 0 {
		out.Mean /= float64(out.Purchases)
	}
	return out, true
}

// daysBetween are the days with purchases from a time on and before another, at which they
// still stand, in order, with what was paid on each.
func (b Buyer) daysBetween(from, until float64) (days []Purchase) {
	for _, p := range b.Purchases {
		if p.Day >= from && p.Day < until && p.stands(until) {
			days = append(days, Purchase{Day: math.Floor(p.Day), Amount: max(0, p.Amount), Unpriced: p.Unpriced})
		}
	}
	slices.SortFunc(days, func(a, b Purchase) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Amount, b.Amount))
	})
	return merged(days)
}

// merged adds up what was paid on the same day, which is not known where a part is not.
func merged(days []Purchase) []Purchase {
	out := days[:0]
	for _, d := range days {
		if n := len(out); n > 0 && out[n-1].Day == d.Day {
			out[n-1].Amount += d.Amount
			out[n-1].Unpriced = out[n-1].Unpriced || d.Unpriced
			continue
		}
		out = append(out, d)
	}
	return out
}
