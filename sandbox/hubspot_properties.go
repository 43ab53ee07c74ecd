package sandbox

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// propertyView is a property's definition as the API answers it.
type propertyView struct {
	*Property
	Calculated   bool                 `json:"calculated"`
	FormField    bool                 `json:"formField"`
	Archived     bool                 `json:"archived"`
	Modification propertyModification `json:"modificationMetadata"`
}

type propertyModification struct {
	Archivable         bool `json:"archivable"`
	ReadOnlyDefinition bool `json:"readOnlyDefinition"`
	ReadOnlyOptions    bool `json:"readOnlyOptions"`
	ReadOnlyValue      bool `json:"readOnlyValue"`
}

func viewProperty(p *Property) propertyView {
	return propertyView{Property: p, Calculated: p.FieldType == "calculation_equation", Modification: propertyModification{
		Archivable: !p.HubSpotDefined, ReadOnlyDefinition: p.HubSpotDefined, ReadOnlyOptions: p.HubSpotDefined, ReadOnlyValue: p.ReadOnly,
	}}
}

func (s *Sandbox) listProperties(c *hubSpotCall) (reply, *refusal) {
	s.mu.Lock()
	list := s.st.Properties(c.t.name)
	s.mu.Unlock()
	results := make([]propertyView, 0, len(list))
	for _, p := range list {
		results = append(results, viewProperty(p))
	}
	return reply{http.StatusOK, map[string]any{"results": results}}, nil
}

func (s *Sandbox) getProperty(c *hubSpotCall) (reply, *refusal) {
	name := c.r.PathValue("name")
	s.mu.Lock()
	p := s.st.Property(c.t.name, name)
	s.mu.Unlock()
	if p == nil {
		return reply{}, refusef(http.StatusNotFound, "hubspot/not_found", "No property exists with name %q.", name)
	}
	return reply{http.StatusOK, viewProperty(p)}, nil
}

func (s *Sandbox) readProperties(c *hubSpotCall) (reply, *refusal) {
	started := s.now()
	var in struct {
		Archived bool `json:"archived"`
		Inputs   []struct {
			Name string `json:"name"`
		} `json:"inputs"`
	}
	if ref := s.decode(c, "", &in); ref != nil {
		return reply{}, ref
	}
	if ref := checkBatchSize(len(in.Inputs)); ref != nil {
		return reply{}, ref
	}
	results := []propertyView{}
	var errs []batchError
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range in.Inputs {
		if p := s.st.Property(c.t.name, i.Name); p != nil {
			results = append(results, viewProperty(p))
			continue
		}
		errs = append(errs, batchError{
			Status: "error", Category: "OBJECT_NOT_FOUND", Message: "No property exists with name \"" + i.Name + "\".",
			Context: map[string][]string{"name": {i.Name}},
		})
	}
	return s.batch(http.StatusOK, started, results, errs), nil
}

// propertyInput is a definition to be made (spec: PropertyCreate).
type propertyInput struct {
	Name                 string           `json:"name"`
	Label                string           `json:"label"`
	Type                 string           `json:"type"`
	FieldType            string           `json:"fieldType"`
	GroupName            string           `json:"groupName"`
	Description          string           `json:"description"`
	Options              []PropertyOption `json:"options"`
	DisplayOrder         int              `json:"displayOrder"`
	HasUniqueValue       bool             `json:"hasUniqueValue"`
	Hidden               bool             `json:"hidden"`
	FormField            bool             `json:"formField"`
	ExternalOptions      bool             `json:"externalOptions"`
	CalculationFormula   string           `json:"calculationFormula"`
	ReferencedObjectType string           `json:"referencedObjectType"`
}

// fieldTypes are the ways to show a property of each type (docs: properties, "property type and fieldType values").
var fieldTypes = map[string][]string{
	"bool": {"booleancheckbox", "calculation_equation"}, "enumeration": {"booleancheckbox", "checkbox", "radio", "select", "calculation_equation"},
	"date": {"date"}, "datetime": {"date"}, "number": {"number", "calculation_equation"},
	"string": {"file", "text", "textarea", "calculation_equation", "html", "phonenumber"},
}

// propertyName is what HubSpot takes as an internal name.
var propertyName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)

