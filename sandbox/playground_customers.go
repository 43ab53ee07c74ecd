package sandbox

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// The stages that programs listen to, as HubSpot names them.
const (
	stageWon    = "closedwon"
	stageClosed = "4"
)

// An invented customer's company is an adjective and a trade; their product is the number of names before one repeats.
var (
	companyFirst = []string{"Amber", "Blue Harbour", "Cedar", "Delta", "Evergreen", "Falcon", "Granite", "Horizon", "Ironbridge", "Juniper", "Kestrel", "Larkspur", "Meridian", "Northgate", "Orchard", "Pinnacle", "Quayside"}
	companyLast  = []string{"Analytics", "Bakeries", "Clinics", "Diagnostics", "Energy", "Foods", "Freight", "Hotels", "Instruments", "Labs", "Logistics", "Mobility", "Retail"}
)

type inventedPerson struct {
	first, last, language, timezone, country, region, title string
	owner                                                   int
}

var inventedPeople = []inventedPerson{
	{"Hannah", "Brooks", "en", "Europe/London", "United Kingdom", "EMEA", "Operations Director", 2},
	{"Daniel", "Nguyen", "en", "America/New_York", "United States", "AMER", "VP Operations", 2},
	{"Claire", "Lefèvre", "fr", "Europe/Paris", "France", "EMEA", "Directrice des opérations", 0},
	{"Priya", "Raman", "en", "America/Chicago", "United States", "AMER", "Head of Procurement", 2},
	{"Felix", "Brandt", "de", "Europe/Berlin", "Germany", "EMEA", "Leiter Einkauf", 1},
	{"Grace", "Mensah", "en", "Europe/London", "United Kingdom", "EMEA", "Chief of Staff", 2},
	{"Elena", "Ruiz", "es", "Europe/Madrid", "Spain", "EMEA", "Directora de Operaciones", 0},
}

var unhappyComments = map[string]string{
	"en": "Onboarding took three weeks longer than promised, and nobody called us back.",
	"de": "Die Einführung hat drei Wochen länger gedauert als versprochen, und niemand hat zurückgerufen.",
	"fr": "La mise en service a pris trois semaines de plus que promis, et personne ne nous a rappelés.",
	"es": "La puesta en marcha tardó tres semanas más de lo prometido y nadie nos devolvió la llamada.",
}

var delightedComments = map[string]string{
	"en": "Live in two days, and the support team answers within minutes.",
	"de": "Nach zwei Tagen produktiv, und der Support antwortet in Minuten.",
	"fr": "En service en deux jours, et l’assistance répond en quelques minutes.",
	"es": "En marcha en dos días, y el soporte responde en minutos.",
}

func commentFor(score int, language string) string {
	comments := delightedComments
	if score <= 6 {
		comments = unhappyComments
	}
	if c := comments[language]; c != "" {
		return c
	}
	return comments["en"]
}

// newCompany invents a company that the CRM does not know yet, with the person that deals with us.
func (p *playground) newCompany(tier string) (*Record, inventedPerson, error) {
	taken := map[string]bool{}
	p.s.Read(func(st *State) {
		for _, r := range st.Records(Companies) {
			taken[r.Name()] = true
		}
	})
	p.mu.Lock()
	person := inventedPeople[p.invent%len(inventedPeople)]
	var name string
	for tried := 0; name == "" || taken[name]; tried++ {
		name = companyFirst[p.invent%len(companyFirst)] + " " + companyLast[p.invent%len(companyLast)]
		if tried > len(companyFirst)*len(companyLast) {
			name += " " + strconv.Itoa(p.invent)
		}
		p.invent++
	}
	p.mu.Unlock()
	company, err := p.s.CreateCompany(map[string]string{
		"name": name, "domain": domainOf(name), "country": person.country, "region": person.region, "tier": tier,
		"segment": "services", "annualrevenue": "64000000", "hubspot_owner_id": demoOwners[person.owner].id,
	})
	return company, person, err
}

func domainOf(company string) string {
	return strings.ToLower(strings.ReplaceAll(company, " ", "-")) + ".example"
}

func (p *playground) newContact(company *Record, person inventedPerson, mailbox string) (*Record, error) {
	return p.s.CreateContact(map[string]string{
		"email": mailbox + "@" + company.Get("domain"), "firstname": person.first, "lastname": person.last,
		"hs_language": person.language, "hs_timezone": person.timezone, "jobtitle": person.title, "company": company.Name(),
		"country": person.country, "hubspot_owner_id": demoOwners[person.owner].id, "associatedcompanyid": company.ID,
	}, company.ID)
}

// newCustomer casts a company and its contact.
func (p *playground) newCustomer(c *cast, tier string) error {
	company, person, err := p.newCompany(tier)
	if err != nil {
		return err
	}
	contact, err := p.newContact(company, person, mailboxName(person.first)+"."+mailboxName(person.last))
	c.company, c.contact = company, contact
	return err
}

// submit sends the answer to the survey that a mail links to.
func (p *playground) submit(ctx context.Context, m *Mail, score int, comment string) error {
	link := regexp.MustCompile(regexp.QuoteMeta(p.opts.App) + `/s/[A-Za-z0-9._~-]+`).FindString(m.HTML() + "\n" + m.Text())
	if link == "" {
		return fmt.Errorf("survey link in mail %s: %w", m.ID, ErrNotFound)
	}
	form := url.Values{"score": {strconv.Itoa(score)}, "comment": {comment}, "done": {"1"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, link, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := p.s.opts.HTTPClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing left to do with it
	// Read, so that the connection can be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode >= 400 {
		return fmt.Errorf("the survey page answered %s", resp.Status)
	}
	return nil
}
