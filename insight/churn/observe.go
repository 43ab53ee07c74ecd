package churn

import "slices"

// Horizon is how far ahead risks are of, in days.
const Horizon = 90

// current says whether somebody is a customer, who can leave: with a contract that runs, or
// with a purchase in the last year.
func current(s seen, contractual bool) bool {
	if contractual {
		return s.running > 0
	}
	return s.bought > 0 && s.at-s.last <= year
}

// left says whether a customer of a moment left within the horizon: bought nothing in it that
// stands at its end, or had no contract at its end.
func left(c Customer, at float64, contractual bool) bool {
	end := at + Horizon
	if contractual {
		return !slices.ContainsFunc(c.Contracts, func(k Contract) bool { return k.Start < end && open(k.End, end) })
	}
	return !slices.ContainsFunc(c.Purchases, func(p Purchase) bool { return p.At >= at && p.At < end && open(p.Cancelled, end) })
}

// row is one customer at one moment, and what came of it.
type row struct {
	customer, fold   int
	behaviour, facts []float64
	left             bool
}

// at are those who were customers at a moment, and what came of them.
func (p population) at(origin float64) (rows []row) {
	for i, c := range p.customers {
		v := see(c, origin)
		if !current(v, p.contractual) {
			continue
		}
		rows = append(rows, row{
			customer: i, fold: foldOf(i), left: left(c, origin, p.contractual),
			behaviour: values(behaviour(p.contractual), v), facts: values(facts, v),
		})
	}
	return rows
}

func behaviour(contractual bool) []feature {
	if contractual {
		return ofContracts
	}
	return ofBuyers
}

// The oldest origins a fit looks at, and how many of the latest it is tested at.
const (
	maxOrigins  = 8
	testOrigins = 4
	minOrigins  = 3 // at which a model is tested before it may be used
)

// origins are the moments to look at customers from, in order: each a horizon before the
// next, all with an outcome that is known, and a horizon of history before the first.
func (p population) origins(asOf float64) (out []float64) {
	for k := 1; k <= maxOrigins; k++ {
		at := asOf - Horizon*float64(k)
		if at < p.first+Horizon {
			break
		}
		out = append(out, at)
	}
	slices.Reverse(out)
	return out
}
