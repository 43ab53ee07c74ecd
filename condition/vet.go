package condition

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/cxloop/cxloop/spelling"
)

// vet looks for what CEL would say in words of its own, and puts our functions in the
// place of CEL's. The type checker comes after it.
type vet struct {
	*Language
	scope  Scope
	text   []rune
	source *ast.SourceInfo
	out    *Expression
	wrong  Mistakes
}

var factory = ast.NewExprFactory()

// expression vets what has to be one value.
func (v *vet) expression(e ast.Expr) {
	switch e.Kind() {
	case ast.IdentKind, ast.SelectKind:
		present := e.Kind() == ast.SelectKind && e.AsSelect().IsTestOnly()
		if path, ok := v.path(e); ok && !present && v.fields.objects[path] != nil {
			v.add(v.offset(e.ID()), "%s is no single value: write %s.<field>%s", path, path, list(", known are ", v.fields.names(path)))
		}
	case ast.CallKind:
		v.call(e)
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			v.expression(item)
		}
	case ast.LiteralKind:
	default:
		v.add(v.offset(e.ID()), "braces mean nothing here: lists are written in [ ]")
	}
}

// path vets a dotted path; ok is false where it leads nowhere, which is then said.
func (v *vet) path(e ast.Expr) (path string, ok bool) {
	if e.Kind() == ast.IdentKind {
		return e.AsIdent(), v.root(e)
	}
	if e.Kind() != ast.SelectKind {
		v.expression(e)
		return "", false
	}
	s := e.AsSelect()
	name := s.FieldName()
	at := v.find(name, v.offset(e.ID()))
	if kind := s.Operand().Kind(); kind != ast.IdentKind && kind != ast.SelectKind {
		v.add(at, "%s is a field of nothing: fields are those of event, contact and account", name)
		return "", false
	}
	object, ok := v.path(s.Operand())
	if !ok {
		return "", false
	}
	if s.IsTestOnly() && (strings.HasPrefix(object, Contact) || strings.HasPrefix(object, Account)) {
		v.out.asksPresence = true
	}
	return v.field(object, name, at)
}

func (v *vet) field(object, name string, at int) (path string, ok bool) {
	path = object + "." + name
	switch {
	case object == Segment:
		return path, v.useSegment(name, at)
	case v.fields.objects[object] == nil:
		v.add(at, "%s has no fields", object)
		return "", false
	case v.fields.objects[object][name] == nil:
		v.add(at, "%s has no field %s: %s", object, name, v.meant(object, name))
		return "", false
	}
	v.out.fields[path] = true
	return path, true
}

func (v *vet) meant(object, name string) string {
	if near := spelling.Nearest(name, v.fields.names(object)); near != "" {
		return "did you mean " + near + "?"
	}
	if strings.HasPrefix(object, Response) {
		return "known are " + strings.Join(v.fields.names(object), ", ")
	}
	return "declare it in fields, as " + object + "." + name + ": text" + list("; known are ", v.fields.names(object))
}

func (v *vet) useSegment(name string, at int) bool {
	names := sortedKeys(v.terms.Segments)
	switch {
	case !slices.Contains(names, name):
		text := fmt.Sprintf("no segment %s is configured", name)
		if near := spelling.Nearest(name, names); near != "" {
			text += ": did you mean " + near + "?"
		} else {
			text += list(": known are ", names)
		}
		v.add(at, "%s", text)
		return false
	case slices.Contains(v.Language.path, name):
		v.add(at, "segment %s leads back to itself: %s", name, strings.Join(append(slices.Clone(v.Language.path), name), " → "))
		return false
	}
	segment := v.segment(name)
	v.out.include(name, segment)
	if segment != nil {
		for _, root := range sortedKeys(segment.roots) {
			if !slices.Contains(v.scope, root) {
				v.add(at, "segment %s uses %s, which is not known here", name, root)
				return false
			}
		}
	}
	return true
}

