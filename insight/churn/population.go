package churn

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/cxloop/cxloop/insight/card"
)

const (
	// MaxCustomers is how many customers a fit uses. Of more it takes those whose IDs hash
	// lowest, the same ones each time: further ones would not change its numbers by much.
	MaxCustomers = 20000
	// folds part customers, so that none is forecast by what was learnt from the same one.
	folds = 3
)

// population are the customers that a fit uses, in an order that does not depend on that in
// which they were given, and with their events in order.
type population struct {
	contractual bool
	customers   []Customer
	leftOut     card.LeftOut
	first       float64 // when the first of them became one
}

// populationOf leaves out customers whose data cannot be. It returns an error where one is
// there twice.
func populationOf(customers []Customer, o Options) (population, error) {
	if !moments(o.AsOf) {
		return population{}, fmt.Errorf("churn: %g is no day", o.AsOf)
	}
	out := population{contractual: o.Contractual, first: o.AsOf}
	all := make([]hashed, 0, len(customers))
	for _, c := range customers {
		if wrong := c.Wrong(); wrong != "" {
			out.leftOut.Add(wrong)
			continue
		}
		all = append(all, hashed{hashOf(c.ID), c})
	}
	slices.SortFunc(all, func(a, b hashed) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.ID, b.ID)) })
	for i, c := range all {
		if i > 0 && c.ID == all[i-1].ID {
			return population{}, fmt.Errorf("churn: customer %s is there twice", c.ID)
		}
		if i < MaxCustomers {
			out.customers = append(out.customers, c.sorted())
			out.first = min(out.first, out.customers[i].start(o.Contractual))
		}
	}
	return out, nil
}

// foldOf parts customers evenly, and at random: their order is that of hashes.
func foldOf(customer int) int { return customer % folds }

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

type hashed struct {
	hash uint64
	Customer
}

func hashOf(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id)) //nolint:errcheck // of a hash, there is none
	sum := h.Sum64()
	// The last letters of an ID have to reach all bits (MurmurHash3's finalizer).
	sum = (sum ^ sum>>33) * 0xff51afd7ed558ccd
	return sum ^ sum>>33
}
