package survey

import (
	"strings"
	"testing"
	"time"
)

func TestFriendFault(t *testing.T) {
	t.Parallel()
	good := Friend{FirstName: "Grace", LastName: "Hopper", Email: "grace@example.com", Company: "Navy & Sons", Message: "See https://example.com", Consent: "I agree."}
	for name, c := range map[string]struct {
		change func(*Friend)
		want   FriendFault
	}{
		"all is there":              {func(*Friend) {}, ""},
		"the least":                 {func(f *Friend) { f.LastName, f.Company, f.Message = "", "", "" }, ""},
		"no name":                   {func(f *Friend) { f.FirstName = "" }, FriendFirstName},
		"a name with an address":    {func(f *Friend) { f.FirstName = "win at WWW.example.com" }, FriendFirstName},
		"a surname with a link":     {func(f *Friend) { f.LastName = "https://example.com" }, FriendLastName},
		"a surname of two lines":    {func(f *Friend) { f.LastName = "a\nb" }, FriendLastName},
		"a surname that is endless": {func(f *Friend) { f.LastName = strings.Repeat("é", MaxFriendName+1) }, FriendLastName},
		"no address":                {func(f *Friend) { f.Email = "" }, FriendEmail},
		"no real address":           {func(f *Friend) { f.Email = "grace" }, FriendEmail},
		"a company that is none":    {func(f *Friend) { f.Company = "http://x" }, FriendCompany},
		"a message without end":     {func(f *Friend) { f.Message = strings.Repeat("x", MaxFriendMessage+1) }, FriendMessage},
		"no consent":                {func(f *Friend) { f.Consent = "" }, FriendConsent},
	} {
		f := good
		c.change(&f)
		if got := f.Fault(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAdmitThanks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		facts LeadThanksFacts
		want  Rule
	}{
		"first":            {LeadThanksFacts{HasAddress: true}, ""},
		"no address":       {LeadThanksFacts{}, RuleNoAddress},
		"a dead address":   {LeadThanksFacts{HasAddress: true, Bounced: true}, RuleBounced},
		"no mails wanted":  {LeadThanksFacts{HasAddress: true, Unsubscribed: true}, RuleUnsubscribed},
		"thanked just now": {LeadThanksFacts{HasAddress: true, LastThanked: noon.Add(-23 * time.Hour)}, RuleThankedToday},
		"a day later":      {LeadThanksFacts{HasAddress: true, LastThanked: noon.Add(-24 * time.Hour)}, ""},
	} {
		if got := AdmitLeadThanks(c.facts, noon); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1200": "1200.00", "1234.5": "1234.50", " 0.005 ": "0.01", "1.2e4": "12000.00", "0": "0.00",
	} {
		got, err := ParseAmount(text)
		if err != nil || got.String() != want {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-5", "1,200", "1.2.3", "NaN", "Inf", "0x10", "1e99", "twelve"} {
		if got, err := ParseAmount(text); err == nil {
			t.Errorf("%q is taken as %s", text, got)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, text := range []string{"1200", "1.5", "1e3", "e", "+", "..", "99999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseAmount(text)
		if err == nil && (got < 0 || got > maxAmount*100+1) {
			t.Errorf("%q gives %d", text, got)
		}
	})
}

func TestConversionWorth(t *testing.T) {
	t.Parallel()
	deal := map[string]string{"amount": "1200.5", "code": "usd", "odd": "Euros"}
	for name, c := range map[string]struct {
		conversion Conversion
		amount     Hundredths
		currency   string
		known      bool
	}{
		"amount and its currency": {Conversion{Amount: "amount", Currency: "code"}, 120050, "USD", true},
		"one currency for all":    {Conversion{Amount: "amount", Currency: "EUR"}, 120050, "EUR", true},
		"a currency that is none": {Conversion{Amount: "amount", Currency: "odd"}, 120050, "", true},
		"no amount":               {Conversion{Amount: "missing", Currency: "EUR"}, 0, "EUR", false},
		"nothing asked for":       {Conversion{}, 0, "", false},
	} {
		amount, currency, known := c.conversion.Worth(func(field string) string { return deal[field] })
		if amount != c.amount || currency != c.currency || known != c.known {
			t.Errorf("%s: %s %q %v", name, amount, currency, known)
		}
	}
	fields := Conversion{Amount: "amount", Currency: "code"}.Fields()
	if len(fields) != 2 || len((Conversion{Currency: "EUR"}).Fields()) != 0 {
		t.Errorf("fields %v", fields)
	}
}
