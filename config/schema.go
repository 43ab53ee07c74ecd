package config

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed schema.json
var schemaJSON []byte

var compiled = sync.OnceValue(func() *jsonschema.Schema { return compile("schema.json", schemaJSON) })

// compile reads a schema that is part of the program. Nothing is fetched.
func compile(name string, body []byte) *jsonschema.Schema {
	var doc any
	if err := json.Unmarshal(body, &doc); err != nil {
		panic("config: " + name + ": " + err.Error())
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for format, check := range formats {
		c.RegisterFormat(&jsonschema.Format{Name: format, Validate: func(v any) error {
			if _, ok := v.(map[string]any); ok { // where a text or keys and values may stand
				return nil
			}
			return check(fmt.Sprint(v))
		}})
	}
	address := "cxloop:///" + name
	if err := c.AddResource(address, doc); err != nil {
		panic("config: " + name + ": " + err.Error())
	}
	return c.MustCompile(address)
}

// settings are the schemas of all single values outside lists, by dotted key.
var settings = sync.OnceValue(func() map[string]*jsonschema.Schema {
	found := map[string]*jsonschema.Schema{}
	var visit func(*jsonschema.Schema, path)
	visit = func(s *jsonschema.Schema, at path) {
		for name, property := range s.Properties {
			switch here := at.join(name); property.Types.String() {
			case "[object]":
				visit(property, here)
			case "[array]":
			default:
				found[strings.Join(here, ".")] = property
			}
		}
	}
	visit(compiled(), nil)
	return found
})

// checkKeys reports the keys below a node that the schema does not know, and those
// without a value.
func (d *document) checkKeys(n *yaml.Node, s *jsonschema.Schema, at path) {
	s = resolved(n, s)
	if s == nil {
		return
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.ShortTag() == "!!null" && !section(s) {
			d.addAt(n, at.String(), "has no value: leave the key out, or put a text that begins with # in quotes")
			n.Tag = "!!str" // so that nobody misses the key as well
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			d.checkKeys(item, s.Items2020, at.join(strconv.Itoa(i)))
		}
	case yaml.MappingNode:
		closed := s.AdditionalProperties == false
		others, _ := s.AdditionalProperties.(*jsonschema.Schema)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i].Value
			here := at.join(name)
			if known := s.Properties[name]; known != nil {
				d.checkKeys(n.Content[i+1], known, here)
			} else if closed {
				d.addAt(n.Content[i], here.String(), cmp.Or(refusedKey(here), unknownKey(name, s)))
			} else {
				d.checkKeys(n.Content[i+1], others, here)
			}
		}
	}
}

// resolved follows references, and takes the variant of a schema that a node's
// type asks for.
func resolved(n *yaml.Node, s *jsonschema.Schema) *jsonschema.Schema {
	if s == nil {
		return nil
	}
	for _, variant := range s.AllOf {
		want := variant.If.Properties["type"].Const
		if _, got := child(n, "type"); got != nil && got.Value == *want {
			s = variant.Then
		}
	}
	for s.Ref != nil {
		s = s.Ref
	}
	return s
}

// section reports whether a schema is of keys and values or of a list, which may
// be empty: all in it may be commented out.
func section(s *jsonschema.Schema) bool {
	return s.Types != nil && (s.Types.String() == "[object]" || s.Types.String() == "[array]")
}

func unknownKey(name string, in *jsonschema.Schema) string {
	names := slices.Sorted(maps.Keys(in.Properties))
	if near := nearest(name, names); near != "" {
		return fmt.Sprintf("unknown key: did you mean %s?", near)
	}
	names = slices.DeleteFunc(names, func(s string) bool { return strings.HasSuffix(s, "_file") })
	return "unknown key: known are " + strings.Join(names, ", ")
}

// checkShape validates against a schema.
func (d *document) checkShape(schema *jsonschema.Schema, instance any) {
	err := schema.Validate(instance)
	if failed, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		d.addViolation(failed)
	}
}

func (d *document) addViolation(v *jsonschema.ValidationError) {
	for _, cause := range v.Causes {
		d.addViolation(cause)
	}
	if len(v.Causes) > 0 {
		return
	}
	at := path(v.InstanceLocation)
	switch k := v.ErrorKind.(type) {
	case *kind.AdditionalProperties: // checkKeys has said it
	case *kind.Required:
		for _, name := range k.Missing {
			d.add(at.join(name), "is required")
		}
	default:
		d.add(at, "%s", violation(v))
	}
}

// typeNames says what YAML calls JSON's types.
var typeNames = map[string]string{
	"object": "keys and values", "array": "a list", "string": "text", "integer": "a whole number",
	"number": "a number", "boolean": "true or false", "null": "nothing",
}

var printer = message.NewPrinter(language.English)

// violation words what the schema says of a value. It never quotes the value,
// which may be a secret; formats quote what is none.
func violation(v *jsonschema.ValidationError) string {
	switch k := v.ErrorKind.(type) {
	case *kind.Format:
		return k.Err.Error()
	case *kind.Type:
		return wrongType(k)
	case *kind.Enum:
		var known []string
		for _, one := range k.Want {
			known = append(known, fmt.Sprint(one))
		}
		return "want " + strings.Join(known, " or ")
	case *kind.Minimum:
		return "want at least " + limit(k.Want)
	case *kind.ExclusiveMinimum:
		return "want more than " + limit(k.Want)
	case *kind.Maximum:
		return "want at most " + limit(k.Want)
	case *kind.MinLength:
		if k.Want == 1 {
			return "is empty"
		}
		return fmt.Sprintf("has %d characters: want at least %d", k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("has %d characters: want at most %d", k.Got, k.Want)
	case *kind.MinItems, *kind.MinProperties:
		return "is empty"
	}
	return v.ErrorKind.LocalizedString(printer)
}

func wrongType(k *kind.Type) string {
	var want []string
	for _, name := range k.Want {
		want = append(want, typeNames[name])
	}
	text := fmt.Sprintf("want %s, got %s", strings.Join(want, " or "), typeNames[k.Got])
	if slices.Contains(k.Want, "string") && (k.Got == "number" || k.Got == "boolean") {
		text += ": put it in quotes"
	}
	return text
}

// limit is a limit as one writes it.
func limit(r *big.Rat) string {
	value, _ := r.Float64()
	return strconv.FormatFloat(value, 'g', -1, 64)
}
