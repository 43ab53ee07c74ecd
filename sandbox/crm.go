package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sources of a change, as HubSpot names them in changeSource.
const (
	SourceUser        = "CRM_UI"
	SourceIntegration = "INTEGRATION"
	SourceImport      = "IMPORT"

	sourceCalculated = "CALCULATED"
)

// ErrNotFound is returned for a record, message, view or action that does not exist.
var ErrNotFound = errors.New("not found")

// objectType is what the CRM knows of one of its object types.
type objectType struct {
	name, id, singular string
	// modified is the property that holds the time of the last change; contacts differ from the rest.
	modified string
	// required must be set when a record is created through the API.
	required []string
}

var objectTypes = []objectType{
	{name: Contacts, id: "0-1", singular: "contact", modified: "lastmodifieddate"},
	{name: Companies, id: "0-2", singular: "company", modified: "hs_lastmodifieddate"},
	{name: Deals, id: "0-3", singular: "deal", modified: "hs_lastmodifieddate"},
	{name: Tickets, id: "0-5", singular: "ticket", modified: "hs_lastmodifieddate", required: []string{"hs_pipeline_stage"}},
	{name: Tasks, id: "0-27", singular: "task", modified: "hs_lastmodifieddate", required: []string{"hs_timestamp"}},
	{name: Notes, id: "0-46", singular: "note", modified: "hs_lastmodifieddate", required: []string{"hs_timestamp"}},
}

// created is the property that holds the time of creation; activities differ from the rest.
func (t *objectType) created() string {
	if t.name == Tasks || t.name == Notes {
		return "hs_createdate"
	}
	return "createdate"
}

// typeByName maps every way to name an object type in a path (name, singular, id) to it.
var typeByName = func() map[string]*objectType {
	m := map[string]*objectType{}
	for i := range objectTypes {
		t := &objectTypes[i]
		m[t.name], m[t.id], m[t.singular] = t, t, t
	}
	return m
}()

// lookupType finds an object type by name, singular or id in any letter case, nil where there is none.
func lookupType(name string) *objectType { return typeByName[strings.ToLower(name)] }

// associationTypeIDs are HubSpot's unlabelled association types by direction (docs: CRM associations, "association
// type ID values").
var associationTypeIDs = map[[2]string]int{
	{Contacts, Companies}: 279, {Companies, Contacts}: 280,
	{Deals, Contacts}: 3, {Contacts, Deals}: 4,
	{Deals, Companies}: 341, {Companies, Deals}: 342,
	{Tickets, Contacts}: 16, {Contacts, Tickets}: 15,
	{Tickets, Companies}: 339, {Companies, Tickets}: 340,
	{Tickets, Deals}: 28, {Deals, Tickets}: 27,
	{Tasks, Contacts}: 204, {Contacts, Tasks}: 203,
	{Tasks, Companies}: 192, {Companies, Tasks}: 191,
	{Tasks, Deals}: 216, {Deals, Tasks}: 215,
	{Tasks, Tickets}: 230, {Tickets, Tasks}: 229,
	{Notes, Contacts}: 202, {Contacts, Notes}: 201,
	{Notes, Companies}: 190, {Companies, Notes}: 189,
	{Notes, Deals}: 214, {Deals, Notes}: 213,
	{Notes, Tickets}: 228, {Tickets, Notes}: 227,
}

// primaryTypeIDs are the types of the association to a record's primary company and back. Its label is "Primary".
var primaryTypeIDs = map[[2]string]int{
	{Contacts, Companies}: 1, {Companies, Contacts}: 2, {Deals, Companies}: 5, {Companies, Deals}: 6,
	{Tickets, Companies}: 26, {Companies, Tickets}: 25,
}

// Link names a record at the other end of an association.
type Link struct{ Type, ID string }

