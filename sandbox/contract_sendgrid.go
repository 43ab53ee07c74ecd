package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// sendGridContract is the schema of mail/send's body.
type sendGridContract struct{ schema *openapi3.Schema }

func loadSendGridContract(path string) (*sendGridContract, error) {
	doc, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	if err := overlaySendGrid(doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	spec, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := spec.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	item := spec.Paths.Find("/v3/mail/send")
	if item == nil || item.Post == nil || item.Post.RequestBody == nil {
		return nil, fmt.Errorf("%s: no POST /v3/mail/send with a body", path)
	}
	media := item.Post.RequestBody.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil, fmt.Errorf("%s: POST /v3/mail/send has no JSON schema", path)
	}
	return &sendGridContract{schema: media.Schema.Value}, nil
}

// mailSend holds the body of mail/send against the contract.
func (c *contracts) mailSend(body []byte) error {
	if c == nil {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	err := c.sendGrid.schema.VisitJSON(v)
	var se *openapi3.SchemaError
	if errors.As(err, &se) {
		return fmt.Errorf("%s [json-pointer:%s]", se.Reason, pointerOf(se.JSONPointer()))
	}
	return err
}

// overlaySendGrid mends what the published contract leaves open or gets wrong: objects are closed, custom_args is an
// object of strings (the top-level one is published as a string), headers are strings, and null examples go.
func overlaySendGrid(doc map[string]any) error {
	body, ok := dig(doc, "components", "requestBodies", "PostMailSend", "content", "application/json", "schema", "properties")
	if !ok {
		return errors.New("no request body of mail/send")
	}
	personal, ok := dig(body, "personalizations", "items", "properties")
	if !ok {
		return errors.New("no personalizations in mail/send")
	}
	for _, properties := range []map[string]any{body, personal} {
		for _, name := range []string{"custom_args", "headers"} {
			properties[name] = map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}}
		}
	}
	personal["dynamic_template_data"] = map[string]any{"type": "object", "additionalProperties": true}
	closeObjects(doc)
	return nil
}

// dig follows keys into nested objects.
func dig(m map[string]any, keys ...string) (map[string]any, bool) {
	for _, k := range keys {
		next, ok := m[k].(map[string]any)
		if !ok {
			return nil, false
		}
		m = next
	}
	return m, true
}

// closeObjects forbids unknown keys in every object schema that lists its properties, and drops null examples.
func closeObjects(node any) {
	switch n := node.(type) {
	case map[string]any:
		if example, there := n["example"]; there && example == nil {
			delete(n, "example")
		}
		_, lists := n["properties"].(map[string]any)
		_, decided := n["additionalProperties"]
		if lists && n["type"] == "object" && !decided {
			n["additionalProperties"] = false
		}
		for _, child := range n {
			closeObjects(child)
		}
	case []any:
		for _, child := range n {
			closeObjects(child)
		}
	}
}
