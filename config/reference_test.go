package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the reference of keys in docs/programs.md")

// The lines between which docs/programs.md has the reference, which is made from the schema.
const (
	referenceBegins = "<!-- made from config/schema.json: go test ./config -run TestReference -update -->\n"
	referenceEnds   = "<!-- end -->\n"
)

func TestReference(t *testing.T) {
	t.Parallel()
	const name = "../docs/programs.md"
	body, err := os.ReadFile(name)
	require.NoError(t, err)
	before, rest, begins := strings.Cut(string(body), referenceBegins)
	_, after, ends := strings.Cut(rest, referenceEnds)
	require.True(t, begins && ends, "the lines around the reference are missing")
	want := before + referenceBegins + "\n" + reference(t) + "\n" + referenceEnds + after
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(body), "go test ./config -run TestReference -update")
}

// reference is a table of all keys of a program.
func reference(t *testing.T) string {
	var out strings.Builder
	out.WriteString("| key | values | default | example | meaning |\n|---|---|---|---|---|\n")
	var visit func(at string, s *jsonschema.Schema)
	visit = func(at string, s *jsonschema.Schema) {
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			property := s.Properties[name]
			here := at + name
			shown := property
			for property.Ref != nil {
				property = property.Ref
			}
			below, step := property, ""
			switch others, _ := property.AdditionalProperties.(*jsonschema.Schema); {
			case others != nil:
				below, step = others, ".<name>"
			case property.Items2020 != nil:
				below, step = property.Items2020, "[]"
			}
			for below.Ref != nil {
				below = below.Ref
			}
			if len(below.Properties) > 0 {
				visit(here+step+".", below)
				continue
			}
			fmt.Fprintf(&out, "| `%s` | %s | %s | `%s: %s` | %s |\n",
				here, valuesOf(property), defaultOf(shown), name, exampleOf(t, here, shown, property), shown.Description)
		}
	}
	visit("", compiled().Properties["programs"].Items2020.Ref)
	return out.String()
}

func valuesOf(s *jsonschema.Schema) string {
	if items := s.Items2020; items != nil {
		return "list of " + valuesOf(items)
	}
	if s.Enum != nil {
		var values []string
		for _, value := range s.Enum.Values {
			values = append(values, onOneLine(value))
		}
		return "`" + strings.Join(values, "` `") + "`"
	}
	if others, _ := s.AdditionalProperties.(*jsonschema.Schema); others != nil {
		return "keys and values"
	}
	if s.Format != nil {
		return strings.ReplaceAll(s.Format.Name, "-", " ")
	}
	kind := s.Types.ToStrings()[0]
	kind = map[string]string{"integer": "whole number", "boolean": "`true` `false`", "string": "text"}[kind]
	if kind == "" {
		kind = "number"
	}
	if s.Minimum != nil && s.Maximum != nil {
		kind += fmt.Sprintf(", %s to %s", s.Minimum.RatString(), s.Maximum.RatString())
	}
	return kind
}

func defaultOf(s *jsonschema.Schema) string {
	if s.Default == nil {
		return "–"
	}
	return "`" + onOneLine(*s.Default) + "`"
}

// exampleOf wants an example that the schema itself takes.
func exampleOf(t *testing.T, at string, shown, s *jsonschema.Schema) string {
	var example any
	switch {
	case len(shown.Examples) > 0:
		example = shown.Examples[0]
	case s.Enum != nil:
		example = s.Enum.Values[len(s.Enum.Values)-1]
	case s.Types != nil && s.Types.String() == "[boolean]":
		example = true
	default:
		t.Errorf("config/schema.json: programs[].%s has no examples", at)
		return ""
	}
	require.NoError(t, s.Validate(example), "programs[].%s: its example", at)
	return onOneLine(example)
}

// onOneLine writes a value as YAML has it on one line.
func onOneLine(value any) string {
	if text, ok := value.(string); ok {
		return strings.ReplaceAll(text, "|", `\|`)
	}
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	text := strings.NewReplacer(`":`, `": `, `,`, `, `, `|`, `\|`).Replace(string(body))
	return text
}