// timestamp formats a time as the CRM does.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Create makes a record as a person would in the CRM, associates it both ways, and sends webhooks for its subscribed
// properties. It fails for an unknown type, property or link.
func (s *Sandbox) Create(objectType string, properties map[string]string, links ...Link) (*Record, error) {
	t := lookupType(objectType)
	if t == nil {
		return nil, fmt.Errorf("object type %q: %w", objectType, ErrNotFound)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range properties {
		if s.st.properties[t.name][name] == nil {
			return nil, fmt.Errorf("property %q of %s: %w", name, t.name, ErrNotFound)
		}
	}
	for _, l := range links {
		if lt := lookupType(l.Type); lt == nil || s.st.Record(lt.name, l.ID) == nil {
			return nil, fmt.Errorf("%s %q: %w", l.Type, l.ID, ErrNotFound)
		}
	}
	r := s.create(t, properties, origin{source: SourceUser, id: "userId:1", emit: true})
	for _, l := range links {
		s.associate(Link{t.name, r.ID}, Link{lookupType(l.Type).name, l.ID}, 0, "")
	}
	s.touch()
	return s.st.tables[t.name].get(r.ID), nil
}

// CreateCompany makes a company; see Create.
func (s *Sandbox) CreateCompany(properties map[string]string) (*Record, error) {
	return s.Create(Companies, properties)
}

// CreateContact makes a contact of a company, or of none where companyID is "".
func (s *Sandbox) CreateContact(properties map[string]string, companyID string) (*Record, error) {
	return s.Create(Contacts, properties, linksTo(companyID)...)
}

// CreateDeal makes a deal of a company, or of none where companyID is "", with its contacts.
func (s *Sandbox) CreateDeal(properties map[string]string, companyID string, contactIDs ...string) (*Record, error) {
	return s.Create(Deals, properties, linksTo(companyID, contactIDs...)...)
}

// CreateTicket makes a ticket of a company, or of none where companyID is "", with its contacts.
func (s *Sandbox) CreateTicket(properties map[string]string, companyID string, contactIDs ...string) (*Record, error) {
	return s.Create(Tickets, properties, linksTo(companyID, contactIDs...)...)
}

func linksTo(companyID string, contactIDs ...string) []Link {
	var links []Link
	if companyID != "" {
		links = append(links, Link{Companies, companyID})
	}
	for _, id := range contactIDs {
		links = append(links, Link{Contacts, id})
	}
	return links
}

// SetProperty changes one property of a record and sends a webhook if it is subscribed and really changed. source is
// one of the Source constants or any other changeSource; "" is SourceUser.
func (s *Sandbox) SetProperty(objectType, id, name, value, source string) error {
	t := lookupType(objectType)
	if t == nil {
		return fmt.Errorf("object type %q: %w", objectType, ErrNotFound)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.st.Record(t.name, id) == nil {
		return fmt.Errorf("%s %q: %w", t.name, id, ErrNotFound)
	}
	if s.st.properties[t.name][name] == nil {
		return fmt.Errorf("property %q of %s: %w", name, t.name, ErrNotFound)
	}
	s.update(t, id, map[string]string{name: value}, s.originOf(source))
	s.touch()
	return nil
}

// Archive deletes a record: it is no longer found.
func (s *Sandbox) Archive(objectType, id string) error {
	t := lookupType(objectType)
	if t == nil {
		return fmt.Errorf("object type %q: %w", objectType, ErrNotFound)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.st.Record(t.name, id)
	if old == nil {
		return fmt.Errorf("%s %q: %w", t.name, id, ErrNotFound)
	}
	r := *old
	r.Archived, r.UpdatedAt = true, s.now()
	s.st.tables[t.name].put(&r)
	s.touch()
	return nil
}

// Record returns a CRM record, nil where there is none.
func (s *Sandbox) Record(objectType, id string) *Record {
	t := lookupType(objectType)
	if t == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.st.Record(t.name, id)
}

// ContactByEmail returns the contact with that address, nil where there is none.
func (s *Sandbox) ContactByEmail(email string) *Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.st.ContactByEmail(email)
}

// origin says who writes, and whether webhooks tell of it.
type origin struct {
	source, id string
	emit       bool
}

func (s *Sandbox) originOf(source string) origin {
	switch source {
	case SourceIntegration:
		return origin{source: source, id: strconv.FormatInt(s.opts.HubSpot.AppID, 10), emit: true}
	case "":
		source = SourceUser
	}
	return origin{source: source, id: "userId:1", emit: true}
}

// create publishes a new record; the lock is held and the properties are known to be valid.
func (s *Sandbox) create(t *objectType, properties map[string]string, by origin) *Record {
	now := s.now()
	s.nextID++
	r := &Record{
		Type: t.name, ID: strconv.FormatInt(firstRecordID+s.nextID, 10), CreatedAt: now,
		Properties: map[string]string{}, History: map[string][]PropertyVersion{},
	}
	if s.st.tables[t.name] == nil {
		s.st.tables[t.name] = &table{}
	}
	all := maps.Clone(properties)
	if all == nil {
		all = map[string]string{}
	}
	all["hs_object_id"] = r.ID
	all[t.created()] = timestamp(now)
	s.write(t, r, all, now, by)
	return r
}

// firstRecordID puts record ids in the range of the vendor's own: beyond 32 bits.
const firstRecordID = 508_369_434_000

// update publishes a new version of a record; the lock is held and the properties are known to be valid.
func (s *Sandbox) update(t *objectType, id string, properties map[string]string, by origin) *Record {
	r := s.st.tables[t.name].get(id).clone()
	s.write(t, r, properties, s.now(), by)
	return r
}

// write sets what differs, with what the CRM derives from it, and publishes the record.
func (s *Sandbox) write(t *objectType, r *Record, properties map[string]string, now time.Time, by origin) {
	changed := false
	set := func(name, value string) {
		old, ok := r.Properties[name]
		if ok && old == value {
			return
		}
		changed = true
		r.Properties[name] = value
		versions := r.History[name]
		if ok && len(versions) == 0 {
			versions = []PropertyVersion{{Value: old, At: r.CreatedAt, Source: SourceImport}}
		}
		if len(versions) >= s.opts.Keep.History {
			versions = slices.Clone(versions[len(versions)-s.opts.Keep.History+1:])
		}
		r.History[name] = append(versions, PropertyVersion{Value: value, At: now, Source: by.source, SourceID: by.id})
		if by.emit {
			s.emit(t, r.ID, name, value, now, by)
		}
	}
	oldEmail := strings.ToLower(r.Get("email"))
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		set(name, properties[name])
	}
	for name, value := range derived(t, r, now) {
		if _, given := properties[name]; !given {
			set(name, value)
		}
	}
	if changed {
		set(t.modified, timestamp(now))
		r.UpdatedAt = now
	}
	s.st.tables[t.name].put(r)
	if email := strings.ToLower(r.Get("email")); t.name == Contacts && email != oldEmail {
		delete(s.st.contactEmails, oldEmail)
		if email != "" {
			s.st.contactEmails[email] = r.ID
		}
	}
}

// derived is what the CRM itself sets when a deal or ticket is closed.
func derived(t *objectType, r *Record, now time.Time) map[string]string {
	switch {
	case t.name == Deals && r.Get("dealstage") != "":
		won, lost := r.Get("dealstage") == "closedwon", r.Get("dealstage") == "closedlost"
		out := map[string]string{"hs_is_closed_won": strconv.FormatBool(won), "hs_is_closed": strconv.FormatBool(won || lost)}
		if (won || lost) && r.Get("hs_is_closed") != "true" {
			out["closedate"] = timestamp(now)
		}
		return out
	case t.name == Tickets && r.Get("hs_pipeline_stage") == "4" && r.Get("closed_date") == "":
		return map[string]string{"closed_date": timestamp(now)}
	}
	return nil
}

// associate links two records both ways, by the unlabelled type and, where typeID is not 0, by that type too; the lock
// is held. The first company of a record becomes its primary one.
func (s *Sandbox) associate(from, to Link, typeID int, category string) {
	member, company := from, to
	if from.Type == Companies {
		member, company = to, from
	}
	_, can := primaryTypeIDs[[2]string{member.Type, company.Type}]
	first := can && len(s.st.tables[member.Type].get(member.ID).Associations[Companies]) == 0
	s.addAssociation(from, to, associationTypeIDs[[2]string{from.Type, to.Type}], hubSpotDefined)
	s.addAssociation(to, from, associationTypeIDs[[2]string{to.Type, from.Type}], hubSpotDefined)
	s.addAssociation(from, to, typeID, cmp.Or(category, hubSpotDefined))
	if first {
		s.makePrimary(member, company)
	}
}

func (s *Sandbox) makePrimary(member, company Link) {
	s.addAssociation(member, company, primaryTypeIDs[[2]string{member.Type, company.Type}], hubSpotDefined)
	s.addAssociation(company, member, primaryTypeIDs[[2]string{company.Type, member.Type}], hubSpotDefined)
	if member.Type == Contacts {
		s.update(lookupType(Contacts), member.ID, map[string]string{"associatedcompanyid": company.ID}, origin{source: sourceCalculated})
	}
}

// hubSpotDefined is the category of the association types that every account has.
const hubSpotDefined = "HUBSPOT_DEFINED"

// addAssociation adds one direction of one type; 0 is none.
func (s *Sandbox) addAssociation(from, to Link, typeID int, category string) {
	t := s.st.tables[from.Type]
	old := t.get(from.ID)
	a := Association{ToID: to.ID, TypeID: typeID, Category: category}
	if typeID == 0 || slices.Contains(old.Associations[to.Type], a) {
		return
	}
	r := *old
	r.Associations = maps.Clone(old.Associations)
	if r.Associations == nil {
		r.Associations = map[string][]Association{}
	}
	// Appending never touches what readers of the old version see: only the newest version is appended to.
	r.Associations[to.Type] = append(r.Associations[to.Type], a)
	t.put(&r)
}
