package condition

import (
	"errors"
	"maps"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/cxloop/cxloop/survey"
)

// Expression is compiled, and safe for concurrent use.
type Expression struct {
	program cel.Program
	// What it uses, directly and by its segments.
	roots, fields, segments map[string]bool
	// texts are the fields among the arguments of a call, by the call's id.
	texts map[int64][]string
	// asksPresence says that has() is asked about the contact or the account.
	asksPresence bool
}

// Ask says whether an expression holds.
func (e *Expression) Ask(about Facts) survey.Verdict {
	f := facts{Facts: about}
	holds, err := e.value(&f)
	if err == nil {
		return survey.Verdict{Holds: holds}
	}
	return survey.Verdict{Missing: sorted(f.missing), Invalid: sorted(f.invalid)}
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

func (e *Expression) value(f *facts) (bool, error) {
	out, _, err := e.program.Eval(f)
	if err != nil {
		if failed, ok := errors.AsType[*types.Err](err); ok && errors.Is(err, errInvalid) {
			f.invalid = append(f.invalid, e.texts[failed.NodeID()]...)
		}
		return false, err
	}
	return out == types.True, nil
}

// NeedsPeople reports whether the contact or the account has a say.
func (e *Expression) NeedsPeople() bool { return e.roots[Contact] || e.roots[Account] }

// Use adds what an expression uses of a language's terms to those of a program.
func (l *Language) Use(e *Expression, terms *survey.Terms) {
	for path := range e.fields {
		if kind, ok := l.terms.Fields[path]; ok {
			if terms.Fields == nil {
				terms.Fields = map[string]survey.FieldType{}
			}
			terms.Fields[path] = kind
		}
	}
	for name := range e.segments {
		if terms.Segments == nil {
			terms.Segments = map[string]string{}
		}
		terms.Segments[name] = l.terms.Segments[name]
	}
}

// include takes over what a segment uses.
func (e *Expression) include(name string, segment *Expression) {
	e.segments[name] = true
	if segment != nil {
		maps.Copy(e.roots, segment.roots)
		maps.Copy(e.fields, segment.fields)
		maps.Copy(e.segments, segment.segments)
		e.asksPresence = e.asksPresence || segment.asksPresence
	}
}
