package churn

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
)

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

// left says whether a customer of a moment left within the horizon: bought nothing in it, or
// had no contract at its end.
func left(c Customer, at float64, contractual bool) bool {
	end := at + Horizon
	if contractual {
		return !slices.ContainsFunc(c.Contracts, func(k Contract) bool { return k.Start < end && open(k.End, end) })
	}
	return !slices.ContainsFunc(c.Purchases, func(p Purchase) bool { return p.At >= at && p.At < end })
}

// row is one customer at one moment, and what came of it.
type row struct {
	customer, fold   int
	behaviour, facts []float64
	left             bool
}

// sample are the customers that a fit uses, in order, and who belongs to which fold.
type sample struct {
	contractual bool
	customers   []Customer
	folds       []int
	first       float64 // event
}

const (
	// MaxCustomers is how many customers a fit uses. Of more it takes those whose IDs hash
	// lowest, the same ones each time: further ones would not change its numbers by much.
	MaxCustomers = 20000
	// folds part customers, so that none is forecast by what was learnt from the same one.
	folds = 3
)

func draw(customers []Customer, o Options) (sample, error) {
	type candidate struct {
		hash uint64
		Customer
	}
	all := make([]candidate, len(customers))
	for i, c := range customers {
		if err := c.check(); err != nil {
			return sample{}, err
		}
		all[i] = candidate{hashOf(c.ID), c}
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.ID, b.ID)) })
	for i := range all[:max(0, len(all)-1)] {
		if all[i].ID == all[i+1].ID {
			return sample{}, fmt.Errorf("churn: customer %s is there twice", all[i].ID)
		}
	}
	all = all[:min(len(all), MaxCustomers)]
	out := sample{contractual: o.Contractual, first: o.AsOf}
	for i, c := range all {
		known := c.sorted()
		out.customers = append(out.customers, known)
		out.folds = append(out.folds, i%folds)
		out.first = min(out.first, known.start(o.Contractual))
	}
	return out, nil
}

// start is when somebody became a customer; of nobody, never.
func (c Customer) start(contractual bool) float64 {
	switch {
	case contractual && len(c.Contracts) > 0:
		return c.Contracts[0].Start
	case !contractual && len(c.Purchases) > 0:
		return c.Purchases[0].At
	}
	return latest
}

func hashOf(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id)) //nolint:errcheck // of a hash, there is none
	sum := h.Sum64()
	// The last letters of an ID have to reach all bits (MurmurHash3's finalizer).
	sum = (sum ^ sum>>33) * 0xff51afd7ed558ccd
	return sum ^ sum>>33
}

// at are those who were customers at a moment, and what came of them.
func (s sample) at(origin float64) (rows []row) {
	for i, c := range s.customers {
		v := see(c, origin)
		if !current(v, s.contractual) {
			continue
		}
		rows = append(rows, row{
			customer: i, fold: s.folds[i], left: left(c, origin, s.contractual),
			behaviour: values(behaviour(s.contractual), v), facts: values(facts, v),
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
	minOrigins  = 3 // that a model is tested at before it may be used
)

// origins are the moments to look at customers from, in order: each a horizon before the
// next, all with an outcome that is known, and a horizon of history before the first.
func (s sample) origins(asOf float64) (out []float64) {
	for k := 1; k <= maxOrigins; k++ {
		at := asOf - Horizon*float64(k)
		if at < s.first+Horizon {
			break
		}
		out = append(out, at)
	}
	slices.Reverse(out)
	return out
}
