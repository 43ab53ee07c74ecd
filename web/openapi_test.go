package web

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestOpenAPI holds the description to the routes, its examples to its own schemas, and
// the server to its examples.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	s := momentSite(t)
	served := s.get("/v1/openapi.json")
	s.has(served, 200)
	var doc struct {
		Paths map[string]struct {
			Post struct {
				RequestBody struct {
					Content map[string]struct{ Example any }
				}
			}
		}
	}
	s.ok(json.Unmarshal([]byte(served.body), &doc))
	for route := range s.server.routes() {
		if path, ok := strings.CutPrefix(route, "POST "); ok && strings.HasPrefix(path, "/v1/") {
			_, described := doc.Paths[path]
			s.want(described, "%s is not described", path)
		}
	}
	whole, err := jsonschema.UnmarshalJSON(strings.NewReader(served.body))
	s.ok(err)
	compiler := jsonschema.NewCompiler()
	s.ok(compiler.AddResource("openapi.json", whole))
	for path, described := range doc.Paths {
		schema, err := compiler.Compile("openapi.json#/paths/" + strings.ReplaceAll(path, "/", "~1") + "/post/requestBody/content/application~1json/schema")
		s.ok(err)
		example := described.Post.RequestBody.Content["application/json"].Example
		s.ok(schema.Validate(example))
		body, err := json.Marshal(example)
		s.ok(err)
		s.has(s.call(path, strings.ReplaceAll(string(body), "chat-csat", "chat-nps")), 200)
	}
}
