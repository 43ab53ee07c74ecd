package text

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTopics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		comment string
		topics  []string
	}{
		{"Way too expensive for what it does", []string{"price"}},
		{"Nobody answers the phone and delivery took weeks", []string{"delivery", "support"}},
		{"Trop cher et les conseillers sont injoignables", []string{"price", "support"}},
		{"Die Lieferung kam spät, die App ist unübersichtlich", []string{"delivery", "usability"}},
		{"El paquete llegó roto y el precio es alto", []string{"delivery", "price", "product"}},
		{"We like it", nil}, {"", nil},
	} {
		require.Equal(t, c.topics, Read(nil, c.comment, "").Topics, c.comment)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	rules, err := NewRules([]Topic{
		{"parking", map[string][]string{"en": {"parking", "car park*"}, "fr": {"se garer", "l'entrée"}}},
		{"staff", map[string][]string{"nl": {"personeel"}}},
	})
	require.NoError(t, err)
	m := &Model{Rules: rules}
	for _, c := range []struct {
		comment string
		topics  []string
		words   []string
	}{
		{"The Car Parks are full", []string{"parking"}, []string{"Car Parks"}},
		{"On ne peut pas se garer devant l’entrée du magasin", []string{"parking"}, []string{"se garer", "l’entrée"}},
		{"Het personeel is erg vriendelijk", []string{"staff"}, nil},
		{"The staff is friendly", nil, nil},
	} {
		r := Read(m, c.comment, "")
		require.Equal(t, c.topics, r.Topics, c.comment)
		if c.words != nil {
			require.Equal(t, c.words, evidentOf(c.comment, r, "parking"))
		}
	}
	other, err := NewRules([]Topic{{"parking", map[string][]string{"en": {"parking"}}}})
	require.NoError(t, err)
	require.NotEqual(t, m.Reads(), (&Model{Rules: other}).Reads())
	require.NotEqual(t, m.Reads(), (&Model{}).Reads())
	_, err = NewRules([]Topic{{"x", map[string][]string{"en": {"ok", "?"}}}})
	require.ErrorContains(t, err, `topic x, en: "?" is no word`)
}

func TestParseWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, mistake string }{
		{"delivery", ""}, {"Livraison*", ""}, {"late  deliver*", ""}, {"l'agence", ""}, {"24h", ""},
		{"", "has no words"}, {"  ", "has no words"}, {"de*", "at least 3 letters"}, {"*", "is no word"}, {"a*b", "is no word"},
		{"price,fees", "is no word"}, {"price, fees", `"price," is no word`}, {"self-service", ""}, {"👍", ""}, {"not but", `"but" is no word`}, {"!", "is no word"},
	} {
		_, err := ParseWords(c.text)
		if c.mistake == "" {
			require.NoError(t, err, c.text)
			continue
		}
		require.ErrorContains(t, err, c.mistake, c.text)
	}
}

func FuzzParseWords(f *testing.F) {
	for _, seed := range []string{"deliver*", "l'agence", "a*b", "", "👍", "n't", "don't", "été*", "but"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, err := ParseWords(text)
		if err != nil {
			return
		}
		rules, err := NewRules([]Topic{{"x", map[string][]string{"en": {text}}}})
		if err != nil || len(words.words) == 0 {
			t.Fatalf("%q: %v", text, err)
		}
		Read(&Model{Rules: rules}, text, "en")
	})
}
