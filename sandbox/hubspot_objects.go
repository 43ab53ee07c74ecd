package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// hubSpotObject is a record as the API answers it.
type hubSpotObject struct {
	ID                    string                          `json:"id"`
	Properties            map[string]*string              `json:"properties"`
	PropertiesWithHistory map[string][]hubSpotVersion     `json:"propertiesWithHistory,omitempty"`
	CreatedAt             string                          `json:"createdAt"`
	UpdatedAt             string                          `json:"updatedAt"`
	Archived              bool                            `json:"archived"`
	ObjectWriteTraceID    string                          `json:"objectWriteTraceId,omitempty"`
	Associations          map[string]hubSpotAssociatedIDs `json:"associations,omitempty"`
}

type hubSpotVersion struct {
	Value      string `json:"value"`
	Timestamp  string `json:"timestamp"`
	SourceType string `json:"sourceType"`
	SourceID   string `json:"sourceId,omitempty"`
}

type hubSpotAssociatedIDs struct {
	Results []hubSpotAssociatedID `json:"results"`
}

type hubSpotAssociatedID struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// defaultProperties are answered where a read names none (docs: CRM objects).
var defaultProperties = map[string][]string{
	Contacts: {"email", "firstname", "lastname"}, Companies: {"domain", "name"},
	Deals:   {"amount", "closedate", "dealname", "dealstage", "pipeline"},
	Tickets: {"content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority", "subject"},
}

// present renders a record with the properties asked for, as they were at a time. A property that is not among the
// definitions is left out, one without a value is null.
func present(r *Record, t *objectType, defs map[string]*Property, properties []string, at time.Time) hubSpotObject {
	if len(properties) == 0 {
		properties = defaultProperties[t.name]
	}
	o := hubSpotObject{
		ID: r.ID, Properties: make(map[string]*string, len(properties)+3), CreatedAt: timestamp(r.CreatedAt),
		UpdatedAt: timestamp(r.UpdatedAt), Archived: r.Archived,
	}
	add := func(name string) {
		if value := r.valueAsOf(name, at); value != "" {
			o.Properties[name] = &value
		} else if defs[name] != nil {
			o.Properties[name] = nil
		}
	}
	add("hs_object_id")
	add(t.created())
	add(t.modified)
	for _, name := range properties {
		add(name)
	}
	return o
}

// presentNow renders a record as it is.
func (s *Sandbox) presentNow(r *Record, t *objectType, properties []string) hubSpotObject {
	return present(r, t, s.definitions(t), properties, r.UpdatedAt)
}

// definitions returns the properties of an object type by name; the map is never changed.
func (s *Sandbox) definitions(t *objectType) map[string]*Property {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.st.properties[t.name]
}

// written renders what a write answers: the properties written and the CRM's own.
func (s *Sandbox) written(r *Record, t *objectType, properties map[string]string, trace string) hubSpotObject {
	o := s.presentNow(r, t, append(slices.Collect(maps.Keys(properties)), "hs_object_id"))
	o.ObjectWriteTraceID = trace
	return o
}

// errNoObject is what a single read or write of an unknown record is answered.
var errNoObject = refusef(http.StatusNotFound, "hubspot/not_found", "Object not found.  objectId are usually numeric.")

func (s *Sandbox) getObject(c *hubSpotCall) (reply, *refusal) {
	q := c.r.URL.Query()
	if ref := checkIDProperty(c.t, q.Get("idProperty")); ref != nil {
		return reply{}, ref
	}
	s.mu.Lock()
	r := s.find(c.t, c.r.PathValue("id"), q.Get("idProperty"))
	s.mu.Unlock()
	if r == nil {
		return reply{}, errNoObject
	}
	o := s.presentNow(r, c.t, listParam(q["properties"]))
	for _, name := range listParam(q["associations"]) {
		to := lookupType(name)
		if to == nil {
			return reply{}, refusef(http.StatusBadRequest, "hubspot/object_type", "Unable to infer object type from: %s", name)
		}
		ids := hubSpotAssociatedIDs{}
		for _, a := range r.Associations[to.name] {
			ids.Results = append(ids.Results, hubSpotAssociatedID{ID: a.ToID, Type: c.t.singular + "_to_" + to.singular})
		}
		if len(ids.Results) > 0 {
			if o.Associations == nil {
				o.Associations = map[string]hubSpotAssociatedIDs{}
			}
			o.Associations[to.name] = ids
		}
	}
	return reply{http.StatusOK, o}, nil
}

