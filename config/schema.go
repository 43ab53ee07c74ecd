package config

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed schema.json
var schemaJSON []byte

// schemaName is the address that the compiled schema goes by; nothing is fetched.
const schemaName = "cxloop:///schema.json"

// Schema returns the JSON schema of the configuration, for editors.
func Schema() []byte { return slices.Clone(schemaJSON) }

var compiled = sync.OnceValue(func() *jsonschema.Schema {
	var doc any
	if err := json.Unmarshal(schemaJSON, &doc); err != nil {
		panic("config: schema.json: " + err.Error())
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, check := range formats {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if text, ok := v.(string); ok {
				return check(text)
			}
			return nil
		}})
	}
	if err := c.AddResource(schemaName, doc); err != nil {
		panic("config: schema.json: " + err.Error())
	}
	return c.MustCompile(schemaName)
})

// schemas are the compiled schema's parts by their location.
var schemas = sync.OnceValue(func() map[string]*jsonschema.Schema {
	found := map[string]*jsonschema.Schema{}
	var visit func(*jsonschema.Schema)
	visit = func(s *jsonschema.Schema) {
		if s == nil || found[s.Location] != nil {
			return
		}
		found[s.Location] = s
		visit(s.Ref)
		visit(s.Items2020)
		visit(s.Then)
		for _, part := range s.AllOf {
			visit(part)
		}
		for _, part := range s.Properties {
			visit(part)
		}
		if additional, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
			visit(additional)
		}
	}
	visit(compiled())
	return found
})

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

// checkShape validates against the schema.
func (d *document) checkShape(instance any) {
	err := compiled().Validate(instance)
	if failed, ok := err.(*jsonschema.ValidationError); ok {
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
	case *kind.Required:
		for _, name := range k.Missing {
			d.add(at.join(name), "is required")
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			d.addAtKey(at.join(name), "%s", unknownKey(name, schemas()[v.SchemaURL]))
		}
	default:
		d.add(at, "%s", violation(v))
	}
}

func unknownKey(name string, in *jsonschema.Schema) string {
	text := "unknown key"
	if in == nil {
		return text
	}
	names := slices.Sorted(maps.Keys(in.Properties))
	if near := nearest(name, names); near != "" {
		return fmt.Sprintf("%s: did you mean %s?", text, near)
	}
	names = slices.DeleteFunc(names, func(s string) bool { return strings.HasSuffix(s, "_file") })
	return fmt.Sprintf("%s: known are %s", text, strings.Join(names, ", "))
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
		return "want at least " + k.Want.RatString()
	case *kind.Maximum:
		return "want at most " + k.Want.RatString()
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
