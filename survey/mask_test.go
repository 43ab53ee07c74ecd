package survey

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMask(t *testing.T) {
	t.Parallel()
	anna := Contact{FirstName: "Anne-Marie", LastName: "O’Brien von Ünal"}
	acme := Account{Name: "Weiß & Söhne GmbH"}
	for _, c := range []struct{ text, want string }{
		{"Too slow, and the price is high.", "Too slow, and the price is high."},
		{"Write to anna.obrien@example.com or @anna", "Write to [mail] or [mail]"},
		{"See https://example.com/a?b=1 and www.example.de, example.org/x", "See [link] and [link] [link]"},
		{"Call +353 (86) 123-4567, order 0012345, in 2026.", "Call +[number], order [number], in 2026."},
		{"IBAN DE89 3704 0044 0532 0130 00", "IBAN DE[number]"},
		{"٠١٢٣٤٥", "[number]"},
		{"Regards, Anne-Marie O'Brien von Unal", "Regards, [name]"},
		{"Regards, ANNE", "Regards, [name]"},
		{"marie’s desk, Brien", "[name]’s desk, [name]"},
		{"Annes Schreibtisch von gestern", "[name] Schreibtisch von gestern"},
		{"Annexe", "Annexe"},
		{"bei Weiß & Söhne ist das anders als bei der Weiß & Söhne GmbH", "bei [company] ist das anders als bei der [company]"},
		{"weiß ich nicht", "weiß ich nicht"},
		{"O’Brien, von Ünal", "O’[name], von [name]"},
		{"", ""},
	} {
		got := Mask(c.text, anna, acme)
		require.Equal(t, c.want, got, c.text)
	}
	require.Equal(t, "Anna", Mask("Anna", Contact{}, Account{}), "of nobody there is nothing to know")
}

func FuzzMask(f *testing.F) {
	f.Add("Anna of Acme Ltd: +353 86 123 4567, anna@acme.example, https://acme.example/x", "Anna", "Acme Ltd")
	f.Add("ＡＮＮＡ 1.2.3.4.5", "anna", "")
	f.Fuzz(func(t *testing.T, text, name, company string) {
		contact, account := Contact{FirstName: name}, Account{Name: company}
		got := Mask(text, contact, account)
		for _, pattern := range []interface{ FindString(string) string }{numberLike, mailLike} {
			if left := pattern.FindString(got); left != "" {
				t.Fatalf("%q is left of %q: %q", left, text, got)
			}
		}
		for _, n := range namesOf(contact, account) {
			// What stands for something hidden may be a name too.
			if slices.Contains([]string{"name", "company", "mail", "number", "link"}, n.words[0]) {
				continue
			}
			words := wordsIn(got)
			for i := range words {
				if n.startsAt(words[i:]) {
					t.Fatalf("%v is left of %q: %q", n.words, text, got)
				}
			}
		}
	})
}