// listParam splits a query parameter that may be repeated and hold commas.
func listParam(values []string) []string {
	var out []string
	for _, v := range values {
		for _, part := range strings.Split(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// find returns a record by its id, or by a contact's email, nil where there is none; the lock is held.
func (s *Sandbox) find(t *objectType, id, idProperty string) *Record {
	if idProperty == "email" {
		return s.st.ContactByEmail(id)
	}
	return s.st.Record(t.name, id)
}

// checkIDProperty refuses what cannot name one record: only a contact's email can, beside the id.
func checkIDProperty(t *objectType, idProperty string) *refusal {
	if idProperty == "" || (idProperty == "email" && t.name == Contacts) {
		return nil
	}
	return refusef(http.StatusBadRequest, "hubspot/id_property", "Property %q of %s is not a unique identifier", idProperty, t.name)
}

// integration is the origin of what comes through the API: its webhooks echo to the app that wrote.
func (s *Sandbox) integration() origin { return s.originOf(SourceIntegration) }

type writeInput struct {
	Properties         stringMap `json:"properties"`
	ObjectWriteTraceID string    `json:"objectWriteTraceId"`
}

// stringMap holds property values, which are strings on the wire; null clears a value as "" does.
type stringMap map[string]string

// UnmarshalJSON refuses a value that is neither a string nor null.
func (m *stringMap) UnmarshalJSON(raw []byte) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return err
	}
	*m = make(stringMap, len(values))
	for name, v := range values {
		var text *string
		if err := json.Unmarshal(v, &text); err != nil {
			return fmt.Errorf("value of property %q is not a string: %s", name, v)
		}
		if text != nil {
			(*m)[name] = *text
		} else {
			(*m)[name] = ""
		}
	}
	return nil
}

func (s *Sandbox) updateObject(c *hubSpotCall) (reply, *refusal) {
	var in writeInput
	if ref := s.decode(c, "", &in); ref != nil {
		return reply{}, ref
	}
	idProperty := c.r.URL.Query().Get("idProperty")
	if ref := checkIDProperty(c.t, idProperty); ref != nil {
		return reply{}, ref
	}
	r, ref := s.updateOne(c.t, c.r.PathValue("id"), idProperty, in.Properties)
	if ref != nil {
		return reply{}, ref
	}
	return reply{http.StatusOK, s.written(r, c.t, in.Properties, in.ObjectWriteTraceID)}, nil
}

func (s *Sandbox) updateOne(t *objectType, id, idProperty string, properties stringMap) (*Record, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.find(t, id, idProperty)
	if old == nil {
		return nil, errNoObject
	}
	if len(properties) == 0 {
		return nil, errNoProperties
	}
	if ref := s.checkWrite(t, old.ID, properties); ref != nil {
		return nil, ref
	}
	defer s.touch()
	return s.update(t, old.ID, properties, s.integration()), nil
}

// errNoProperties is what a write of nothing is answered.
var errNoProperties = refusef(http.StatusBadRequest, "hubspot/properties", "No properties found to update, please provide at least one.")

func (s *Sandbox) archiveObject(c *hubSpotCall) (reply, *refusal) {
	// HubSpot answers 204 for an object that is not there, too.
	_ = s.Archive(c.t.name, c.r.PathValue("id"))
	return reply{status: http.StatusNoContent}, nil
}

type createInput struct {
	Properties         stringMap        `json:"properties"`
	Associations       []associationsTo `json:"associations"`
	ObjectWriteTraceID string           `json:"objectWriteTraceId"`
}

type associationsTo struct {
	To struct {
		ID idText `json:"id"`
	} `json:"to"`
	Types []struct {
		Category string `json:"associationCategory"`
		TypeID   int    `json:"associationTypeId"`
	} `json:"types"`
}

// idText is an id that HubSpot's documents show as a string or as a number.
type idText string

// UnmarshalJSON takes a JSON string or number.
func (t *idText) UnmarshalJSON(raw []byte) error {
	var n json.Number
	if err := json.Unmarshal(raw, &n); err != nil {
		return err
	}
	*t = idText(n.String())
	return nil
}

func (s *Sandbox) createObject(c *hubSpotCall) (reply, *refusal) {
	var in createInput
	if ref := s.decode(c, "SimplePublicObjectInputForCreate", &in); ref != nil {
		return reply{}, ref
	}
	s.mu.Lock()
	r, ref := s.createChecked(c.t, &in)
	if ref == nil {
		s.touch()
	}
	s.mu.Unlock()
	if ref != nil {
		return reply{}, ref
	}
	return reply{http.StatusCreated, s.written(r, c.t, in.Properties, in.ObjectWriteTraceID)}, nil
}

// createChecked makes a record from the API; the lock is held.
func (s *Sandbox) createChecked(t *objectType, in *createInput) (*Record, *refusal) {
	links, ref := s.checkCreate(t, in)
	if ref != nil {
		return nil, ref
	}
	r := s.create(t, in.Properties, s.integration())
	for _, l := range links {
		s.associate(Link{t.name, r.ID}, l.to, l.typeID, l.category)
	}
	return s.st.tables[t.name].get(r.ID), nil
}

type checkedLink struct {
	to       Link
	typeID   int
	category string
}

// checkCreate proves that a record could be made; the lock is held.
func (s *Sandbox) checkCreate(t *objectType, in *createInput) ([]checkedLink, *refusal) {
	if ref := s.checkWrite(t, "", in.Properties); ref != nil {
		return nil, ref
	}
	for _, name := range t.required {
		if in.Properties[name] == "" {
			return nil, refusef(http.StatusBadRequest, "hubspot/required", "Error creating %s. Some required properties were not set: [%s]", strings.ToUpper(t.singular), name)
		}
	}
	var links []checkedLink
	for _, a := range in.Associations {
		for _, spec := range a.Types {
			to, ref := s.checkAssociation(t, string(a.To.ID), spec.TypeID, spec.Category)
			if ref != nil {
				return nil, ref
			}
			links = append(links, checkedLink{to, spec.TypeID, spec.Category})
		}
	}
	return links, nil
}

// checkAssociation finds the record that an association type leads to.
func (s *Sandbox) checkAssociation(from *objectType, id string, typeID int, category string) (Link, *refusal) {
	if !slices.Contains([]string{hubSpotDefined, "USER_DEFINED", "INTEGRATOR_DEFINED"}, category) {
		return Link{}, refusef(http.StatusBadRequest, "hubspot/association_category", "unknown association category %q", category)
	}
	for _, ids := range []map[[2]string]int{associationTypeIDs, primaryTypeIDs} {
		for ends, n := range ids {
			if n != typeID || ends[0] != from.name {
				continue
			}
			if s.st.Record(ends[1], id) == nil {
				return Link{}, refusef(http.StatusBadRequest, "hubspot/association_target", "Could not find %s with id %s to associate", ends[1], id)
			}
			return Link{ends[1], id}, nil
		}
	}
	return Link{}, refusef(http.StatusBadRequest, "hubspot/association_type", "association type %d does not start at %s", typeID, from.name)
}
