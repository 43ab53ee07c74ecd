package config

import (
	"encoding/json"
	"maps"
	"slices"
)

// variableHint is the shape of a value that holds a variable.
const variableHint = `\$\{`

// EditorSchema is the JSON Schema (draft 2020-12) of a configuration as it is written:
// with ${NAME} in place of any single value, and <key>_file in place of a secret. It asks
// for no key outside lists, since the environment may give it, and leaves the formats of
// texts to Load.
func EditorSchema() []byte {
	var schema map[string]any
	if err := json.Unmarshal(schemaJSON, &schema); err != nil {
		panic("config: schema.json: " + err.Error())
	}
	asWritten(schema, false)
	body, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic("config: a schema is plain data and always has JSON: " + err.Error())
	}
	return append(body, '\n')
}

// asWritten changes a schema and those in it. listed says that it is below a list, where
// the environment gives nothing.
func asWritten(schema map[string]any, listed bool) {
	delete(schema, "format")
	if !listed {
		delete(schema, "required")
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property := properties[name].(map[string]any)
		asWritten(property, listed)
		if slices.Contains(fileKeys, name) && property["type"] == "string" {
			properties[name+"_file"] = map[string]any{
				"type": "string", "description": "A file that holds " + name + ". The path is relative to the configuration's folder.",
			}
			delete(schema, "required") // either will do, which makes no hint worth having
		}
		if single(property) {
			properties[name] = orVariable(property)
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		asWritten(items, true)
		if single(items) {
			schema["items"] = orVariable(items)
		}
	}
	if others, ok := schema["additionalProperties"].(map[string]any); ok {
		asWritten(others, listed)
		if single(others) {
			schema["additionalProperties"] = orVariable(others)
		}
	}
	if kind := schema["type"]; kind == "object" || kind == "array" {
		schema["type"] = []any{kind, "null"} // all in it may be commented out
	}
	definitions, _ := schema["$defs"].(map[string]any)
	for _, definition := range definitions {
		asWritten(definition.(map[string]any), true)
	}
	for _, word := range []string{"allOf", "anyOf", "oneOf"} {
		variants, _ := schema[word].([]any)
		for _, variant := range variants {
			asWritten(variant.(map[string]any), true)
		}
	}
}

// single reports whether a schema limits single values beyond being text.
func single(schema map[string]any) bool {
	switch schema["type"] {
	case nil:
		return schema["enum"] != nil
	case "string":
		for _, limit := range []string{"enum", "pattern", "minLength", "maxLength"} {
			if schema[limit] != nil {
				return true
			}
		}
		return false
	case "integer", "number", "boolean":
		return true
	}
	return false
}

// orVariable takes a text with a variable too. What editors show stays outermost.
func orVariable(schema map[string]any) map[string]any {
	out := map[string]any{}
	for _, shown := range []string{"title", "description", "default", "examples"} {
		if value, ok := schema[shown]; ok {
			out[shown] = value
			delete(schema, shown)
		}
	}
	out["anyOf"] = []any{schema, map[string]any{"type": "string", "pattern": variableHint}}
	return out
}