func (s *Sandbox) createProperty(c *hubSpotCall) (reply, *refusal) {
	var in propertyInput
	if ref := s.decode(c, "PropertyCreate", &in); ref != nil {
		return reply{}, ref
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ref := s.checkDefinition(c.t, &in); ref != nil {
		return reply{}, ref
	}
	p := s.define(c.t, &in)
	s.touch()
	return reply{http.StatusCreated, viewProperty(p)}, nil
}

// createProperties makes up to 100 definitions; one that is refused fails alone.
func (s *Sandbox) createProperties(c *hubSpotCall) (reply, *refusal) {
	started := s.now()
	var in struct {
		Inputs []propertyInput `json:"inputs"`
	}
	if ref := s.decode(c, "", &in); ref != nil {
		return reply{}, ref
	}
	if ref := checkBatchSize(len(in.Inputs)); ref != nil {
		return reply{}, ref
	}
	results, errs := s.defineAll(c.t, in.Inputs)
	s.recordFailed(c, errs)
	return s.batch(http.StatusCreated, started, results, errs), nil
}

func (s *Sandbox) defineAll(t *objectType, inputs []propertyInput) ([]propertyView, []batchError) {
	results := []propertyView{}
	var errs []batchError
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range inputs {
		if ref := s.checkDefinition(t, &inputs[i]); ref != nil {
			errs = append(errs, batchError{
				Status: "error", Category: ref.hubSpotCategory(), Message: ref.detail, Context: map[string][]string{"name": {inputs[i].Name}}, refused: ref,
			})
			continue
		}
		results = append(results, viewProperty(s.define(t, &inputs[i])))
	}
	s.touch()
	return results, errs
}

// checkDefinition proves that a property could be made; the lock is held.
func (s *Sandbox) checkDefinition(t *objectType, in *propertyInput) *refusal {
	switch {
	case !propertyName.MatchString(in.Name):
		return refusef(http.StatusBadRequest, "hubspot/property_name", "Property name %q must start with a letter and hold only lowercase letters, digits and underscores", in.Name)
	case in.Label == "":
		return refusef(http.StatusBadRequest, "hubspot/property_label", "Property %q must have a label", in.Name)
	case !slices.Contains(fieldTypes[in.Type], in.FieldType):
		return refusef(http.StatusBadRequest, "hubspot/property_type", "Property %q cannot be of type %q with field type %q", in.Name, in.Type, in.FieldType)
	case s.st.groups[t.name][in.GroupName] == nil:
		return refusef(http.StatusBadRequest, "hubspot/property_group", "Property group %q of %s does not exist", in.GroupName, t.name)
	case s.st.Property(t.name, in.Name) != nil:
		return refusef(http.StatusConflict, "hubspot/property_exists", "A property named '%s' already exists.", in.Name)
	}
	seen := map[string]bool{}
	for _, o := range in.Options {
		if o.Value == "" || o.Label == "" || seen[o.Value] {
			return refusef(http.StatusBadRequest, "hubspot/property_options", "Property %q has an option without label or value, or one twice: %q", in.Name, o.Value)
		}
		seen[o.Value] = true
	}
	return nil
}

// define publishes a definition in a new map, so that readers of the old one need no lock; the lock is held.
func (s *Sandbox) define(t *objectType, in *propertyInput) *Property {
	now := s.now()
	p := &Property{
		Name: in.Name, Label: in.Label, Type: in.Type, FieldType: in.FieldType, GroupName: in.GroupName, Description: in.Description,
		Options: slices.Clone(in.Options), HasUniqueValue: in.HasUniqueValue, Hidden: in.Hidden, CreatedAt: now, UpdatedAt: now,
	}
	if p.Options == nil {
		p.Options = []PropertyOption{}
	}
	defs := maps.Clone(s.st.properties[t.name])
	defs[p.Name] = p
	s.st.properties[t.name] = defs
	return p
}

func (s *Sandbox) listGroups(c *hubSpotCall) (reply, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := []*PropertyGroup{}
	for _, name := range slices.Sorted(maps.Keys(s.st.groups[c.t.name])) {
		results = append(results, s.st.groups[c.t.name][name])
	}
	return reply{http.StatusOK, map[string]any{"results": results}}, nil
}

func (s *Sandbox) createGroup(c *hubSpotCall) (reply, *refusal) {
	var in PropertyGroup
	if ref := s.decode(c, "", &in); ref != nil {
		return reply{}, ref
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !propertyName.MatchString(in.Name), strings.TrimSpace(in.Label) == "":
		return reply{}, refusef(http.StatusBadRequest, "hubspot/group_name", "Property group %q must have a label, and a name of lowercase letters, digits and underscores", in.Name)
	case s.st.groups[c.t.name][in.Name] != nil:
		return reply{}, refusef(http.StatusConflict, "hubspot/group_exists", "A property group named '%s' already exists.", in.Name)
	}
	s.st.groups[c.t.name][in.Name] = &in
	s.touch()
	return reply{http.StatusCreated, &in}, nil
}
