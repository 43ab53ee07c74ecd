package sandbox

import (
	"fmt"
	"strconv"
	"time"
)

// Crowd is a CRM of the size that a wave of surveys goes to.
type Crowd struct {
	// Contacts are customers, one in forty without an address.
	Contacts int
	// Owners share the companies evenly. 0: none has an owner.
	Owners int
}

// crowdCompany is how many contacts a company of a crowd has.
const crowdCompany = 4

// crowdLanguages and crowdZones meet in every combination.
var (
	crowdLanguages = []string{"en", "fr", "de", "es"}
	crowdZones     = []string{
		"America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney",
	}
)

// SeedCrowd adds contacts with their companies and owners, as if they had been imported the day before: a search finds
// them at once. It sends no webhooks, and keeps no history of what it sets.
func (s *Sandbox) SeedCrowd(c Crowd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.now().Add(-24 * time.Hour)
	owners := make([]string, c.Owners)
	for i := range owners {
		s.nextID++
		owners[i] = strconv.FormatInt(s.nextID, 10)
		s.st.addOwner(&Owner{
			ID: owners[i], UserID: s.nextID, Email: fmt.Sprintf("owner%d@cxloop.example", i), FirstName: "Owner", LastName: strconv.Itoa(i), CreatedAt: at, UpdatedAt: at,
		})
	}
	for first := 0; first < c.Contacts; first += crowdCompany {
		s.seedCompany(c, first, owners, at)
	}
	s.touch()
}

// seedCompany adds the company of the contacts from one number on; the lock is held.
func (s *Sandbox) seedCompany(c Crowd, first int, owners []string, at time.Time) {
	number := first / crowdCompany
	company := s.imported(Companies, at, map[string]string{
		"name": fmt.Sprintf("Crowd %d", number), "region": "r" + strconv.Itoa(number%10), "tier": "growth", "segment": "crowd", "lifecyclestage": "customer",
	})
	if len(owners) > 0 {
		company.Properties["hubspot_owner_id"] = owners[number%len(owners)]
	}
	links := make([]Association, 0, 2*crowdCompany)
	for i := first; i < min(first+crowdCompany, c.Contacts); i++ {
		contact := s.imported(Contacts, at, map[string]string{
			"firstname": "Robin", "lastname": "No " + strconv.Itoa(i), "lifecyclestage": "customer", "associatedcompanyid": company.ID,
			"hs_language": crowdLanguages[i%len(crowdLanguages)], "hs_timezone": crowdZones[i/len(crowdLanguages)%len(crowdZones)],
		})
		if i%40 != 7 {
			email := fmt.Sprintf("c%d@crowd%d.example", i, number)
			contact.Properties["email"], s.st.contactEmails[email] = email, contact.ID
		}
		contact.Associations = map[string][]Association{Companies: bothWays(Contacts, Companies, company.ID)}
		s.publish(contact)
		links = append(links, bothWays(Companies, Contacts, contact.ID)...)
	}
	company.Associations = map[string][]Association{Contacts: links}
	s.publish(company)
}

// bothWays is the unlabelled and the primary association to a record.
func bothWays(from, to, id string) []Association {
	ends := [2]string{from, to}
	return []Association{
		{ToID: id, TypeID: associationTypeIDs[ends], Category: hubSpotDefined}, {ToID: id, TypeID: primaryTypeIDs[ends], Category: hubSpotDefined},
	}
}

// imported makes a record that is not yet published; the lock is held.
func (s *Sandbox) imported(name string, at time.Time, properties map[string]string) *Record {
	s.nextID++
	t := lookupType(name)
	r := &Record{Type: name, ID: strconv.FormatInt(firstRecordID+s.nextID, 10), Properties: properties, CreatedAt: at, UpdatedAt: at}
	properties["hs_object_id"] = r.ID
	properties[t.created()], properties[t.modified] = timestamp(at), timestamp(at)
	return r
}

// publish adds a record to its table; the lock is held.
func (s *Sandbox) publish(r *Record) {
	if s.st.tables[r.Type] == nil {
		s.st.tables[r.Type] = &table{}
	}
	s.st.tables[r.Type].put(r)
}
