package sandbox

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

var english = message.NewPrinter(language.English)

// slackContract holds the arguments of methods and the kinds of block apart: the published schema of a message has
// two dozen alternatives, each with every block in it, and checking it as it stands would cost as many times as much.
type slackContract struct {
	arguments map[string]*jsonschema.Schema
	blocks    map[string]*jsonschema.Schema
	modal     *jsonschema.Schema
}

// slackArguments names the definition of a method's arguments and its file.
var slackArguments = map[string][2]string{
	"chat.postMessage": {"PostMessage.schema.json", "ChatPostMessageArguments"},
	"chat.update":      {"Update.schema.json", "ChatUpdateArguments"},
	"views.open":       {"ViewsOpen.schema.json", "ViewsOpenArguments"},
}

func loadSlackContract(dir string) (*slackContract, error) {
	c := &slackContract{arguments: map[string]*jsonschema.Schema{}, blocks: map[string]*jsonschema.Schema{}}
	for method, at := range slackArguments {
		f, err := readSchema(filepath.Join(dir, at[0]))
		if err != nil {
			return nil, err
		}
		if c.arguments[method], err = f.compile(at[1]); err != nil {
			return nil, err
		}
	}
	f, err := readSchema(filepath.Join(dir, "Modal.schema.json"))
	if err != nil {
		return nil, err
	}
	if c.modal, err = f.compile("ModalView"); err != nil {
		return nil, err
	}
	f, err = readSchema(filepath.Join(dir, "Blocks.schema.json"))
	if err != nil {
		return nil, err
	}
	return c, c.addBlocks(f)
}

// addBlocks compiles the alternatives of KnownBlock by the value that each demands of "type".
func (c *slackContract) addBlocks(f *schemaFile) error {
	known, _ := dig(f.doc, "definitions", "KnownBlock")
	alternatives, _ := known["anyOf"].([]any)
	for _, a := range alternatives {
		alternative, _ := a.(map[string]any)
		ref, _ := alternative["$ref"].(string)
		name := strings.TrimPrefix(ref, "#/definitions/")
		definition, _ := dig(f.doc, "definitions", name)
		typ := blockType(definition)
		if typ == "" {
			return fmt.Errorf("%s: block %q has no type", f.path, name)
		}
		sch, err := f.compile(name)
		if err != nil {
			return err
		}
		c.blocks[typ] = sch
	}
	if len(c.blocks) == 0 {
		return fmt.Errorf("%s: no kinds of block", f.path)
	}
	return nil
}

// blockType is the one value that a block's definition, or the first of its alternatives, allows for "type".
func blockType(definition map[string]any) string {
	if alternatives, ok := definition["anyOf"].([]any); ok && len(alternatives) > 0 {
		definition, _ = alternatives[0].(map[string]any)
	}
	kind, _ := dig(definition, "properties", "type")
	typ, _ := kind["const"].(string)
	return typ
}

// slackBlocks holds blocks against the contract.
func (c *contracts) slackBlocks(blocks []any) error {
	if c == nil {
		return nil
	}
	for i, b := range blocks {
		block, _ := b.(map[string]any)
		typ, _ := block["type"].(string)
		sch := c.slack.blocks[typ]
		if sch == nil {
			return fmt.Errorf("unsupported type: %s [json-pointer:/blocks/%d/type]", typ, i)
		}
		if err := contractError(sch.Validate(b)); err != nil {
			return fmt.Errorf("block %d (%s): %w", i, typ, err)
		}
	}
	return nil
}

// slackModal holds a whole modal against the contract.
func (c *contracts) slackModal(view map[string]any) error {
	if c == nil {
		return nil
	}
	return contractError(c.slack.modal.Validate(view))
}

// slackCall holds the arguments of a method, without their blocks, against the contract.
func (c *contracts) slackCall(method string, args map[string]any) error {
	if c == nil || c.slack.arguments[method] == nil {
		return nil
	}
	return contractError(c.slack.arguments[method].Validate(withoutBlocks(args)))
}

// withoutBlocks empties the list of blocks, which slackBlocks checks, here and in a view.
func withoutBlocks(args map[string]any) map[string]any {
	out := maps.Clone(args)
	for name, v := range out {
		if view, ok := v.(map[string]any); ok && name == "view" {
			out[name] = withoutBlocks(view)
		}
		if list, ok := v.([]any); ok && name == "blocks" {
			out[name] = slices.Clip(list[:0])
		}
	}
	return out
}
