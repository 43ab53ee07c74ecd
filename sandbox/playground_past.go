package sandbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	// pastSize is how many customers come at once.
	pastSize = 400
	// pastProgram is the program that their answers belong to.
	pastProgram = "renewal-nps"
	// maxTold and maxAnswered are what one request takes (docs/events.md).
	maxTold, maxAnswered = 500, 100
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
	return fmt.Sprintf("%d companies, each with a contact", len(c.past)), "record/contacts/" + first.ID, nil
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
	var events []map[string]any
	orders, tickets := 0, 0
	for i, one := range c.past {
		data := func(more map[string]any) map[string]any {
			more["contact"], more["account"] = map[string]any{"id": c.people[i].ID}, map[string]any{"id": c.companies[i].ID}
			return more
		}
		for n, o := range one.orders {
			id := fmt.Sprintf("%s-%d", c.companies[i].ID, n+1)
			events = append(events, event("order-"+id, "shop", "order.paid", data(map[string]any{
				"order": map[string]any{"id": id, "at": o.at, "amount": fmt.Sprintf("%d.%02d", o.cents/100, o.cents%100), "currency": "EUR"},
			})))
		}
		for n, t := range one.tickets {
			id := fmt.Sprintf("%s-%d", c.companies[i].ID, n+1)
			ticket := map[string]any{"id": id, "opened_at": t.at}
			if !t.closed.IsZero() {
				ticket["closed_at"] = t.closed
			}
			events = append(events, event("ticket-"+id, "helpdesk", "ticket.imported", data(map[string]any{"ticket": ticket})))
		}
		orders, tickets = orders+len(one.orders), tickets+len(one.tickets)
	}
	sent := 0
	for batch := range slices.Chunk(events, maxTold) {
		if err := p.tell(ctx, "/v1/events", map[string]any{"events": batch}); err != nil {
			return "", "", err
		}
		sent += len(batch)
		c.tell(fmt.Sprintf("%d of %d", sent, len(events)))
	}
	return fmt.Sprintf("%d orders and %d tickets, as signed events", orders, tickets), "", nil
}

func event(id, source, kind string, data map[string]any) map[string]any {
	return map[string]any{"specversion": "1.0", "id": id, "source": source, "type": kind, "data": data}
}

// tellPastAnswers has the survey tool that was used before tell what these customers answered.
func tellPastAnswers(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	var answers []map[string]any
	comments := 0
	now, real := p.opts.Now(), p.s.now()
	for i, one := range c.past {
		person, company := c.people[i], c.companies[i]
		for n, a := range one.answers {
			answer := map[string]any{
				"id": fmt.Sprintf("%s-%d", person.ID, n+1), "source": "old-survey-tool", "program": pastProgram, "score": a.score,
				// The tool's clock is a real one.
				"time":    real.Add(-time.Duration(float64(now.Sub(a.at)) / p.opts.TimeScale)).UTC().Format(time.RFC3339),
				"contact": map[string]any{"id": person.ID, "email": person.Get("email"), "first_name": one.first, "last_name": one.last, "locale": one.place.language},
				"account": map[string]any{
					"id": company.ID, "name": one.company, "region": one.place.region, "tier": one.tier, "segment": one.segment,
					"hubspot_owner_id": company.Get("hubspot_owner_id"), "annualrevenue": one.revenue,
				},
			}
			if a.comment != "" {
				answer["comment"] = a.comment
				comments++
			}
			answers = append(answers, answer)
		}
	}
	sent := 0
	for batch := range slices.Chunk(answers, maxAnswered) {
		if err := p.tell(ctx, "/v1/responses", map[string]any{"responses": batch}); err != nil {
			return "", "", err
		}
		sent += len(batch)
		c.tell(fmt.Sprintf("%d of %d", sent, len(answers)))
	}
	return fmt.Sprintf("%d answers with %d comments, in four languages", len(answers), comments), "", nil
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

// tell sends a signed request of another system to cxloop, about contacts of the CRM.
func (p *playground) tell(ctx context.Context, path string, what map[string]any) error {
	if p.opts.App == "" || p.opts.EventsSecret == "" {
		return errors.New("cxloop's address and its secret of events are not configured")
	}
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.opts.EventsSecret, "whsec_"))
	if err != nil {
		return fmt.Errorf("secret of events: %w", err)
	}
	webhook, err := standardwebhooks.NewWebhookRaw(key)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.opts.App+path+"?"+url.Values{"crm": {p.opts.CRM}}.Encode(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	now := p.s.now()
	id := "playground-" + strconv.FormatInt(now.UnixNano(), 36)
	signature, err := webhook.Sign(id, now, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	resp, err := p.s.opts.HTTPClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing left to do with it
	said, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%s answered %s: %s", path, resp.Status, strings.TrimSpace(string(said)))
	}
	return nil
}
