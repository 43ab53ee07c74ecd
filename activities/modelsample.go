package activities

import "hash/fnv"

// sample is up to limit of many, chosen by the hash of their keys alone: the same ones
// whatever their order.
type sample[T any] struct {
	limit int
	// below is what the hash of those who are kept is below.
	below uint64
	rows  []hashed[T]
}

type hashed[T any] struct {
	hash uint64
	of   T
}

func newSample[T any](limit int) *sample[T] { return &sample[T]{limit: limit, below: 1<<64 - 1} }

func (s *sample[T]) add(key string, row T) {
	h := fnv.New64a()
	h.Write([]byte(key)) // never fails
	hash := mix(h.Sum64())
	if hash >= s.below {
		return
	}
	s.rows = append(s.rows, hashed[T]{hash, row})
	for len(s.rows) > s.limit {
		s.below /= 2
		kept := s.rows[:0]
		for _, r := range s.rows {
			if r.hash < s.below {
				kept = append(kept, r)
			}
		}
		clear(s.rows[len(kept):])
		s.rows = kept
	}
}

// mix spreads what similar keys differ in over all bits (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func (s *sample[T]) kept() []T {
	out := make([]T, len(s.rows))
	for i, r := range s.rows {
		out[i] = r.of
	}
	return out
}
