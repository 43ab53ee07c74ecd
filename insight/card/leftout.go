package card

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// LeftOut is how many were not used, by what is wrong with them: one whose data cannot be
// says nothing, and is no reason to say nothing of others.
type LeftOut map[string]int

// Add counts one. The zero LeftOut is made when it is first needed.
func (l *LeftOut) Add(wrong string) {
	if *l == nil {
		*l = LeftOut{}
	}
	(*l)[wrong]++
}

// N is how many there are in all.
func (l LeftOut) N() (n int) {
	for _, of := range l {
		n += of
	}
	return n
}

// Sentence says how many of what, as a sentence begins, were left out and why; it is "" where
// there are none.
func (l LeftOut) Sentence(what string) string {
	if len(l) == 0 {
		return ""
	}
	wrong := make([]string, 0, len(l))
	for _, w := range slices.Sorted(maps.Keys(l)) {
		wrong = append(wrong, fmt.Sprintf("%d for %s", l[w], w))
	}
	return fmt.Sprintf("%s left out: %s.", what, strings.Join(wrong, ", "))
}
