package condition

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
)

// offset is where a node begins, in characters.
func (v *vet) offset(id int64) int {
	if r, ok := v.source.GetOffsetRange(id); ok {
		return int(r.Start)
	}
	return 0
}

// find returns where a name first stands at or after an offset.
func (v *vet) find(name string, from int) int {
	wanted := []rune(name)
	for i := from; i+len(wanted) <= len(v.text); i++ {
		if slices.Equal(v.text[i:i+len(wanted)], wanted) {
			return i
		}
	}
	return from
}

func (v *vet) add(offset int, format string, args ...any) {
	v.wrong = append(v.wrong, mistake(v.text, offset, fmt.Sprintf(format, args...)))
	slices.SortStableFunc(v.wrong, inOrder)
}

func inOrder(a, b Mistake) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

func mistake(text []rune, offset int, message string) Mistake {
	before := string(text[:min(max(offset, 0), len(text))])
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return Mistake{strings.Count(before, "\n") + 1, len([]rune(line)) + 1, message}
}

func list(before string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return before + strings.Join(names, ", ")
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// syntaxMistakes keeps the first mistake: what follows from one is none.
func syntaxMistakes(text string, issues *cel.Issues) Mistakes {
	first := issues.Errors()[0]
	m := Mistake{first.Location.Line(), first.Location.Column() + 1, ""}
	if strings.TrimSpace(text) == "" {
		m.Message = "is empty"
	} else {
		m.Message = syntaxMessage(first.Message)
	}
	m.Line, m.Column = max(m.Line, 1), max(m.Column, 1)
	return Mistakes{m}
}

// syntaxMessage words what CEL's parser says, which lists all that it could have taken.
func syntaxMessage(said string) string {
	said, _, _ = strings.Cut(strings.TrimPrefix(said, "Syntax error: "), "\n")
	said, _, _ = strings.Cut(said, " expecting ")
	switch {
	case strings.HasPrefix(said, "token recognition error at: '= "), strings.HasPrefix(said, "token recognition error at: '='"):
		return "a single = compares nothing: write =="
	case strings.HasPrefix(said, "token recognition error at: ''"), strings.HasPrefix(said, "token recognition error at: '\""):
		return "a text has no closing quote"
	case strings.Contains(said, "'<EOF>'"):
		return "something is missing at the end"
	case strings.HasSuffix(said, "input 'and'"):
		return "write && for and"
	case strings.HasSuffix(said, "input 'or'"):
		return "write || for or"
	}
	return "cannot be read: " + said
}

var (
	noOverload = regexp.MustCompile(`^found no matching overload for '(.*)' applied to '(.*?)(?:\.)?\((.*)\)'$`)
)

// typeMistakes words what CEL's checker says.
func (v *vet) typeMistakes(issues *cel.Issues) Mistakes {
	for _, e := range issues.Errors() {
		text := e.Message
		if found := noOverload.FindStringSubmatch(text); found != nil {
			text = v.misfit(found[1], found[2], found[3])
		} else if text == "invalid matches argument" {
			text = "this is no regular expression (RE2 syntax)"
		} else if strings.HasPrefix(text, "expected type '") {
			text = "a list has items of one kind: texts in quotes, or numbers"
		}
		m := Mistake{max(e.Location.Line(), 1), e.Location.Column() + 1, text}
		if !slices.ContainsFunc(v.wrong, func(o Mistake) bool { return o.Line == m.Line && o.Column == m.Column }) {
			v.wrong = append(v.wrong, m)
		}
	}
	slices.SortStableFunc(v.wrong, inOrder)
	return v.wrong
}

// misfit says why a function cannot take what it is given.
func (v *vet) misfit(function, target, args string) string {
	kinds := []string{}
	if target != "" {
		kinds = append(kinds, typeName(target))
	}
	for _, arg := range strings.Split(args, ", ") {
		if arg != "" {
			kinds = append(kinds, typeName(arg))
		}
	}
	sign, isSign := signs[function]
	name := strings.TrimPrefix(function, "@")
	switch {
	case isSign && len(kinds) == 2 && kinds[0] == "text" && kinds[1] == "text" && strings.ContainsAny(sign, "<>"):
		return fmt.Sprintf("%s puts no texts in order: compare with a number, without quotes, or with a timestamp", sign)
	case isSign && slices.Contains(kinds, "text") && slices.Contains(kinds, "a time"):
		return fmt.Sprintf("%s cannot take text and a time: read the text by timestamp(…)", sign)
	case isSign && isSum(function) && slices.Contains(kinds, "text"):
		return fmt.Sprintf("%s cannot take %s: read a text by number(…)", sign, strings.Join(kinds, " and "))
	case isSign:
		return fmt.Sprintf("%s cannot take %s", sign, strings.Join(kinds, " and "))
	}
	return fmt.Sprintf("%s cannot take %s", name, cmp.Or(strings.Join(kinds, " and "), "nothing"))
}

var typeNames = map[string]string{
	"string": "text", "int": "a number", "double": "a number", "uint": "a number ending in u", "bool": "true or false",
	"timestamp": "a time", "google.protobuf.Timestamp": "a time", "duration": "a time span", "google.protobuf.Duration": "a time span",
	"null": "null", "null_type": "null", "bytes": "bytes",
}

func typeName(kind string) string {
	if name, ok := typeNames[kind]; ok {
		return name
	}
	if strings.HasPrefix(kind, "list(") {
		return "a list of " + strings.TrimPrefix(typeName(strings.TrimSuffix(kind[len("list("):], ")")), "a ")
	}
	return kind
}
