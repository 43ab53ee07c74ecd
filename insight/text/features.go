package text

import "math"

// buckets is how many features there can be: n-grams are told apart by a hash of so many
// values.
const buckets = 1 << 17

// The n-grams of letters within a word, whose ends count as letters.
const (
	leastLetters = 3
	mostLetters  = 5
)

// feature is an n-gram of a comment: a word, two words in a row, or letters of a word.
type feature struct {
	bucket uint32
	// clause and word are where it stands: at the second of two words.
	clause, word int32
}

// features are the n-grams of a comment, those that come twice too.
func (c comment) features() []feature {
	most := 0
	for _, part := range c.clauses {
		for _, w := range part.words {
			most += (mostLetters-leastLetters+1)*len(w.text) + 2
		}
	}
	into := make([]feature, 0, most)
	for i, part := range c.clauses {
		before := uint64(0)
		for j, w := range part.words {
			whole := hashed(startWord, w.text)
			into = append(into, feature{bucketOf(whole), int32(i), int32(j)})
			if before != 0 {
				into = append(into, feature{bucketOf(hashed(before^startPair, w.text)), int32(i), int32(j)})
			}
			before = whole
			into = letters(into, w.text, int32(i), int32(j))
		}
	}
	return into
}

// whole are the features that are whole words, one for each word.
func whole(features []feature) (out []uint32) {
	for i, f := range features {
		if i == 0 || f.clause != features[i-1].clause || f.word != features[i-1].word {
			out = append(out, f.bucket)
		}
	}
	return out
}

// letters adds the n-grams of a word's letters, in bytes: folded words of the languages
// that are read have no others.
func letters(into []feature, word string, clause, at int32) []feature {
	n := len(word) + 2
	for size := leastLetters; size <= mostLetters; size++ {
		for from := 0; from+size <= n; from++ {
			h := startLetters + uint64(size)
			for k := from; k < from+size; k++ {
				b := byte('^')
				if k > 0 && k < n-1 {
					b = word[k-1]
				}
				h = (h ^ uint64(b)) * prime
			}
			into = append(into, feature{bucketOf(h), clause, at})
		}
	}
	return into
}

// The hash is FNV-1a of 64 bits, begun elsewhere for each kind of n-gram.
const (
	prime        = 1099511628211
	startWord    = 14695981039346656037
	startPair    = 0x9E3779B97F4A7C15
	startLetters = 0xC2B2AE3D27D4EB4F
)

func hashed(h uint64, text string) uint64 {
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * prime
	}
	return h
}

// bucketOf mixes the high bits into the low ones, which alone FNV leaves regular.
func bucketOf(h uint64) uint32 {
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	h ^= h >> 32
	return uint32(h % buckets)
}

// share is what each feature of a comment counts that has so many: their squares add up
// to 1, so that long comments weigh no more than short ones.
func share(features int) float64 { return 1 / math.Sqrt(float64(max(1, features))) }
