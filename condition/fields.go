package condition

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/cxloop/cxloop/survey"
)

// The names that expressions begin with.
const (
	Event    = "event"
	Contact  = "contact"
	Account  = "account"
	Response = "response"
	Segment  = "segment"
	Now      = "now"
)

var roots = []string{Event, Contact, Account, Response, Segment, Now}

// usual are the fields that all contacts and accounts have a place for.
var usual = map[string][]string{
	Contact: {"id", "email", "phone", "first_name", "last_name", "locale", "timezone"},
	Account: {"id", "name"},
}

// ofResponse are the fields of an answer.
var ofResponse = map[string]survey.FieldType{
	"score": survey.FieldNumber, "band": survey.FieldText, "program": survey.FieldText,
}

// Usual reports whether a field is known without being declared.
func Usual(path string) bool {
	object, name, _ := strings.Cut(path, ".")
	return slices.Contains(usual[object], name)
}

// fields knows the fields of each object by its path: "event", "event.order".
type fields struct {
	types.Provider
	objects map[string]map[string]*types.FieldType
	types   map[string]survey.FieldType
}

var celTypes = map[survey.FieldType]*cel.Type{
	survey.FieldText: cel.StringType, survey.FieldNumber: cel.DoubleType,
	survey.FieldBoolean: cel.BoolType, survey.FieldTime: cel.TimestampType,
}

func newFields(declared map[string]survey.FieldType, base types.Provider) *fields {
	f := &fields{base, map[string]map[string]*types.FieldType{Event: {}, Contact: {}, Account: {}, Response: {}, Segment: {}}, map[string]survey.FieldType{}}
	for object, names := range usual {
		for _, name := range names {
			f.declare(object+"."+name, survey.FieldText)
		}
	}
	for name, kind := range ofResponse {
		f.declare(Response+"."+name, kind)
	}
	for path, kind := range declared {
		f.declare(path, kind)
	}
	return f
}

// declare adds a field, and the objects that lead to it.
func (f *fields) declare(path string, kind survey.FieldType) {
	cut := strings.LastIndexByte(path, '.')
	object, name := path[:cut], path[cut+1:]
	f.types[path] = kind
	f.place(object)[name] = &types.FieldType{
		Type:    celTypes[kind],
		IsSet:   func(target any) bool { return target.(*facts).text(path) != "" },
		GetFrom: func(target any) (any, error) { return target.(*facts).value(path, kind) },
	}
}

// place returns the fields of an object, which it makes a field of the one above it.
func (f *fields) place(object string) map[string]*types.FieldType {
	if known, ok := f.objects[object]; ok {
		return known
	}
	f.objects[object] = map[string]*types.FieldType{}
	cut := strings.LastIndexByte(object, '.')
	f.place(object[:cut])[object[cut+1:]] = &types.FieldType{
		Type:    objectType(object),
		IsSet:   func(target any) bool { return target.(*facts).object(object) },
		GetFrom: func(target any) (any, error) { return target, nil },
	}
	return f.objects[object]
}

// segment adds a segment, which is computed where it is asked for.
func (f *fields) segment(name string, e *Expression) {
	f.objects[Segment][name] = &types.FieldType{
		Type:  cel.BoolType,
		IsSet: func(any) bool { return true },
		GetFrom: func(target any) (any, error) {
			holds, err := e.value(target.(*facts))
			if err != nil { // whose place is in the segment, and not where it is used
				return nil, errUnknown
			}
			return holds, nil
		},
	}
}

func (f *fields) names(object string) []string {
	return sortedKeys(f.objects[object])
}

// objectType is the type of an object. Nobody can write its name in an expression.
func objectType(path string) *types.Type { return types.NewObjectType("@" + path) }

// object returns the fields of a type of objectType.
func (f *fields) object(typeName string) (map[string]*types.FieldType, bool) {
	path, ok := strings.CutPrefix(typeName, "@")
	return f.objects[path], ok && f.objects[path] != nil
}

// FindStructType implements types.Provider.
func (f *fields) FindStructType(name string) (*types.Type, bool) {
	if _, ok := f.object(name); ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return f.Provider.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (f *fields) FindStructFieldNames(name string) ([]string, bool) {
	known, ok := f.object(name)
	return sortedKeys(known), ok
}

// FindStructFieldType implements types.Provider.
func (f *fields) FindStructFieldType(object, name string) (*types.FieldType, bool) {
	known, _ := f.object(object)
	field, ok := known[name]
	return field, ok
}
