package survey

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
)

// Variant is one of several ways in which a program asks, tried against the others:
// with other words, or at another time. Nothing else of the program differs.
type Variant struct {
	// ID names the variant for good; an invitation keeps it.
	ID string `json:"id" yaml:"id"`
	// Share of the contacts who are asked so, above 0; those of a program sum to 1.
	Share float64 `json:"share" yaml:"share"`
	// Texts, Delay and Window take the place of the program's. They are complete: what
	// the variant leaves as it is stands here too.
	Texts  map[string]Texts `json:"texts" yaml:"-"`
	Delay  Span             `json:"delay" yaml:"delay"`
	Window *Calendar        `json:"window,omitempty" yaml:"-"`
}

// VariantOf is the id of the variant that a contact gets, "" where the program has
// none. A hash of the contact's key and the program decides: it is the same each time
// and in each version with these shares, and has nothing to do with the sample.
func (p Program) VariantOf(contactKey string) string {
	if len(p.Variants) == 0 {
		return ""
	}
	at := hashed("variant", p.ID, contactKey)
	for _, v := range p.Variants[:len(p.Variants)-1] {
		if at -= v.Share; at < 0 {
			return v.ID
		}
	}
	return p.Variants[len(p.Variants)-1].ID
}

// As is the program as those see it who are asked by a variant; for "" and a variant
// that it does not have, the program itself.
func (p Program) As(variant string) Program {
	i := slices.IndexFunc(p.Variants, func(v Variant) bool { return v.ID == variant })
	if i >= 0 {
		v := p.Variants[i]
		p.Texts, p.Delay, p.Window = v.Texts, v.Delay, v.Window
	}
	return p
}

// TriesTheSame reports whether another version of the program has the same variants
// with the same shares, so that what came of both can be counted together.
func (p Program) TriesTheSame(other Program) bool {
	return len(p.Variants) > 0 && slices.EqualFunc(p.Variants, other.Variants, func(a, b Variant) bool {
		return a.ID == b.ID && a.Share == b.Share
	})
}

// hashed places a contact of a program between 0 and 1, for a purpose of its own.
func hashed(purpose, program, contactKey string) float64 {
	sum := sha256.Sum256([]byte(purpose + "\x00" + program + "\x00" + contactKey))
	return float64(binary.BigEndian.Uint64(sum[:8])) / math.MaxUint64
}
