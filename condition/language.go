package condition

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/cxloop/cxloop/survey"
)

// MaxLength is how many characters an expression may have.
const MaxLength = 4000

const (
	// maxDepth is how deep brackets and operators may be nested.
	maxDepth = 64
	// maxCost is far above what an expression of MaxLength can cost, which has no loops.
	maxCost = 1_000_000
)

// Mistake is what is wrong in an expression. Line and Column count from 1; columns are
// characters.
type Mistake struct {
	Line, Column int
	Message      string
}

// Error writes line:column: message.
func (m Mistake) Error() string { return fmt.Sprintf("%d:%d: %s", m.Line, m.Column, m.Message) }

// Mistakes are all that is wrong in an expression, in its order.
type Mistakes []Mistake

// Error writes one mistake a line.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

// Scope is what an expression may see.
type Scope []string

// The scopes of the places where expressions stand.
var (
	OfProgram = Scope{Event, Contact, Account, Segment, Now}
	OfSegment = Scope{Contact, Account, Segment, Now}
	// OfAccount is of what does not change with the person or the time.
	OfAccount = Scope{Account, Segment}
	// OfCase is of where a case goes. Its now is when the case was opened.
	OfCase = Scope{Account, Contact, Response, Segment, Now}
)

// Language compiles expressions over fields and segments. After New it does not
// change.
type Language struct {
	terms    survey.Terms
	fields   *fields
	env      *cel.Env
	segments map[string]*Expression
	// path are the segments being compiled, each used by the one before.
	path []string
	// Wrong are the mistakes of segments, by name.
	Wrong map[string]Mistakes
}

// base is what all environments have in common, made once.
var base = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.StdLib(), cel.ClearMacros(), cel.Macros(cel.HasMacro),
		cel.ParserRecursionLimit(maxDepth), cel.ParserExpressionSizeLimit(MaxLength),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateHomogeneousAggregateLiterals()),
	}
	return cel.NewCustomEnv(append(options, functions()...)...)
})

// New makes the language of some terms. What is wrong in segments is in Wrong.
func New(terms survey.Terms) (*Language, error) {
	shared, err := base()
	if err != nil {
		return nil, fmt.Errorf("conditions: %w", err)
	}
	l := &Language{
		terms: terms, fields: newFields(terms.Fields, types.NewEmptyRegistry()),
		segments: map[string]*Expression{}, Wrong: map[string]Mistakes{},
	}
	options := []cel.EnvOption{cel.CustomTypeProvider(l.fields), cel.Variable(Now, cel.TimestampType)}
	for object := range l.fields.objects {
		if !strings.Contains(object, ".") {
			options = append(options, cel.Variable(object, objectType(object)))
		}
	}
	if l.env, err = shared.Extend(options...); err != nil {
		return nil, fmt.Errorf("conditions: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(terms.Segments)) {
		l.segment(name)
	}
	return l, nil
}

// segment returns a segment, compiled; nil where it has mistakes.
func (l *Language) segment(name string) *Expression {
	if e, done := l.segments[name]; done {
		return e
	}
	l.path = append(l.path, name)
	e, err := l.Compile(OfSegment, l.terms.Segments[name])
	l.path = l.path[:len(l.path)-1]
	if wrong, ok := errors.AsType[Mistakes](err); ok {
		l.Wrong[name], e = wrong, nil
	}
	l.segments[name] = e
	l.fields.segment(name, e)
	return e
}

// Compile reads an expression. Its error is Mistakes.
func (l *Language) Compile(scope Scope, text string) (*Expression, error) {
	if n := len([]rune(text)); n > MaxLength {
		return nil, Mistakes{{1, 1, fmt.Sprintf("has %d characters: at most %d are read", n, MaxLength)}}
	}
	parsed, issues := l.env.Parse(text)
	if issues.Err() != nil {
		return nil, syntaxMistakes(text, issues)
	}
	v := vet{
		Language: l, scope: scope, text: []rune(text), source: parsed.NativeRep().SourceInfo(),
		out: &Expression{roots: map[string]bool{}, fields: map[string]bool{}, segments: map[string]bool{}, texts: map[int64][]string{}},
	}
	v.expression(parsed.NativeRep().Expr())
	if len(v.wrong) > 0 {
		return nil, v.wrong
	}
	checked, issues := l.env.Check(parsed)
	if issues.Err() != nil {
		return nil, v.typeMistakes(issues)
	}
	if kind := checked.OutputType(); !kind.IsExactType(cel.BoolType) {
		return nil, Mistakes{{1, 1, "want what is true or false, got " + typeName(kind.String())}}
	}
	program, err := l.env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		return nil, Mistakes{{1, 1, err.Error()}}
	}
	v.out.program = program
	return v.out, nil
}
