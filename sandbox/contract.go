package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// ruleContract is the rule of a refusal for what no built-in rule caught, but the vendor's machine-readable contract
// does not allow.
const ruleContract = "contract"

// contracts are the vendors' own machine-readable contracts, compiled once. Nil checks nothing.
type contracts struct {
	hubSpotDefinitions map[string]*jsonschema.Schema
	slack              *slackContract
	sendGrid           *sendGridContract
}

// loadContracts reads the contracts from hubspot/, slack/ and sendgrid/ below a directory, nil for "".
func loadContracts(dir string) (*contracts, error) {
	if dir == "" {
		return nil, nil
	}
	c := &contracts{}
	var err error
	if c.hubSpotDefinitions, err = loadHubSpotContract(filepath.Join(dir, "hubspot", "HS.schema.json")); err != nil {
		return nil, err
	}
	if c.slack, err = loadSlackContract(filepath.Join(dir, "slack")); err != nil {
		return nil, err
	}
	if c.sendGrid, err = loadSendGridContract(filepath.Join(dir, "sendgrid", "tsg_mail_v3.json")); err != nil {
		return nil, err
	}
	return c, nil
}

// schemaFile is a JSON Schema whose definitions are compiled one by one.
type schemaFile struct {
	path     string
	doc      map[string]any
	compiler *jsonschema.Compiler
}

func readSchema(path string) (*schemaFile, error) {
	doc, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	f := &schemaFile{path: path, doc: doc, compiler: jsonschema.NewCompiler()}
	if err := f.compiler.AddResource(f.url(""), doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// readDocument reads a file that holds one JSON object.
func readDocument(path string) (map[string]any, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	doc, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: not a JSON object", path)
	}
	return doc, nil
}

func (f *schemaFile) url(definition string) string {
	u := "file:///contract/" + filepath.Base(f.path)
	if definition != "" {
		u += "#/definitions/" + definition
	}
	return u
}

func (f *schemaFile) definitions() map[string]any {
	d, _ := f.doc["definitions"].(map[string]any)
	return d
}

func (f *schemaFile) compile(definition string) (*jsonschema.Schema, error) {
	sch, err := f.compiler.Compile(f.url(definition))
	if err != nil {
		return nil, fmt.Errorf("%s: definition %q: %w", f.path, definition, err)
	}
	return sch, nil
}

func loadHubSpotContract(path string) (map[string]*jsonschema.Schema, error) {
	f, err := readSchema(path)
	if err != nil {
		return nil, err
	}
	out := map[string]*jsonschema.Schema{}
	for name := range f.definitions() {
		if out[name], err = f.compile(name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// checkHubSpot holds a request's body against a definition of HubSpot's types; a definition that the contract does not
// have allows everything. The error tells where the body differs.
func (c *contracts) checkHubSpot(definition string, body []byte) error {
	if c == nil || c.hubSpotDefinitions[definition] == nil {
		return nil
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return contractError(c.hubSpotDefinitions[definition].Validate(v))
}

// contractError turns a tree of violations into its deepest one: the innermost is where the request is really wrong,
// the outer ones only say that an alternative did not match.
func contractError(err error) error {
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return err
	}
	deepest, _ := deepestCause(v)
	return fmt.Errorf("%s [json-pointer:%s]", deepest.ErrorKind.LocalizedString(english), pointerOf(deepest.InstanceLocation))
}

func deepestCause(v *jsonschema.ValidationError) (*jsonschema.ValidationError, int) {
	best, depth := v, len(v.InstanceLocation)
	for _, cause := range v.Causes {
		if d, n := deepestCause(cause); n >= depth {
			best, depth = d, n
		}
	}
	return best, depth
}

// pointerOf is a JSON pointer (RFC 6901).
func pointerOf(path []string) string {
	var b strings.Builder
	for _, p := range path {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
	}
	return b.String()
}

// plainJSON is a value as a schema validator wants it: decoded from JSON, with json.Number.
func plainJSON(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return v, nil
}
