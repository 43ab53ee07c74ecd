package survey

import (
	"strings"
	"testing"
	"time"
)

func TestCaseTakesClicks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from    CaseState
		action  CaseAction
		to      CaseState
		changed bool
		refused bool
	}{
		"acknowledge":               {CaseOpen, ActionAcknowledge, CaseAcknowledged, true, false},
		"acknowledge twice":         {CaseAcknowledged, ActionAcknowledge, CaseAcknowledged, false, false},
		"resolve at once":           {CaseOpen, ActionResolve, CaseResolved, true, false},
		"resolve":                   {CaseAcknowledged, ActionResolve, CaseResolved, true, false},
		"resolve twice":             {CaseResolved, ActionResolve, CaseResolved, false, false},
		"acknowledge when resolved": {CaseResolved, ActionAcknowledge, CaseResolved, false, true},
		"resolve when closed":       {CaseClosed, ActionResolve, CaseClosed, false, true},
		"something else":            {CaseOpen, "case_delete", CaseOpen, false, true},
	} {
		one := Case{State: c.from, Revision: 3, Answered: 2}
		changed, err := one.Apply(Click{Action: c.action, User: "U1", Seen: 3, At: noon})
		if one.State != c.to || changed != c.changed || (err != nil) != c.refused {
			t.Errorf("%s: %s, changed %v, %v", name, one.State, changed, err)
		}
		if want := 3; (one.Revision == want) == c.changed {
			t.Errorf("%s: revision %d", name, one.Revision)
		}
	}
}

func TestNobodyResolvesAnAnswerUnseen(t *testing.T) {
	t.Parallel()
	one := Case{State: CaseOpen, Revision: 3, Answered: 3}
	if changed, err := one.Apply(Click{Action: ActionResolve, User: "U1", Seen: 2, At: noon}); changed || err == nil || one.State != CaseOpen {
		t.Errorf("resolved by somebody who saw revision 2 of an answer in revision 3: %v, %v", one.State, err)
	}
	if changed, err := one.Apply(Click{Action: ActionAcknowledge, User: "U1", Seen: 2, At: noon}); !changed || err != nil {
		t.Errorf("acknowledging is harmless: %v, %v", changed, err)
	}
}

func TestCaseIsClosedByPolicy(t *testing.T) {
	t.Parallel()
	one := Case{State: CaseOpen, CloseAt: noon}
	if one.CloseByPolicy(noon.Add(-time.Millisecond)) || one.State != CaseOpen {
		t.Error("closed before its time")
	}
	if !one.CloseByPolicy(noon) || one.State != CaseClosed || !one.EndedAt.Equal(noon) {
		t.Errorf("not closed in time: %+v", one)
	}
	resolved := Case{State: CaseResolved, CloseAt: noon}
	if resolved.CloseByPolicy(noon) {
		t.Error("a resolved case was closed again")
	}
}

func FuzzParseButton(f *testing.F) {
	for _, seed := range []string{"c1.3", "c1", ".1", "c1.-1", "c.1.2", "c1.99999999999999999999", "c1.+3", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		id, seen, ok := ParseButton(value)
		if ok && (id == "" || !strings.HasPrefix(value, id+".")) {
			t.Fatalf("%q is read as case %q, revision %d", value, id, seen)
		}
		if ok && seen >= 0 {
			again, revision, ok := ParseButton(Case{ID: id, Revision: seen}.Button())
			if !ok || again != id || revision != seen {
				t.Fatalf("%q is read as case %q, revision %d, and then as %q, %d", value, id, seen, again, revision)
			}
		}
	})
}
