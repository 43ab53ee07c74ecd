package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/condition"
)

// The most that is read as a configuration, so that a wrong file is an error and
// not a memory problem.
const (
	maxBytes  = 1 << 20
	maxNodes  = 100_000 // with aliases written out
	maxDepth  = 50
	maxErrors = 200
)

// document is a configuration as YAML nodes, which know their places, and the
// mistakes found in it.
type document struct {
	name string
	// source is the text of the file.
	source string
	// language is of expressions, nil until the terms are known.
	language *condition.Language
	// root is a mapping whose aliases are replaced by what they stand for.
	root *yaml.Node
	// variables are the environment variables that override settings, by dotted key.
	variables map[string]string
	errs      Errors
}

// path is where a value is: keys of mappings and indices of lists.
type path []string

func (p path) String() string {
	var b strings.Builder
	for i, name := range p {
		switch _, err := strconv.Atoi(name); {
		case err == nil && i > 0:
			b.WriteString("[" + name + "]")
		case i > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}

func (p path) join(names ...string) path { return append(slices.Clone(p), names...) }

// parse reads YAML. The document has a root only where there are no errors.
func parse(name string, body []byte) *document {
	d := &document{name: name, source: string(body), variables: map[string]string{}}
	if len(body) > maxBytes {
		d.addAt(&yaml.Node{Line: 1, Column: 1}, "", fmt.Sprintf("the file has %d bytes: at most %d are read", len(body), maxBytes))
		return d
	}
	decoder := yaml.NewDecoder(bytes.NewReader(body))
	var top yaml.Node
	switch err := decoder.Decode(&top); {
	case errors.Is(err, io.EOF):
		d.root = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: 1, Column: 1}
		return d
	case err != nil:
		d.syntaxError(body, err)
		return d
	}
	var second yaml.Node
	switch err := decoder.Decode(&second); {
	case err == nil:
		d.addAt(&second, "", "a second document begins here: a configuration is one YAML document")
		return d
	case !errors.Is(err, io.EOF):
		d.syntaxError(body, err)
		return d
	}
	left := maxNodes
	root := d.resolve(top.Content[0], nil, &left)
	switch {
	case left < 0:
		d.addAt(&yaml.Node{Line: 1, Column: 1}, "", fmt.Sprintf("more than %d values or %d levels, with aliases written out", maxNodes, maxDepth))
	case root.Kind == yaml.ScalarNode && root.Tag == "!!null":
		root = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: 1, Column: 1}
		fallthrough
	case root.Kind == yaml.MappingNode:
		d.root = root
	default:
		d.addAt(root, "", "want keys and values, for example server: {public_url: https://…}")
	}
	return d
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxError places an error of the YAML parser, which tells the line alone, at
// the first character of that line.
func (d *document) syntaxError(body []byte, err error) {
	text := err.Error()
	at := &yaml.Node{Line: 1, Column: 1}
	if found := yamlLine.FindStringSubmatch(text); found != nil {
		text = text[len(found[0]):]
		at.Line, _ = strconv.Atoi(found[1])
		at.Line = max(at.Line, 1)
	}
	lines := bytes.Split(body, []byte("\n"))
	if at.Line <= len(lines) {
		line := lines[at.Line-1]
		at.Column = len(line) - len(bytes.TrimLeft(line, " \t")) + 1
	}
	d.addAt(at, "", "not valid YAML: "+text)
}

// resolve copies a node with aliases written out, and reports duplicate keys.
func (d *document) resolve(n *yaml.Node, at path, left *int) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	out := *n
	out.Content, out.Anchor = nil, ""
	if *left--; *left < 0 || len(at) > maxDepth {
		*left = -1
		return &out
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for i, item := range n.Content {
			out.Content = append(out.Content, d.resolve(item, at.join(strconv.Itoa(i)), left))
		}
	case yaml.MappingNode:
		lines := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := d.resolve(n.Content[i], at, left)
			value := d.resolve(n.Content[i+1], at.join(key.Value), left)
			switch {
			case key.Kind != yaml.ScalarNode:
				d.addAt(key, at.String(), "a key has to be a word")
			case key.Tag == "!!merge":
				d.addAt(key, at.String(), "merge keys (<<) are not supported: an alias can stand for a whole value")
			case lines[key.Value] > 0:
				d.addAt(key, at.join(key.Value).String(), fmt.Sprintf("the key is already given at line %d", lines[key.Value]))
			default:
				lines[key.Value] = key.Line
				out.Content = append(out.Content, key, value)
			}
		}
	}
	return &out
}

// find returns the deepest node on a path, the key that it stands at (nil for the
// root and for items), and how many names of the path led to it.
func (d *document) find(p path) (key, value *yaml.Node, depth int) {
	value = d.root
	for i, name := range p {
		nextKey, next := child(value, name)
		if next == nil {
			return key, value, i
		}
		key, value = nextKey, next
	}
	return key, value, len(p)
}

// value returns the node at a path, nil where there is none.
func (d *document) value(p path) *yaml.Node {
	if _, value, depth := d.find(p); depth == len(p) {
		return value
	}
	return nil
}

// drop removes the key that a path ends with.
func (d *document) drop(p path) {
	last := len(p) - 1
	n := d.value(p[:last])
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == p[last] {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

func child(n *yaml.Node, name string) (key, value *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				return n.Content[i], n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.Content) {
			return nil, n.Content[i]
		}
	}
	return nil, nil
}

// add reports a mistake in the value at a path: at the variable that sets it, at
// the value, or where that is missing at the key of what should hold it.
func (d *document) add(p path, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if name, ok := d.variables[strings.Join(p, ".")]; ok {
		d.append(Error{File: "environment variable " + name, Path: p.String(), Message: message})
		return
	}
	key, value, depth := d.find(p)
	if depth < len(p) && key != nil {
		value = key
	}
	d.addAt(value, p.String(), message)
}

// addAtKey reports a mistake in the key that a path ends with.
func (d *document) addAtKey(p path, format string, args ...any) {
	key, value, _ := d.find(p)
	if key == nil {
		key = value
	}
	d.addAt(key, p.String(), fmt.Sprintf(format, args...))
}

// addAt reports a mistake at a node.
func (d *document) addAt(n *yaml.Node, at, message string) {
	d.append(Error{File: d.name, Line: max(n.Line, 1), Column: max(n.Column, 1), Path: at, Message: message})
}

// append keeps the first mistake of a place: what follows from one is none.
func (d *document) append(e Error) {
	known := slices.ContainsFunc(d.errs, func(other Error) bool {
		return other.File == e.File && other.Line == e.Line && other.Column == e.Column && other.Path == e.Path
	})
	if !known && len(d.errs) < maxErrors {
		d.errs = append(d.errs, e)
	}
}

// failed reports whether a mistake is known at or below a path.
func (d *document) failed(p path) bool {
	prefix := p.String()
	return slices.ContainsFunc(d.errs, func(e Error) bool {
		rest, ok := strings.CutPrefix(e.Path, prefix)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// plain converts a node to what JSON knows.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if v := plain(n.Content[i+1]); v != nil { // an empty section is as good as none
				m[n.Content[i].Value] = v
			}
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			list = append(list, plain(item))
		}
		return list
	}
	return scalar(n)
}

func scalar(n *yaml.Node) any {
	var v any
	switch n.ShortTag() {
	case "!!int", "!!float", "!!bool", "!!null":
		if n.Decode(&v) != nil {
			return n.Value
		}
	default:
		return n.Value
	}
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return n.Value
	}
	return v
}
