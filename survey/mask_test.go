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
		{"anna @ example . com, or obrien (at) example (dot) org, or x at example dot org", "[mail], or [mail], or [mail]"},
		{"We met at home. It went well at eight", "We met at home. It went well at eight"},
		{"acme.pl, acme.com.br, but it is slow.It stops", "[link], [link], but it is slow.It stops"},
		{"0171·12·34·56, 0171:12:34:56, 0171*123*456, +49 (0) - 171 - 12", "[number]"},
		{"ORD-1234-AB, A1B2C3D4, #4711, Nr. 4711, 500EUR, 2 of 3, B2B", "[number], [number], #[number], Nr. [number], 500EUR, 2 of 3, B2B"},
		{"12 rue de la Paix, Hauptstraße 12, 221B Baker Street, NW1 6XE, Calle Mayor 15", "[address], [address], [address], [address], [address]"},
		{"Mr Smith, Frau Dr. Schmidt and Señora Pérez", "Mr [person], Frau Dr. [person] and Señora [person]"},
		{"My name is John Doe. Ich heiße Karl", "My name is [person]. Ich heiße [person]"},
		{"Kind regards,\npeter smith", "Kind regards,\n[person]"},
		{"Viele Grüße Anne-Marie", "Viele Grüße [name]-[name]"},
		{"with regards to delivery", "with regards to delivery"},
		{"annemarieobrienvonunal", "[name]"},
		{"weiss&söhne", "weiss&söhne"},
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

func TestMaskNames(t *testing.T) {
	t.Parallel()
	anna := Contact{FirstName: "Anna", LastName: "Nowak", Email: "ania.kowalska7@example.com"}
	tools := Account{Name: "Acme Tools International GmbH & Co. KG"}
	for _, c := range []struct {
		text, want string
		contact    Contact
		account    Account
	}{
		{"Annę, Anny, Nowakowi, annanowak, NOWAK, Ania and Kowalska", "[name], [name], [name], [name], [name], [name] and [name]", anna, tools},
		{"We at acme, ACME Tools, AcmeTools", "We at [company], [company], [company]", anna, tools},
		{"The tools are fine, shipping is international", "The tools are fine, shipping is international", anna, tools},
		{"Jo, JO and Li, but not jo", "[name], [name] and [name], but not jo", Contact{FirstName: "Jo", LastName: "Li"}, Account{}},
		{"田中です。田中太郎", "[name]です。[name]", Contact{FirstName: "太郎", LastName: "田中"}, Account{}},
		{"Fast delivery, new support", "Fast delivery, new support", Contact{Email: "support@fast.example"}, Account{Name: "Fast New Ltd"}},
	} {
		require.Equal(t, c.want, Mask(c.text, c.contact, c.account))
	}
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
			if slices.Contains([]string{"name", "company", "mail", "number", "link", "person", "address"}, n.words[0]) {
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
