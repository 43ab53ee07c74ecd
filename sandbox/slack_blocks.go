package sandbox

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// How many blocks there may be, by where they are shown.
const (
	messageBlocksMax = 50
	modalBlocksMax   = 100
)

// blockError is a rule of Block Kit that something at a JSON pointer breaks.
type blockError struct{ rule, text, pointer string }

// message words the error as Slack does.
func (e *blockError) message() string { return e.text + " [json-pointer:" + e.pointer + "]" }

// node is a JSON object with the pointer to it, for checks that name their place.
type node struct {
	object  map[string]any
	pointer string
}

func (n node) str(key string) string {
	v, _ := n.object[key].(string)
	return v
}

func (n node) fail(rule, key, format string, args ...any) *blockError {
	p := n.pointer
	if key != "" {
		p += "/" + key
	}
	return &blockError{rule: rule, text: fmt.Sprintf(format, args...), pointer: p}
}

// maxLen checks the length of a string, in characters.
func (n node) maxLen(rule, key string, limit int) *blockError {
	if utf8.RuneCountInString(n.str(key)) > limit {
		return n.fail(rule, key, "must be less than %d characters", limit+1)
	}
	return nil
}

// child is the object at a key; false where there is none.
func (n node) child(key string) (node, bool) {
	o, ok := n.object[key].(map[string]any)
	return node{o, n.pointer + "/" + key}, ok
}

// children are the objects of the array at a key.
func (n node) children(rule, key string, atLeast, atMost int) ([]node, *blockError) {
	list, _ := n.object[key].([]any)
	switch {
	case len(list) < atLeast:
		return nil, n.fail(rule, key, "no fewer than %d items allowed", atLeast)
	case len(list) > atMost:
		return nil, n.fail(rule, key, "no more than %d items allowed", atMost)
	}
	out := make([]node, len(list))
	for i, v := range list {
		o, ok := v.(map[string]any)
		if !ok {
			return nil, n.fail(rule, fmt.Sprintf("%s/%d", key, i), "must be an object")
		}
		out[i] = node{o, fmt.Sprintf("%s/%s/%d", n.pointer, key, i)}
	}
	return out, nil
}

// text checks a text object: its type, and its length of 1 to limit characters.
func (n node) text(rule string, limit int, types ...string) *blockError {
	if !slices.Contains(types, n.str("type")) {
		return n.fail(rule, "type", "must be one of the supported types %v, not %q", types, n.str("type"))
	}
	if n.str("text") == "" {
		return n.fail(rule, "text", "must be more than 0 characters")
	}
	return n.maxLen(rule, "text", limit)
}

// textAt checks the text object at a key, which may be absent only if it is optional.
func (n node) textAt(rule, key string, limit int, optional bool, types ...string) *blockError {
	c, ok := n.child(key)
	if !ok {
		if optional && n.object[key] == nil {
			return nil
		}
		return n.fail(rule, "", "missing required field: %s", key)
	}
	return c.text(rule, limit, types...)
}

const (
	plain    = "plain_text"
	mrkdwn   = "mrkdwn"
	slackIDs = 255
)

// blockRules check a block by its type. The types without rules of their own are checked by the contract alone.
var blockRules = map[string]func(node) *blockError{
	"section": checkSection, "header": checkHeader, "actions": checkActions, "context": checkContext, "image": checkImage,
	"input": checkInput, "markdown": checkMarkdown, "divider": nil, "rich_text": nil, "video": nil, "file": nil, "table": nil,
	"alert": nil, "card": nil, "carousel": nil, "container": nil, "context_actions": nil, "data_table": nil, "plan": nil, "task_card": nil,
}

// checkBlocks returns the first rule of Block Kit that blocks break (docs: reference of blocks, block elements and
// composition objects).
func checkBlocks(list []any, limit int) *blockError {
	if len(list) > limit {
		return &blockError{"blocks_max", fmt.Sprintf("no more than %d items allowed", limit), "/blocks"}
	}
	seen := map[string]bool{}
	for i, v := range list {
		o, ok := v.(map[string]any)
		n := node{o, fmt.Sprintf("/blocks/%d", i)}
		if !ok {
			return n.fail("block_type", "", "must be an object")
		}
		rule, known := blockRules[n.str("type")]
		if !known {
			return n.fail("block_type", "type", "unsupported type: %s", n.str("type"))
		}
		if e := n.maxLen("block_id_max", "block_id", slackIDs); e != nil {
			return e
		}
		if id := n.str("block_id"); id != "" {
			if seen[id] {
				return n.fail("block_id_unique", "block_id", "`block_id` must be unique, %q already exists", id)
			}
			seen[id] = true
		}
		if rule == nil {
			continue
		}
		if e := rule(n); e != nil {
			return e
		}
	}
	return nil
}

