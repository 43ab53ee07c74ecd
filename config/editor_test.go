package config

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// asEditor validates as an editor does: with the schema alone.
func asEditor(t *testing.T, body []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(EditorSchema()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("editor.json", doc))
	schema, err := c.Compile("editor.json")
	require.NoError(t, err)
	var instance any
	require.NoError(t, yaml.Unmarshal(body, &instance))
	asJSON, err := json.Marshal(instance)
	require.NoError(t, err)
	instance, err = jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	require.NoError(t, err)
	return schema.Validate(instance)
}

func TestEditorsTakeWhatIsRight(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../cxloop.example.yaml")
	require.NoError(t, err)
	require.NoError(t, asEditor(t, example))
	playground, err := Dev(devPlaces, env())
	require.NoError(t, err)
	require.NoError(t, asEditor(t, playground))
	require.NoError(t, asEditor(t, []byte(strings.NewReplacer(
		"bot_token: xoxb-1", "bot_token_file: /run/secrets/slack\n  rate: ${RATE}", "template: nps", "template: nps\n    scale: ${SCALE}",
	).Replace(valid))))
}

func TestEditorsShowMistakes(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ old, mistake, want string }{
		"unknown key":   {"bot_token: xoxb-1", "bot_tokn: xoxb-1", "bot_tokn"},
		"wrong type":    {"bot_token: xoxb-1", "bot_token: xoxb-1\n  rate: fast", "/slack/rate"},
		"not one of":    {"server:\n", "server:\n  log_level: loud\n", "/server/log_level"},
		"missing in it": {"  - id: ", "  - idd: ", "idd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(valid, row.old, row.mistake, 1)
			require.NotEqual(t, valid, body)
			require.ErrorContains(t, asEditor(t, []byte(body)), row.want)
		})
	}
}

// What an editor completes it also explains.
func TestEveryKeyIsDescribed(t *testing.T) {
	t.Parallel()
	var schema map[string]any
	require.NoError(t, json.Unmarshal(schemaJSON, &schema))
	var visit func(at string, s map[string]any)
	visit = func(at string, s map[string]any) {
		properties, _ := s["properties"].(map[string]any)
		for name, property := range properties {
			p := property.(map[string]any)
			if _, refers := p["$ref"]; !refers || p["description"] != nil {
				require.NotEmpty(t, p["description"], "%s.%s", at, name)
			}
			visit(at+"."+name, p)
		}
		for _, word := range []string{"items", "additionalProperties"} {
			if below, ok := s[word].(map[string]any); ok {
				visit(at+"[]", below)
			}
		}
	}
	visit("", schema)
	for name, definition := range schema["$defs"].(map[string]any) {
		visit("$defs."+name, definition.(map[string]any))
	}
}
