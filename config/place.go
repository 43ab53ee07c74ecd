package config

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/condition"
)

// addInside reports mistakes in the expression at a path where they stand in the file.
func (d *document) addInside(at path, wrong condition.Mistakes) {
	n := d.value(at)
	for _, m := range wrong {
		place := *n
		place.Line, place.Column = d.inside(n, m.Line, m.Column)
		d.addAt(&place, at.String(), m.Message)
	}
}

// inside returns the place in the file of a place in a text, both counted from 1. YAML
// folds, quotes and indents: the characters that are no space are the same in the text
// and in the file, and are counted. A text made of variables has one place only.
func (d *document) inside(n *yaml.Node, line, column int) (fileLine, fileColumn int) {
	text := []rune(n.Value)
	at := 0
	for ; line > 1 && at < len(text); at++ {
		if text[at] == '\n' {
			line--
		}
	}
	at = min(at+column-1, len(text))
	count := 0
	for _, r := range text[:at] {
		if !unicode.IsSpace(r) {
			count++
		}
	}
	between := at == len(text) || unicode.IsSpace(text[at])
	if between {
		count--
	}
	s := scalarSource{rest: []rune(d.from(n)), line: n.Line, column: n.Column}
	s.begin()
	for range count {
		s.next()
	}
	fileLine, fileColumn, ok := s.next()
	switch {
	case !ok || count < 0:
		return n.Line, n.Column
	case between:
		return s.line, s.column
	}
	return fileLine, fileColumn
}

// from returns the file from a node on.
func (d *document) from(n *yaml.Node) string {
	lines := strings.SplitAfter(d.source, "\n")
	if n.Line < 1 || n.Line > len(lines) {
		return ""
	}
	first := []rune(lines[n.Line-1])
	return string(first[min(n.Column-1, len(first)):]) + strings.Join(lines[n.Line:], "")
}

// scalarSource reads a scalar as it is written, character by character.
type scalarSource struct {
	rest         []rune
	line, column int
	quote        rune
}

func (s *scalarSource) skip(n int) {
	for ; n > 0 && len(s.rest) > 0; n-- {
		s.column++
		if s.rest[0] == '\n' {
			s.line, s.column = s.line+1, 1
		}
		s.rest = s.rest[1:]
	}
}

func (s *scalarSource) at(i int) rune {
	if i < len(s.rest) {
		return s.rest[i]
	}
	return 0
}

// begin goes to the first character of the text.
func (s *scalarSource) begin() {
	for s.at(0) == '&' || s.at(0) == '!' { // anchor, tag
		for len(s.rest) > 0 && !unicode.IsSpace(s.at(0)) {
			s.skip(1)
		}
		s.space()
	}
	switch s.at(0) {
	case '|', '>':
		for len(s.rest) > 0 && s.at(0) != '\n' {
			s.skip(1)
		}
	case '"', '\'':
		s.quote = s.at(0)
		s.skip(1)
	}
}

func (s *scalarSource) space() {
	for len(s.rest) > 0 && unicode.IsSpace(s.at(0)) {
		s.skip(1)
	}
}

// next goes past a character of the text that is no space, and returns where it is;
// ok is false at the end and at a variable.
func (s *scalarSource) next() (line, column int, ok bool) {
	s.space()
	for s.quote == '"' && s.at(0) == '\\' && strings.ContainsRune("ntr \n\t_", s.at(1)) { // escaped spaces
		s.skip(2)
		s.space()
	}
	width := 1
	switch first, second := s.at(0), s.at(1); {
	case first == 0, first == s.quote && !(first == '\'' && second == '\''), first == '$' && second == '{':
		return 0, 0, false
	case s.quote == '"' && first == '\\':
		width = max(map[rune]int{'x': 4, 'u': 6, 'U': 10}[second], 2)
	case first == '\'' && s.quote == '\'', first == '$' && second == '$':
		width = 2
	}
	line, column = s.line, s.column
	s.skip(width)
	return line, column, true
}