func checkSection(n node) *blockError {
	if n.object["text"] == nil && n.object["fields"] == nil {
		return n.fail("section_empty", "", "must provide text or fields")
	}
	if e := n.textAt("section_text", "text", 3000, true, plain, mrkdwn); e != nil {
		return e
	}
	if n.object["fields"] != nil {
		fields, e := n.children("fields_max", "fields", 1, 10)
		if e != nil {
			return e
		}
		for _, f := range fields {
			if e := f.text("field_text", 2000, plain, mrkdwn); e != nil {
				return e
			}
		}
	}
	if a, ok := n.child("accessory"); ok {
		return checkElement(a)
	}
	return nil
}

func checkHeader(n node) *blockError { return n.textAt("header_text", "text", 150, false, plain) }

func checkActions(n node) *blockError {
	elements, e := n.children("actions_max", "elements", 1, 25)
	if e != nil {
		return e
	}
	seen := map[string]bool{}
	for _, el := range elements {
		if el.str("type") == "image" || el.str("type") == "plain_text_input" {
			return el.fail("element_type", "type", "unsupported type: %s", el.str("type"))
		}
		if e := checkElement(el); e != nil {
			return e
		}
		if id := el.str("action_id"); id != "" {
			if seen[id] {
				return el.fail("action_id_unique", "action_id", "`action_id` %q already exists in this block", id)
			}
			seen[id] = true
		}
	}
	return nil
}

func checkContext(n node) *blockError {
	elements, e := n.children("context_max", "elements", 1, 10)
	if e != nil {
		return e
	}
	for _, el := range elements {
		if el.str("type") == "image" {
			e = checkImage(el)
		} else {
			e = el.text("context_text", 3000, plain, mrkdwn)
		}
		if e != nil {
			return e
		}
	}
	return nil
}

func checkImage(n node) *blockError {
	if n.str("image_url") == "" && n.object["slack_file"] == nil {
		return n.fail("image_source", "", "missing required field: image_url")
	}
	if n.str("alt_text") == "" {
		return n.fail("image_alt", "", "missing required field: alt_text")
	}
	if e := n.maxLen("image_source", "image_url", 3000); e != nil {
		return e
	}
	if e := n.maxLen("image_alt", "alt_text", 2000); e != nil {
		return e
	}
	return n.textAt("image_title", "title", 2000, true, plain)
}

func checkInput(n node) *blockError {
	if e := n.textAt("input_label", "label", 2000, false, plain); e != nil {
		return e
	}
	if e := n.textAt("input_hint", "hint", 2000, true, plain); e != nil {
		return e
	}
	el, ok := n.child("element")
	if !ok || el.str("type") == "button" || el.str("type") == "overflow" {
		return n.fail("element_type", "element", "must be an input element")
	}
	return checkElement(el)
}

func checkMarkdown(n node) *blockError {
	if n.str("text") == "" {
		return n.fail("markdown_text", "", "missing required field: text")
	}
	return n.maxLen("markdown_text", "text", 12_000)
}

// fillIDs gives every block and every interactive element the id that it lacks.
func fillIDs(list []any, id func() string) {
	for _, v := range list {
		block, _ := v.(map[string]any)
		if s, _ := block["block_id"].(string); s == "" {
			block["block_id"] = id()
		}
		elements, _ := block["elements"].([]any)
		for _, v := range append(slices.Clone(elements), block["accessory"], block["element"]) {
			el, _ := v.(map[string]any)
			kind, _ := el["type"].(string)
			if _, interactive := elementRules[kind]; !interactive || kind == "image" {
				continue
			}
			if s, _ := el["action_id"].(string); s == "" {
				el["action_id"] = id()
			}
		}
	}
}
