package survey

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTextsFor(t *testing.T) {
	t.Parallel()
	p := Program{Texts: map[string]Texts{
		"en": {Subject: "Hello"}, "fr": {Subject: "Bonjour"}, "pt-PT": {Subject: "Olá"}, "zh-Hant": {Subject: "你好"}, "fr-CH": {Subject: "Salut"},
	}}
	for locale, want := range map[string]string{
		"en": "en", "en-GB": "en", "fr": "fr", "fr-CA": "fr", "FR_ca": "fr", "fr-ch": "fr-CH", "fr_CH": "fr-CH", "fr-CH-1996": "fr-CH", "fr-CA-x-y": "fr",
		"pt-pt": "pt-PT", "pt-BR": "en", "pt": "en", // no variant stands for another, nor for the language
		"zh-Hant-TW": "zh-Hant", "zh-TW": "en", "fra": "en", "f": "en", "ja": "en", "": "en", "-": "en", "fr-": "fr",
	} {
		texts, got := p.TextsFor(locale)
		require.Equal(t, want, got, locale)
		require.Equal(t, p.Texts[want], texts, locale)
	}
}

func TestKeysThatDifferInCaseAloneGiveTheSameEachTime(t *testing.T) {
	t.Parallel()
	by := map[string]int{"fr-CA": 1, "FR-ca": 2, "fr-ca": 3}
	for range 50 {
		found, ok := Nearest(by, "Fr-Ca")
		require.True(t, ok)
		require.Equal(t, "FR-ca", found)
		found, _ = Nearest(by, "fr-CA")
		require.Equal(t, "fr-CA", found)
	}
}

func TestWordsIn(t *testing.T) {
	t.Parallel()
	words := Words{"en": "Price", "fr": "Prix"}
	for locale, want := range map[string]string{"fr-CA": "Prix", "fr": "Prix", "de": "Price", "pt-BR": "Price", "": "Price"} {
		require.Equal(t, want, words.In(locale), locale)
	}
	require.Empty(t, Words(nil).In("fr"))
}
