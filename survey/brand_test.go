package survey

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOwnBrandAndSender(t *testing.T) {
	t.Parallel()
	brand := Brand{Name: "Acme", Color: "#1f5eff", Address: "1 Street", PrivacyURL: "https://acme.example/privacy"}
	sender := Sender{Email: "hello@acme.example", Name: "Acme", ReplyTo: "care@acme.example"}
	for name, c := range map[string]struct {
		program Program
		brand   Brand
		sender  Sender
	}{
		"none":           {Program{}, brand, sender},
		"nothing in it":  {Program{Brand: &Brand{}, Sender: &Sender{}}, brand, sender},
		"a name":         {Program{Brand: &Brand{Name: "Zeta"}}, Brand{"Zeta", brand.Color, brand.Address, brand.PrivacyURL}, Sender{sender.Email, "Zeta", sender.ReplyTo}},
		"all of a brand": {Program{Brand: &Brand{"Z", "#000000", "2 Street", "https://z.example"}}, Brand{"Z", "#000000", "2 Street", "https://z.example"}, Sender{sender.Email, "Z", sender.ReplyTo}},
		"an address":     {Program{Sender: &Sender{Email: "z@z.example"}}, brand, Sender{"z@z.example", "Acme", sender.ReplyTo}},
		"a sender's name": {Program{Brand: &Brand{Name: "Zeta"}, Sender: &Sender{Name: "Zoe of Zeta", ReplyTo: "zoe@z.example"}},
			Brand{"Zeta", brand.Color, brand.Address, brand.PrivacyURL}, Sender{sender.Email, "Zoe of Zeta", "zoe@z.example"}},
	} {
		require.Equal(t, c.brand, c.program.BrandOver(brand), name)
		require.Equal(t, c.sender, c.program.SenderOver(sender), name)
	}
}

func TestVersionWithoutOwnBrandIsKept(t *testing.T) {
	t.Parallel()
	require.NotEqual(t, Program{}.Version(), Program{Brand: &Brand{Name: "Zeta"}}.Version())
	require.NotEqual(t, Program{}.Version(), Program{Sender: &Sender{Name: "Zeta"}}.Version())
}
