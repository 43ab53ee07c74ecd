package churn

import (
	"cmp"
	"container/heap"
	"fmt"
	"hash/fnv"
	"slices"
)

const (
	// MaxCustomers is how many customers a fit uses. Of more it takes those whose IDs hash
	// lowest, the same ones each time: further ones would not change its numbers by much.
	MaxCustomers = 20000
	// folds part customers, so that none is forecast by what was learnt from the same one.
	folds = 3
)

// Sample takes any number of customers, one after the other, and keeps those that a fit
// uses. The zero value is ready.
type Sample struct {
	given int
	kept  byHash
}

// Add takes a customer. It returns an error where its data cannot be.
func (s *Sample) Add(c Customer) error {
	if err := c.check(); err != nil {
		return err
	}
	s.given++
	next := hashed{hashOf(c.ID), c.sorted()}
	if len(s.kept) < MaxCustomers {
		heap.Push(&s.kept, next)
	} else if next.compare(s.kept[0]) < 0 {
		s.kept[0] = next
		heap.Fix(&s.kept, 0)
	}
	return nil
}

// Customers are those that are kept, in an order that does not depend on that of adding.
func (s *Sample) Customers() []Customer {
	sorted := slices.Clone(s.kept)
	slices.SortFunc(sorted, hashed.compare)
	out := make([]Customer, len(sorted))
	for i, c := range sorted {
		out[i] = c.Customer
	}
	return out
}

// population are the customers of a sample.
func (s *Sample) population(contractual bool, asOf float64) (population, error) {
	out := population{contractual: contractual, customers: s.Customers(), first: asOf}
	for i, c := range out.customers {
		if i > 0 && c.ID == out.customers[i-1].ID {
			return population{}, fmt.Errorf("churn: customer %s is there twice", c.ID)
		}
		out.first = min(out.first, c.start(contractual))
	}
	return out, nil
}

// population are customers in order, whose events are in order too.
type population struct {
	contractual bool
	customers   []Customer
	first       float64 // when the first of them became one
}

// foldOf parts customers evenly, and at random: their order is that of hashes.
func foldOf(customer int) int { return customer % folds }

func populationOf(customers []Customer, o Options) (population, error) {
	var s Sample
	for _, c := range customers {
		if err := s.Add(c); err != nil {
			return population{}, err
		}
	}
	return s.population(o.Contractual, o.AsOf)
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

type hashed struct {
	hash uint64
	Customer
}

func (h hashed) compare(other hashed) int {
	return cmp.Or(cmp.Compare(h.hash, other.hash), cmp.Compare(h.ID, other.ID))
}

func hashOf(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id)) //nolint:errcheck // of a hash, there is none
	sum := h.Sum64()
	// The last letters of an ID have to reach all bits (MurmurHash3's finalizer).
	sum = (sum ^ sum>>33) * 0xff51afd7ed558ccd
	return sum ^ sum>>33
}

// byHash is a heap with the highest hash on top.
type byHash []hashed

func (b byHash) Len() int           { return len(b) }
func (b byHash) Less(i, j int) bool { return b[i].compare(b[j]) > 0 }
func (b byHash) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }
func (b *byHash) Push(x any)        { *b = append(*b, x.(hashed)) } //nolint:forcetypeassert // only Add pushes
func (b *byHash) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}
