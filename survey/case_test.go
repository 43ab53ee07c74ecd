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

// What each action makes of a case in each state that it may be in.
func TestCaseSteps(t *testing.T) {
	t.Parallel()
	before := CaseProgress{Assignee: "U9", SnoozedUntil: noon.Add(time.Hour)}
	for name, c := range map[string]struct {
		from  Case
		click Click
		want  Case
	}{
		"acknowledged, and taken": {
			Case{State: CaseOpen}, Click{Action: ActionAcknowledge},
			Case{State: CaseAcknowledged, AckedBy: "U1", AckedAt: noon, CaseProgress: CaseProgress{Assignee: "U1"}},
		},
		"acknowledged by another than who has it": {
			Case{State: CaseOpen, CaseProgress: CaseProgress{Assignee: "U9"}}, Click{Action: ActionAcknowledge},
			Case{State: CaseAcknowledged, AckedBy: "U1", AckedAt: noon, CaseProgress: CaseProgress{Assignee: "U9"}},
		},
		"woken": {
			Case{State: CaseSnoozed, CaseProgress: before}, Click{Action: ActionAcknowledge},
			Case{State: CaseAcknowledged, CaseProgress: CaseProgress{Assignee: "U9"}},
		},
		"taken": {
			Case{State: CaseOpen}, Click{Action: ActionAssign, Target: "U1"},
			Case{State: CaseAcknowledged, AckedBy: "U1", AckedAt: noon, CaseProgress: CaseProgress{Assignee: "U1"}},
		},
		"given": {
			Case{State: CaseOpen}, Click{Action: ActionAssign, Target: "U2"},
			Case{State: CaseOpen, CaseProgress: CaseProgress{Assignee: "U2"}},
		},
		"taken from another": {
			Case{State: CaseOpen, CaseProgress: CaseProgress{Assignee: "U2"}}, Click{Action: ActionAssign, Target: "U1"},
			Case{State: CaseAcknowledged, AckedBy: "U1", AckedAt: noon, CaseProgress: CaseProgress{Assignee: "U1"}},
		},
		"snoozed": {
			Case{State: CaseOpen}, Click{Action: ActionSnooze, Until: noon.Add(time.Hour)},
			Case{State: CaseSnoozed, AckedBy: "U1", AckedAt: noon, CaseProgress: CaseProgress{Assignee: "U1", SnoozedUntil: noon.Add(time.Hour)}},
		},
		"contacted": {
			Case{State: CaseSnoozed, CaseProgress: before}, Click{Action: ActionContacted},
			Case{State: CaseContacted, CaseProgress: CaseProgress{Assignee: "U9", ContactedBy: "U1", ContactedAt: noon}},
		},
		"resolved": {
			Case{State: CaseSnoozed, CaseProgress: before}, Click{Action: ActionResolve, Choice: "price"},
			Case{State: CaseResolved, ResolvedBy: "U1", EndedAt: noon, CaseProgress: CaseProgress{Assignee: "U9", Cause: "price"}},
		},
		"no case": {
			Case{State: CaseOpen}, Click{Action: ActionReject, Choice: "test"},
			Case{State: CaseRejected, ResolvedBy: "U1", EndedAt: noon, CaseProgress: CaseProgress{Reason: "test"}},
		},
	} {
		got := c.from
		got.CloseAt = noon.Add(24 * time.Hour)
		c.click.User, c.click.At = "U1", noon
		changed, err := got.Apply(c.click)
		c.want.CloseAt, c.want.Revision = got.CloseAt, 1
		if got != c.want || !changed || err != nil {
			t.Errorf("%s: %+v, changed %v, %v", name, got, changed, err)
		}
		again := got
		if changed, err := again.Apply(c.click); changed || err != nil || again != got {
			t.Errorf("%s, twice: %+v, changed %v, %v", name, again, changed, err)
		}
	}
}

func TestCaseRefuses(t *testing.T) {
	t.Parallel()
	open := Case{State: CaseOpen, CloseAt: noon.Add(24 * time.Hour)}
	for want, click := range map[string]Click{
		"nobody was named":      {Action: ActionAssign},
		"until a moment to com": {Action: ActionSnooze, Until: noon},
		"closed by policy befo": {Action: ActionSnooze, Until: noon.Add(24 * time.Hour)},
	} {
		got := open
		click.At = noon
		changed, err := got.Apply(click)
		if changed || err == nil || !strings.Contains(err.Error(), want) || got != open {
			t.Errorf("%s: %v, %v", want, changed, err)
		}
	}
}

func TestCaseIsClosedInTheCRM(t *testing.T) {
	t.Parallel()
	click := Click{Action: ActionClosedInCRM, Target: "hubspot", At: noon, Round: 1}
	for state, c := range map[CaseState]struct {
		round   int
		want    CaseState
		changed bool
	}{
		CaseOpen: {1, CaseResolved, true}, CaseSnoozed: {0, CaseResolved, true}, CaseContacted: {2, CaseContacted, false},
		CaseRejected: {1, CaseRejected, false}, CaseClosed: {1, CaseClosed, false},
	} {
		one := Case{State: state, CaseProgress: CaseProgress{Round: c.round}}
		changed, err := one.Apply(click)
		if changed != c.changed || err != nil || one.State != c.want || one.EndedAt.Equal(noon) != c.changed || one.ResolvedBy != "" {
			t.Errorf("%s: %+v, changed %v, %v", state, one, changed, err)
		}
	}
}

func TestSnoozeEnds(t *testing.T) {
	t.Parallel()
	one := Case{State: CaseSnoozed, CloseAt: noon.Add(time.Hour), CaseProgress: CaseProgress{SnoozedUntil: noon, ContactedAt: noon}}
	if look := one.NextLook(); !look.Equal(noon) {
		t.Errorf("looked at %v", look)
	}
	if one.Wake(noon.Add(-time.Millisecond)) {
		t.Error("woken before its time")
	}
	if !one.Wake(noon) || one.State != CaseContacted || one.Wake(noon) || !one.NextLook().Equal(one.CloseAt) {
		t.Errorf("not woken: %+v", one)
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
