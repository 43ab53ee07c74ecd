package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// readOnlyProperties are computed by the CRM: writing them is refused.
var readOnlyProperties = map[string]bool{
	"hs_object_id": true, "createdate": true, "lastmodifieddate": true, "hs_lastmodifieddate": true,
	"hs_createdate": true, "hs_is_closed": true, "hs_is_closed_won": true,
}

// standardProperties are those of HubSpot's own that matter to cxloop, by object type: name, then type/fieldType.
var standardProperties = map[string][][2]string{
	Contacts: {
		{"email", "string/text"}, {"firstname", "string/text"}, {"lastname", "string/text"}, {"phone", "string/phonenumber"},
		{"mobilephone", "string/phonenumber"}, {"company", "string/text"}, {"jobtitle", "string/text"}, {"lifecyclestage", "enumeration/radio"},
		{"hs_language", "enumeration/select"}, {"hs_timezone", "enumeration/select"}, {"country", "string/text"}, {"city", "string/text"},
		{"hubspot_owner_id", "enumeration/select"}, {"associatedcompanyid", "number/number"}, {"hs_email_optout", "bool/booleancheckbox"},
		{"hs_legal_basis", "enumeration/checkbox"}, {"message", "string/textarea"},
	},
	Companies: {
		{"name", "string/text"}, {"domain", "string/text"}, {"industry", "enumeration/select"}, {"country", "string/text"}, {"city", "string/text"},
		{"lifecyclestage", "enumeration/radio"}, {"hubspot_owner_id", "enumeration/select"}, {"annualrevenue", "number/number"},
		{"numberofemployees", "number/number"}, {"hs_timezone", "string/text"},
		// An account's own fields, as RevOps would have added them.
		{"region", "string/text"}, {"tier", "string/text"}, {"segment", "string/text"},
	},
	Deals: {
		{"dealname", "string/text"}, {"dealstage", "enumeration/radio"}, {"pipeline", "enumeration/select"}, {"amount", "number/number"},
		{"deal_currency_code", "enumeration/select"}, {"closedate", "datetime/date"}, {"dealtype", "enumeration/radio"}, {"hubspot_owner_id", "enumeration/select"},
		{"hs_is_closed", "bool/calculation_equation"}, {"hs_is_closed_won", "bool/calculation_equation"},
	},
	Tickets: {
		{"subject", "string/text"}, {"content", "string/textarea"}, {"hs_pipeline", "enumeration/select"}, {"hs_pipeline_stage", "enumeration/select"},
		{"hs_ticket_priority", "enumeration/select"}, {"hs_ticket_category", "enumeration/checkbox"}, {"hubspot_owner_id", "enumeration/select"},
		{"closed_date", "datetime/date"}, {"source_type", "enumeration/select"},
	},
	Tasks: {
		{"hs_task_subject", "string/text"}, {"hs_task_body", "string/html"}, {"hs_task_status", "enumeration/select"}, {"hs_task_priority", "enumeration/select"},
		{"hs_task_type", "enumeration/select"}, {"hs_timestamp", "datetime/date"}, {"hubspot_owner_id", "enumeration/select"},
	},
	Notes: {
		{"hs_note_body", "string/html"}, {"hs_timestamp", "datetime/date"}, {"hubspot_owner_id", "enumeration/select"},
	},
}

// standardOptions are the values that HubSpot takes of some of its own enumerations (docs: CRM API, tasks and tickets);
// of the others the stand-in takes any.
var standardOptions = map[string][]string{
	"hs_task_status":     {"NOT_STARTED", "IN_PROGRESS", "WAITING", "DEFERRED", "COMPLETED"},
	"hs_task_priority":   {"NONE", "LOW", "MEDIUM", "HIGH"},
	"hs_task_type":       {"TODO", "EMAIL", "CALL"},
	"hs_ticket_priority": {"LOW", "MEDIUM", "HIGH", "URGENT"},
}

