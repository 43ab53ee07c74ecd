package sandbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PastProgram is the program that the answers of customers who come with their past belong to.
const PastProgram = "renewal-nps"

const (
	// pastSize is how many customers come at once.
	pastSize = 1000
	// maxTold and maxAnswered are what is told in one request: at most 500 and 100 are taken (docs/events.md).
	maxTold, maxAnswered = 500, 25
	// toldAtMost is how old an answer of another tool may be, on the real clock; a day less than cxloop takes.
	toldAtMost = 29 * 24 * time.Hour
)

// importPast has the CRM import companies and their people, as if they had been there before. No webhooks are sent.
func importPast(_ context.Context, p *playground, c *cast) (detail, see string, err error) {
	p.mu.Lock()
	p.pasts++
	number := p.pasts
	p.mu.Unlock()
	oldest := time.Duration(float64(toldAtMost) * min(p.opts.TimeScale, 1000))
	c.past = inventPast(uint64(number), pastSize, p.opts.Now(), oldest)
	p.s.importCustomers(c)
	first := c.people[0]
	return fmt.Sprintf("%d, each with a contact", len(c.past)), "record/contacts/" + first.ID, nil
}

// importCustomers adds invented customers to the CRM, the contacts to the run's people.
func (s *Sandbox) importCustomers(c *cast) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.now().Add(-24 * time.Hour)
	taken := map[string]bool{}
	for _, r := range s.st.Records(Companies) {
		taken[r.Name()] = true
	}
	for i := range c.past {
		one := &c.past[i]
		for name, again := one.company, 2; taken[one.company]; again++ {
			one.company = name + " " + strconv.Itoa(again)
		}
		taken[one.company] = true
		domain := domainOf(one.company)
		company := s.imported(Companies, at, map[string]string{
			"name": one.company, "domain": domain, "country": one.place.country, "region": one.place.region, "tier": one.tier, "segment": one.segment,
			"annualrevenue": strconv.Itoa(one.revenue), "hubspot_owner_id": demoOwners[one.place.owner].id, "lifecyclestage": "customer",
		})
		email := mailboxName(one.first) + "." + mailboxName(one.last) + "@" + domain
		contact := s.imported(Contacts, at, map[string]string{
			"email": email, "firstname": one.first, "lastname": one.last, "hs_language": one.place.language, "hs_timezone": one.place.timezone,
			"company": one.company, "country": one.place.country, "hubspot_owner_id": demoOwners[one.place.owner].id, "lifecyclestage": "customer",
			"associatedcompanyid": company.ID,
		})
		s.st.contactEmails[email] = contact.ID
		contact.Associations = map[string][]Association{Companies: bothWays(Contacts, Companies, company.ID)}
		company.Associations = map[string][]Association{Contacts: bothWays(Companies, Contacts, contact.ID)}
		s.publish(company)
		s.publish(contact)
		c.people, c.companies = append(c.people, contact), append(c.companies, company)
	}
	s.touch()
}

// tellPast has the shop and the help desk tell all that these customers did.
func tellPast(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	var events []any
	orders, tickets := 0, 0
	for i, one := range c.past {
		event := func(source, kind, about string, n int, what map[string]any) {
			id := fmt.Sprintf("%s-%d", c.companies[i].ID, n+1)
			what["id"] = id
			events = append(events, map[string]any{
				"specversion": "1.0", "id": about + "-" + id, "source": source, "type": kind, "data": map[string]any{
					"contact": map[string]any{"id": c.people[i].ID}, "account": map[string]any{"id": c.companies[i].ID}, about: what,
				},
			})
		}
		for n, o := range one.orders {
			event("shop", "order.paid", "order", n, map[string]any{"at": o.at, "amount": fmt.Sprintf("%d.%02d", o.cents/100, o.cents%100), "currency": "EUR"})
		}
		for n, t := range one.tickets {
			what := map[string]any{"opened_at": t.at}
			if !t.closed.IsZero() {
				what["closed_at"] = t.closed
			}
			event("helpdesk", "ticket.imported", "ticket", n, what)
		}
		orders, tickets = orders+len(one.orders), tickets+len(one.tickets)
	}
	err = p.tellAll(ctx, c, "/v1/events", "events", events, maxTold)
	return fmt.Sprintf("%d orders and %d tickets, as signed events", orders, tickets), "", err
}

// tellPastAnswers has the survey tool that was used before tell what these customers answered.
func tellPastAnswers(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	var answers []any
	comments, languages := 0, map[string]bool{}
	now, real := p.opts.Now(), p.s.now()
	for i, one := range c.past {
		contact, account := toldPeople(one, c.people[i], c.companies[i])
		for n, a := range one.answers {
			answer := map[string]any{
				"id": fmt.Sprintf("%s-%d", c.people[i].ID, n+1), "source": "former-tool", "program": PastProgram, "score": a.score, "contact": contact, "account": account,
				// The tool's clock is a real one.
				"time": real.Add(-time.Duration(float64(now.Sub(a.at)) / p.opts.TimeScale)).UTC().Format(time.RFC3339),
			}
			if a.comment != "" {
				answer["comment"] = a.comment
				comments++
				languages[one.place.language] = true
			}
			answers = append(answers, answer)
		}
	}
	err = p.tellAll(ctx, c, "/v1/responses", "responses", answers, maxAnswered)
	return fmt.Sprintf("%d answers, %d comments in %s", len(answers), comments, strings.Join(slices.Sorted(maps.Keys(languages)), ", ")), "", err
}

// toldPeople is what another system tells of a customer.
func toldPeople(one pastCustomer, person, company *Record) (contact, account map[string]any) {
	contact = map[string]any{"id": person.ID, "email": person.Get("email"), "first_name": one.first, "last_name": one.last, "locale": one.place.language}
	account = map[string]any{
		"id": company.ID, "name": one.company, "region": one.place.region, "tier": one.tier, "segment": one.segment,
		"hubspot_owner_id": company.Get("hubspot_owner_id"), "annualrevenue": company.Get("annualrevenue"),
	}
	return contact, account
}

// forecastsOnRecords waits until cxloop has written what it forecasts of these customers.
func forecastsOnRecords(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	err = p.s.WaitFor(ctx, func(st *State) bool {
		written, status := 0, ""
		for _, company := range c.companies {
			if r := st.Record(Companies, company.ID); r != nil && r.Get("cx_model_status") != "" {
				written++
				status, see = r.Get("cx_model_status"), "record/companies/"+company.ID
			}
		}
		detail = fmt.Sprintf("%d of %d companies, cx_model_status = %s", written, len(c.companies), status)
		if written > 0 {
			c.tell(detail)
		}
		return written == len(c.companies)
	})
	return detail, see, err
}
