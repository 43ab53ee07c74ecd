package survey

import (
	"maps"
	"slices"
	"strings"
)

// DefaultLocale is the language that every program has.
const DefaultLocale = "en"

// Words are one text by locale.
type Words map[string]string

// In returns the text for a locale, after Nearest, else in DefaultLocale.
func (w Words) In(locale string) string {
	if found, ok := Nearest(w, locale); ok {
		return w[found]
	}
	return w[DefaultLocale]
}

// Nearest returns the key of a map by locale that serves a locale best: the locale
// itself ("fr-CA"), else what it is a variant of ("fr"). Case and the separator do
// not matter ("fr_ca"). The variants of a language do not serve each other: who
// reads pt-PT is not given pt-BR.
func Nearest[V any](by map[string]V, locale string) (found string, ok bool) {
	for tag := strings.ReplaceAll(locale, "_", "-"); tag != ""; {
		if _, ok := by[tag]; ok {
			return tag, true
		}
		// Sorted, so that keys that differ in case alone give the same answer each time.
		for _, name := range slices.Sorted(maps.Keys(by)) {
			if strings.EqualFold(name, tag) {
				return name, true
			}
		}
		cut := strings.LastIndexByte(tag, '-')
		if cut < 0 {
			break
		}
		tag = tag[:cut]
	}
	return "", false
}

// TextsFor returns the texts for a contact's locale and the locale they are in:
// the nearest that the program has, else DefaultLocale.
func (p Program) TextsFor(locale string) (Texts, string) {
	found, ok := Nearest(p.Texts, locale)
	if !ok {
		found = DefaultLocale
	}
	return p.Texts[found], found
}