func (v *vet) root(e ast.Expr) bool {
	name := e.AsIdent()
	switch at := v.offset(e.ID()); {
	case slices.Contains(v.scope, name):
		v.out.roots[name] = true
		return true
	case slices.Contains(roots, name):
		v.add(at, "%s is not known here: known are %s", name, strings.Join(v.scope, ", "))
	case spelling.Nearest(name, v.scope) != "":
		v.add(at, "%s is not known: did you mean %s?", name, spelling.Nearest(name, v.scope))
	default:
		v.add(at, "%s is not known: want %s and their fields, or a text in quotes", name, strings.Join(v.scope, ", "))
	}
	return false
}

func (v *vet) call(e ast.Expr) {
	call := e.AsCall()
	name := call.FunctionName()
	args := call.Args()
	if call.IsMemberFunction() {
		v.expression(call.Target())
	}
	switch {
	case name == operators.Index:
		v.add(v.offset(e.ID()), "brackets choose nothing here: write account.tier, or x in [1, 2]")
		return
	case own[name] != "" && !call.IsMemberFunction():
		e.SetKindCase(factory.NewCall(e.ID(), own[name], args...))
	case signs[name] == "" && !slices.Contains(known, name):
		v.unknownFunction(e.ID(), name)
		return
	}
	for _, arg := range args {
		v.expression(arg)
		if arg.Kind() == ast.SelectKind {
			if path := dotted(arg); v.out.fields[path] {
				v.out.texts[e.ID()] = append(v.out.texts[e.ID()], path)
			}
		}
	}
	v.literals(e.ID(), name, args)
}

// literals reads those that stand for something else: whole numbers in sums are
// numbers as any, and a time or a span that is wrong is said at once.
func (v *vet) literals(id int64, name string, args []ast.Expr) {
	for _, arg := range args {
		if arg.Kind() != ast.LiteralKind {
			continue
		}
		switch value := arg.AsLiteral().(type) {
		case types.Int:
			if isSum(name) && !slices.ContainsFunc(args, counts) {
				arg.SetKindCase(factory.NewLiteral(arg.ID(), types.Double(value)))
			}
		case types.String:
			if name == "timestamp" && types.IsError(timeOf(string(value))) {
				v.add(v.offset(arg.ID()), "%q is no time: want 2026-01-31 or 2026-01-31T09:00:00Z", string(value))
			}
			if name == "duration" && types.IsError(spanOf(string(value))) {
				v.add(v.offset(arg.ID()), "%q is no time span: want 24h or 30d", string(value))
			}
			if name == "number" && types.IsError(numberOf(string(value))) {
				v.add(v.offset(arg.ID()), "%q is no number", string(value))
			}
		}
	}
}

func isSum(name string) bool {
	return slices.Contains([]string{operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Negate}, name)
}

// counts reports whether an expression is a whole number by itself.
func counts(e ast.Expr) bool {
	if e.Kind() != ast.CallKind {
		return false
	}
	name := e.AsCall().FunctionName()
	return name == "size" || strings.HasPrefix(name, "get") || isSum(name) && slices.ContainsFunc(e.AsCall().Args(), counts)
}

func (v *vet) unknownFunction(id int64, name string) {
	names := append([]string{"timestamp", "duration", "number", "has"}, known...)
	at := v.offset(id)
	if before := at - len([]rune(name)); before >= 0 && string(v.text[before:at]) == name {
		at = before
	}
	if near := spelling.Nearest(name, names); near != "" {
		v.add(at, "there is no function %s: did you mean %s?", name, near)
		return
	}
	v.add(at, "there is no function %s%s", name, list(": known are ", names))
}

func dotted(e ast.Expr) string {
	if e.Kind() == ast.IdentKind {
		return e.AsIdent()
	}
	if e.Kind() != ast.SelectKind {
		return ""
	}
	return dotted(e.AsSelect().Operand()) + "." + e.AsSelect().FieldName()
}
