package survey

import "testing"

func TestFill(t *testing.T) {
	t.Parallel()
	values := map[string]string{"first_name": "Zoë", "account": "", "brand": "Nordwind"}
	for text, want := range map[string]string{
		"Hello {first_name},":           "Hello Zoë,",
		"How is {brand} for {account}?": "How is Nordwind for?",
		"{account} thanks you":          " thanks you",
		"{unknown}":                     "{unknown}",
	} {
		if got := Fill(text, values); got != want {
			t.Errorf("Fill(%q) = %q, want %q", text, got, want)
		}
	}
	if got := Fill("Hello {first_name},", map[string]string{"first_name": ""}); got != "Hello," {
		t.Errorf("a name that is not known leaves %q", got)
	}
}

func TestVersionFollowsTheConfiguration(t *testing.T) {
	t.Parallel()
	a := Program{ID: "p", Metric: NPS, Texts: map[string]Texts{"en": {Subject: "x"}, "fr": {Subject: "y"}}}
	b := a
	if a.Version() != b.Version() || len(a.Version()) != 12 {
		t.Errorf("the same program has versions %s and %s", a.Version(), b.Version())
	}
	b.Delay = Span(1)
	if a.Version() == b.Version() {
		t.Error("another delay is the same version")
	}
}