// seedBase gives a sandbox what every account has and it lacks, as after an upgrade: property definitions, owners,
// channels and users.
func (s *Sandbox) seedBase() {
	now := s.now()
	for i := range objectTypes {
		s.seedProperties(&objectTypes[i], now)
	}
	for i, o := range demoOwners {
		if s.st.Owner(o.id) == nil {
			s.st.addOwner(&Owner{ID: o.id, UserID: 9_586_500 + int64(i), Email: o.email, FirstName: o.first, LastName: o.last, CreatedAt: now, UpdatedAt: now})
		}
		if s.st.User(o.slack) == nil {
			s.st.addUser(&User{ID: o.slack, Name: o.name, RealName: o.first + " " + o.last, Email: o.email, TZ: o.tz, Locale: o.locale})
		}
	}
	if s.st.User(botUserID) == nil {
		s.st.addUser(&User{ID: botUserID, Name: "cxloop", RealName: "cxloop", Bot: true})
	}
	for i, name := range []string{"cx-cases", "cx-escalations", "cx-wins", "general"} {
		if s.st.Channel(name) == nil {
			s.st.addChannel(&Channel{ID: fmt.Sprintf("C0CX%05d", i+1), Name: name})
		}
	}
}

func (s *Sandbox) seedProperties(t *objectType, now time.Time) {
	group := t.singular + "information"
	if s.st.groups[t.name] == nil {
		s.st.groups[t.name] = map[string]*PropertyGroup{group: {Name: group, Label: group}}
	}
	defs := maps.Clone(s.st.properties[t.name])
	if defs == nil {
		defs = map[string]*Property{}
	}
	always := [][2]string{{"hs_object_id", "number/number"}, {t.created(), "datetime/date"}, {t.modified, "datetime/date"}}
	for _, p := range slices.Concat(standardProperties[t.name], always) {
		name := p[0]
		if defs[name] != nil {
			continue
		}
		kind, field, _ := strings.Cut(p[1], "/")
		options := []PropertyOption{}
		for i, value := range standardOptions[name] {
			options = append(options, PropertyOption{Label: value, Value: value, DisplayOrder: i})
		}
		defs[name] = &Property{
			Name: name, Label: name, Type: kind, FieldType: field, GroupName: group, HubSpotDefined: true,
			Options: options, ReadOnly: readOnlyProperties[name], CreatedAt: now, UpdatedAt: now,
			HasUniqueValue: name == "hs_object_id",
		}
	}
	s.st.properties[t.name] = defs
}

// botUserID is the Slack user as which the app posts.
const botUserID = "U0CXLOOP"

var demoOwners = []struct{ id, email, first, last, slack, name, tz, locale string }{
	{"41629779", "amelie.durand@cxloop.example", "Amélie", "Durand", "U0AMELIE", "amelie", "Europe/Paris", "fr-FR"},
	{"41629780", "jonas.weber@cxloop.example", "Jonas", "Weber", "U0JONAS", "jonas", "Europe/Berlin", "de-DE"},
	{"41629781", "grace.okafor@cxloop.example", "Grace", "Okafor", "U0GRACE", "grace", "America/New_York", "en-US"},
	{"41629782", "kenji.sato@cxloop.example", "Kenji", "Sato", "U0KENJI", "kenji", "Asia/Tokyo", "ja-JP"},
}

type demoContact struct{ email, first, last, language, timezone, title string }

type demoCompany struct {
	name, domain, country, region, tier, segment, revenue string
	owner                                                 int
	contacts                                              []demoContact
	deal, stage, amount                                   string
	ticket                                                string
}

