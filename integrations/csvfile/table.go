package csvfile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cxloop/cxloop/spelling"
)

// table is a file whose columns have names. It gathers the faults of its cells.
type table struct {
	csv    *csv.Reader
	at     map[string]int // the columns of fields
	row    []string
	faults Faults
}

// byteOrderMark begins files of some spreadsheets.
const byteOrderMark = "\uFEFF"

// open reads the header of a file. What is wrong with it is told as Faults.
func open(in io.Reader, o Options) (*table, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	if mark, _ := buffered.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = buffered.Discard(len(byteOrderMark))
	}
	reader := csv.NewReader(buffered)
	reader.Comma, reader.ReuseRecord = separator(buffered), true
	header, err := reader.Read()
	if err != nil {
		return nil, notCSV(err, "the file is empty: want a line with the names of the columns")
	}
	t := &table{csv: reader, at: map[string]int{}, row: header}
	if !utf8.ValidString(strings.Join(header, "")) {
		t.failHeader("the file is not UTF-8: save it with that encoding")
		return nil, t.faults
	}
	required, optional := Fields(o.Kind)
	known := slices.Concat(required, optional)
	for _, name := range slices.Sorted(maps.Keys(o.Columns)) {
		switch field := o.Columns[name]; {
		case field != "" && !slices.Contains(known, field):
			t.failHeader("column %q is to be %q, which is none of %s", name, field, strings.Join(known, ", "))
		case !slices.ContainsFunc(header, func(h string) bool { return strings.TrimSpace(h) == name }):
			t.failHeader("there is no column %q", name)
		}
	}
	if len(t.faults) > 0 { // what else is missing may follow from it
		return nil, t.faults
	}
	for i, name := range header {
		t.name(i, strings.TrimSpace(name), known, o.Columns)
	}
	for _, field := range required {
		if !t.has(field) {
			t.failHeader("there is no column %s: want %s, and may have %s", field, strings.Join(required, ", "), strings.Join(optional, ", "))
		}
	}
	if !t.has("contact_id") && !t.has("account_id") {
		t.failHeader("there is no column contact_id or account_id: whose is it?")
	}
	return t, t.faults.orNil()
}

// failHeader notes what is wrong with the first line as a whole.
func (t *table) failHeader(format string, args ...any) {
	t.faults = append(t.faults, Fault{Line: 1, Column: 1, Problem: fmt.Sprintf(format, args...)})
}

// name says which field a column holds.
func (t *table) name(i int, name string, known []string, renamed map[string]string) {
	field, other := renamed[name]
	if other && field == "" {
		return
	}
	if !other {
		field = strings.ToLower(name)
	}
	fail := func(format string, args ...any) {
		line, column := t.csv.FieldPos(i)
		t.faults = append(t.faults, Fault{Line: line, Column: column, Problem: fmt.Sprintf(format, args...)})
	}
	switch {
	case !slices.Contains(known, field):
		hint := ""
		if near := spelling.Nearest(field, known); near != "" {
			hint = fmt.Sprintf(", did you mean %s?", near)
		}
		fail("column %q is not known%s (say --column %q, or --column %q to leave it out)", name, hint, name+"=FIELD", name+"=")
	case t.has(field):
		fail("%s has two columns", field)
	default:
		t.at[field] = i
	}
}

// separator is what the first line has most of: a comma, a semicolon or a tab.
func separator(in *bufio.Reader) rune {
	head, _ := in.Peek(in.Size())
	line, _, _ := strings.Cut(string(head), "\n")
	best := ','
	for _, candidate := range []rune{';', '\t'} {
		if strings.Count(line, string(candidate)) > strings.Count(line, string(best)) {
			best = candidate
		}
	}
	return best
}

// next goes to the next row; more is false behind the last.
func (t *table) next() (more bool, err error) {
	t.row, err = t.csv.Read()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		if fault, wrong := errors.AsType[Faults](notCSV(err, "")); wrong {
			return false, append(t.faults, fault...).orNil()
		}
		return false, err
	}
	return true, nil
}

// notCSV tells Faults of a file that is no table from what keeps it from being read.
func notCSV(err error, empty string) error {
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		problem := e.Err.Error()
		if errors.Is(e.Err, csv.ErrFieldCount) {
			problem = "the line has more or fewer columns than the first"
		}
		return Faults{{Line: e.Line, Column: max(e.Column, 1), Problem: problem}}
	}
	if errors.Is(err, io.EOF) {
		return Faults{{Line: 1, Column: 1, Problem: empty}}
	}
	return err
}

func (t *table) has(field string) bool {
	_, ok := t.at[field]
	return ok
}

// value is the text of a field in the present row, "" where the file has no such column.
func (t *table) value(field string) string {
	i, ok := t.at[field]
	if !ok {
		return ""
	}
	text := strings.TrimSpace(t.row[i])
	if !utf8.ValidString(text) {
		t.fail(field, "is not UTF-8: save the file with that encoding")
		return ""
	}
	return strings.Clone(text)
}

func (t *table) line() int {
	line, _ := t.csv.FieldPos(0)
	return line
}

// fail notes what is wrong with a field of the present row, once for each.
func (t *table) fail(field, format string, args ...any) {
	line, column := t.line(), 1
	if i, ok := t.at[field]; ok {
		line, column = t.csv.FieldPos(i)
	}
	fault := Fault{Line: line, Column: column, Field: field, Problem: fmt.Sprintf(format, args...)}
	if !slices.ContainsFunc(t.faults, func(f Fault) bool { return f.Line == line && f.Field == field }) {
		t.faults = append(t.faults, fault)
	}
}
