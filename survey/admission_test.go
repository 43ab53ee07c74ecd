package survey

import (
	"testing"
	"time"
)

const day = 24 * time.Hour

func TestAdmit(t *testing.T) {
	t.Parallel()
	program := Program{AgainAfter: Span(90 * day)}
	rules := ContactRules{Quarantine: Span(30 * day)}
	asked := func(any, same time.Duration) AdmissionFacts {
		facts := AdmissionFacts{Found: true, HasAddress: true}
		if any != 0 {
			facts.LastInvited = noon.Add(-any)
		}
		if same != 0 {
			facts.LastByThis = noon.Add(-same)
		}
		return facts
	}
	for name, c := range map[string]struct {
		facts AdmissionFacts
		want  Rule
	}{
		"never asked":                      {asked(0, 0), ""},
		"unknown in the CRM":               {AdmissionFacts{}, RuleNoContact},
		"no address":                       {AdmissionFacts{Found: true}, RuleNoAddress},
		"unsubscribed":                     {AdmissionFacts{Found: true, HasAddress: true, Unsubscribed: true}, RuleUnsubscribed},
		"asked by another a day short":     {asked(29*day, 0), RuleQuarantine},
		"asked by another just long ago":   {asked(30*day, 0), ""},
		"asked by this one, a day short":   {asked(89*day, 89*day), RuleAgainAfter},
		"asked by this one long enough":    {asked(90*day, 90*day), ""},
		"by this long ago, by another not": {asked(5*day, 100*day), RuleQuarantine},
	} {
		if got := Admit(program, rules, c.facts, noon); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