var demoCompanies = []demoCompany{
	{"Nordwind Logistik GmbH", "nordwind.example", "Germany", "EMEA", "enterprise", "logistics", "48000000", 1,
		[]demoContact{{"lena.hoffmann@nordwind.example", "Lena", "Hoffmann", "de", "Europe/Berlin", "Head of Operations"}, {"tobias.krause@nordwind.example", "Tobias", "Krause", "de", "Europe/Berlin", "IT Manager"}},
		"Nordwind – fleet module", "contractsent", "84000", "Sync stops at midnight"},
	{"Atelier Lumière", "atelier-lumiere.example", "France", "EMEA", "growth", "retail", "6200000", 0,
		[]demoContact{{"camille.moreau@atelier-lumiere.example", "Camille", "Moreau", "fr", "Europe/Paris", "Directrice générale"}},
		"Atelier Lumière – annual plan", "presentationscheduled", "18500", ""},
	{"Brightwater Health", "brightwater.example", "United States", "AMER", "enterprise", "healthcare", "120000000", 2,
		[]demoContact{{"olivia.carter@brightwater.example", "Olivia", "Carter", "en", "America/New_York", "VP Patient Experience"}, {"marcus.reed@brightwater.example", "Marcus", "Reed", "en", "America/Chicago", "Program Director"}},
		"Brightwater – renewal", "decisionmakerboughtin", "260000", "Export of reports is slow"},
	{"Sakura Robotics KK", "sakura-robotics.example", "Japan", "APAC", "enterprise", "manufacturing", "91000000", 3,
		[]demoContact{{"yuki.tanaka@sakura-robotics.example", "結城", "田中", "ja", "Asia/Tokyo", "部長"}},
		"Sakura Robotics – line 2", "qualifiedtobuy", "132000", ""},
	{"Viento Sur Energía", "vientosur.example", "Spain", "EMEA", "growth", "energy", "22000000", 0,
		[]demoContact{{"lucia.fernandez@vientosur.example", "Lucía", "Fernández", "es", "Europe/Madrid", "Jefa de Compras"}},
		"Viento Sur – expansion", "contractsent", "47000", "Factura duplicada"},
	{"Café Ipanema", "cafe-ipanema.example", "Brazil", "AMER", "starter", "hospitality", "1800000", 2,
		[]demoContact{{"joao.silva@cafe-ipanema.example", "João", "Silva", "pt", "America/Sao_Paulo", "Sócio"}},
		"Café Ipanema – starter", "appointmentscheduled", "4200", ""},
	{"Polder & Zonen BV", "polder-zonen.example", "Netherlands", "EMEA", "growth", "agriculture", "9400000", 1,
		[]demoContact{{"sanne.devries@polder-zonen.example", "Sanne", "de Vries", "nl", "Europe/Amsterdam", "Financieel Directeur"}, {"bram.jansen@polder-zonen.example", "Bram", "Jansen", "nl", "Europe/Amsterdam", "Teeltmanager"}},
		"Polder & Zonen – sensors", "decisionmakerboughtin", "31000", "Login for second site"},
	{"Highland Outdoor Ltd", "highland-outdoor.example", "United Kingdom", "EMEA", "starter", "retail", "3100000", 2,
		[]demoContact{{"fiona.macleod@highland-outdoor.example", "Fiona", "MacLeod", "en", "Europe/London", "Founder"}, {"ewan.ross@highland-outdoor.example", "Ewan", "Ross", "en", "Europe/London", "E-commerce Lead"}},
		"Highland Outdoor – season", "qualifiedtobuy", "9900", ""},
}

// SeedDemo adds eight companies with owner, region, tier and segment, twelve contacts in seven languages, a deal for
// each company and some tickets. It sends no webhooks, and does nothing where there are companies already.
func (s *Sandbox) SeedDemo() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.st.tables[Companies]; t != nil && len(t.list) > 0 {
		return
	}
	by := origin{source: SourceImport, id: "userId:1"}
	companies, contacts := lookupType(Companies), lookupType(Contacts)
	deals, tickets := lookupType(Deals), lookupType(Tickets)
	for _, c := range demoCompanies {
		owner := demoOwners[c.owner].id
		company := Link{Companies, s.create(companies, map[string]string{
			"name": c.name, "domain": c.domain, "country": c.country, "region": c.region, "tier": c.tier, "segment": c.segment,
			"annualrevenue": c.revenue, "hubspot_owner_id": owner, "lifecyclestage": "customer",
		}, by).ID}
		var people []Link
		for _, p := range c.contacts {
			person := Link{Contacts, s.create(contacts, map[string]string{
				"email": p.email, "firstname": p.first, "lastname": p.last, "hs_language": p.language, "hs_timezone": p.timezone,
				"jobtitle": p.title, "company": c.name, "country": c.country, "hubspot_owner_id": owner, "lifecyclestage": "customer",
			}, by).ID}
			s.associate(person, company, 0, "")
			people = append(people, person)
		}
		deal := Link{Deals, s.create(deals, map[string]string{
			"dealname": c.deal, "dealstage": c.stage, "pipeline": "default", "amount": c.amount, "hubspot_owner_id": owner,
		}, by).ID}
		s.associate(deal, company, 0, "")
		s.associate(deal, people[0], 0, "")
		if c.ticket == "" {
			continue
		}
		ticket := Link{Tickets, s.create(tickets, map[string]string{
			"subject": c.ticket, "hs_pipeline": "0", "hs_pipeline_stage": "2", "hs_ticket_priority": "MEDIUM", "hubspot_owner_id": owner,
		}, by).ID}
		s.associate(ticket, company, 0, "")
		s.associate(ticket, people[len(people)-1], 0, "")
	}
	s.touch()
}

// AddUser adds a Slack user.
func (s *Sandbox) AddUser(u User) {
	s.change(func(st *State) { st.addUser(&u) })
}

// AddChannel adds a Slack channel.
func (s *Sandbox) AddChannel(c Channel) {
	s.change(func(st *State) { st.addChannel(&c) })
}
