package condition

import (
	"cmp"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/cxloop/cxloop/survey"
)

// own are the functions that take the place of CEL's: texts of a CRM are compared
// with numbers, and times and spans are written as elsewhere in a configuration.
var own = map[string]string{
	operators.Less: "@less", operators.LessEquals: "@less_equals",
	operators.Greater: "@greater", operators.GreaterEquals: "@greater_equals",
	operators.Equals: "@equals", operators.NotEquals: "@not_equals", operators.In: "@among",
	"timestamp": "@timestamp", "duration": "@duration", "number": "@number",
}

// signs are the operators as they are written, by the functions they stand for.
var signs = map[string]string{
	"@less": "<", "@less_equals": "<=", "@greater": ">", "@greater_equals": ">=",
	"@equals": "==", "@not_equals": "!=", "@among": "in",
	operators.Add: "+", operators.Subtract: "-", operators.Multiply: "*", operators.Divide: "/",
	operators.Negate: "-", operators.LogicalNot: "!", operators.LogicalAnd: "&&", operators.LogicalOr: "||", operators.Conditional: "? :",
}

// known are the other functions of CEL that expressions may call.
var known = []string{
	"contains", "startsWith", "endsWith", "matches", "size",
	"getFullYear", "getMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes",
}

var ordered = [][2]*cel.Type{
	{cel.DoubleType, cel.DoubleType}, {cel.IntType, cel.IntType}, {cel.IntType, cel.DoubleType}, {cel.DoubleType, cel.IntType},
	{cel.StringType, cel.DoubleType}, {cel.StringType, cel.IntType}, {cel.DoubleType, cel.StringType}, {cel.IntType, cel.StringType},
	{cel.TimestampType, cel.TimestampType}, {cel.DurationType, cel.DurationType},
}

var comparable = append([][2]*cel.Type{
	{cel.StringType, cel.StringType}, {cel.BoolType, cel.BoolType}, {cel.StringType, cel.BoolType}, {cel.BoolType, cel.StringType},
}, ordered...)

func functions() []cel.EnvOption {
	order := func(holds func(int) bool) cel.FunctionOpt {
		return cel.SingletonBinaryBinding(func(a, b ref.Val) ref.Val { return compared(a, b, holds) })
	}
	member := func(a, list ref.Val) ref.Val { return memberOf(a, list.(traits.Lister)) }
	return []cel.EnvOption{
		binary("@less", ordered, order(func(c int) bool { return c < 0 })),
		binary("@less_equals", ordered, order(func(c int) bool { return c <= 0 })),
		binary("@greater", ordered, order(func(c int) bool { return c > 0 })),
		binary("@greater_equals", ordered, order(func(c int) bool { return c >= 0 })),
		binary("@equals", comparable, order(func(c int) bool { return c == 0 })),
		binary("@not_equals", comparable, order(func(c int) bool { return c != 0 })),
		binary("@among", lists(), cel.SingletonBinaryBinding(member)),
		conversion("@timestamp", cel.TimestampType, timeOf), conversion("@duration", cel.DurationType, spanOf),
		conversion("@number", cel.DoubleType, numberOf),
	}
}

func lists() [][2]*cel.Type {
	var out [][2]*cel.Type
	for _, pair := range comparable {
		out = append(out, [2]*cel.Type{pair[0], cel.ListType(pair[1])})
	}
	return out
}

func binary(name string, pairs [][2]*cel.Type, impl cel.FunctionOpt) cel.EnvOption {
	options := []cel.FunctionOpt{impl}
	for _, p := range pairs {
		id := name + "_" + p[0].String() + "_" + p[1].String()
		options = append(options, cel.Overload(id, []*cel.Type{p[0], p[1]}, cel.BoolType))
	}
	return cel.Function(name, options...)
}

func conversion(name string, to *cel.Type, convert func(string) ref.Val) cel.EnvOption {
	impl := cel.SingletonUnaryBinding(func(v ref.Val) ref.Val {
		if text, ok := v.(types.String); ok {
			return convert(string(text))
		}
		return v
	})
	return cel.Function(name, impl, cel.Overload(name+"_text", []*cel.Type{cel.StringType}, to), cel.Overload(name+"_same", []*cel.Type{to}, to))
}

func result(v any, err error) ref.Val {
	if err != nil {
		return types.WrapErr(err)
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}

func timeOf(text string) ref.Val   { return result(ParseTime(text)) }
func numberOf(text string) ref.Val { return result(parseNumber(text)) }

func spanOf(text string) ref.Val {
	before, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	span, err := survey.ParseSpan(before)
	if err != nil {
		return types.WrapErr(errInvalid)
	}
	if negative {
		span = -span
	}
	return types.Duration{Duration: span.Std()}
}

func compared(a, b ref.Val, holds func(int) bool) ref.Val {
	c, err := compare(a, b)
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Bool(holds(c))
}

// compare orders two values that the checker lets be compared. A text is read as
// what it is compared with.
func compare(a, b ref.Val) (int, error) {
	switch a := a.(type) {
	case types.String:
		switch b := b.(type) {
		case types.String:
			return strings.Compare(string(a), string(b)), nil
		case types.Bool:
			read, err := parseBoolean(string(a))
			return order(read, bool(b)), err
		default:
			read, err := parseNumber(string(a))
			return cmp.Compare(read, number(b)), err
		}
	case types.Bool:
		if b, ok := b.(types.Bool); ok {
			return order(bool(a), bool(b)), nil
		}
	case types.Timestamp:
		return a.Time.Compare(b.Value().(time.Time)), nil
	case types.Duration:
		return cmp.Compare(a.Duration, b.(types.Duration).Duration), nil
	}
	if _, ok := b.(types.String); ok {
		c, err := compare(b, a)
		return -c, err
	}
	return cmp.Compare(number(a), number(b)), nil
}

func number(v ref.Val) float64 {
	if n, ok := v.(types.Int); ok {
		return float64(n)
	}
	return float64(v.(types.Double))
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// memberOf reports whether a list holds a value.
func memberOf(a ref.Val, list traits.Lister) ref.Val {
	for items := list.Iterator(); items.HasNext() == types.True; {
		c, err := compare(a, items.Next())
		if err != nil {
			return types.WrapErr(err)
		}
		if c == 0 {
			return types.True
		}
	}
	return types.False
}
