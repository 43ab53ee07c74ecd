package condition

import (
	"fmt"

	"github.com/cxloop/cxloop/survey"
)

// Program is the expressions of one version of a program, compiled.
type Program struct{ when, audience, opens *Expression }

// ForProgram compiles a program's expressions, which were checked when it was
// configured.
func ForProgram(p survey.Program) (*Program, error) {
	out := &Program{}
	if p.Trigger.When == "" && p.Audience == "" && p.FollowUp.Case.When == "" {
		return out, nil
	}
	l, err := New(p.Terms)
	if err != nil {
		return nil, err
	}
	for name, wrong := range l.Wrong {
		return nil, fmt.Errorf("program %s: segment %s: %w", p.ID, name, wrong)
	}
	for _, one := range []struct {
		name, text string
		scope      Scope
		into       **Expression
	}{
		{"trigger.when", p.Trigger.When, OfProgram, &out.when},
		{"audience", p.Audience, OfProgram, &out.audience},
		{"follow_up.case.when", p.FollowUp.Case.When, OfCase, &out.opens},
	} {
		if one.text == "" {
			continue
		}
		if *one.into, err = l.Compile(one.scope, one.text); err != nil {
			return nil, fmt.Errorf("program %s: %s: %w", p.ID, one.name, err)
		}
	}
	return out, nil
}

// ForPrograms compiles the expressions of programs, by their ids.
func ForPrograms(programs []survey.Program) (map[string]*Program, error) {
	out := make(map[string]*Program, len(programs))
	for _, p := range programs {
		compiled, err := ForProgram(p)
		if err != nil {
			return nil, err
		}
		out[p.ID] = compiled
	}
	return out, nil
}

// MayStart reports whether an event may start the program, before it is known whom the
// event is about. What needs the contact or the account is left open, unless it is
// false whoever they are. The reason is that of an event that is refused for want of an
// answer: see survey.Verdict.
func (p *Program) MayStart(about Facts) (may bool, reason string) {
	if p.when == nil || p.when.asksPresence && p.when.NeedsPeople() { // has() has an answer to everything
		return true, ""
	}
	verdict := p.when.Ask(about)
	reason = verdict.Unanswered()
	if p.when.NeedsPeople() {
		return verdict.Holds || reason != "", ""
	}
	return verdict.Holds, reason
}

// AsksPeople reports whether Verdicts reads the contact and the account.
func (p *Program) AsksPeople() bool { return p.when != nil || p.audience != nil }

// StillHold reports whether the expressions, which held once, hold for a contact when
// the event is gone. What only it could tell, or nobody tells any more, stays as it was.
func (p *Program) StillHold(about Facts) bool {
	for _, e := range []*Expression{p.when, p.audience} {
		if e == nil || e.asksPresence {
			continue
		}
		if v := e.Ask(about); !v.Holds && v.Unanswered() == "" {
			return false
		}
	}
	return true
}

// Verdicts asks all expressions about a contact.
func (p *Program) Verdicts(about Facts) survey.Verdicts {
	var out survey.Verdicts
	if p.when != nil {
		v := p.when.Ask(about)
		out.Condition = &v
	}
	if p.audience != nil {
		v := p.audience.Ask(about)
		out.Audience = &v
	}
	return out
}
