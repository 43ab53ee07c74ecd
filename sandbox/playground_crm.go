package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// winNewDeal wins a deal of a company that is new in the CRM, so that no rule keeps its contact from being asked.
func winNewDeal(tier string) act {
	return func(_ context.Context, p *playground, c *cast) (detail, see string, err error) {
		if err := p.newCustomer(c, tier); err != nil {
			return "", "", err
		}
		deal, err := p.newDeal(c.company, c.contact, c.company.Name()+" – platform")
		if err != nil {
			return "", "", err
		}
		c.objects = []*Record{deal}
		return p.moveStage(c, "dealstage", stageWon)
	}
}

func (p *playground) newDeal(company, contact *Record, name string) (*Record, error) {
	return p.s.CreateDeal(map[string]string{
		"dealname": name, "dealstage": "contractsent", "pipeline": "default", "amount": "120000",
		"hubspot_owner_id": company.Get("hubspot_owner_id"),
	}, company.ID, contact.ID)
}

// winOpenDeal wins the first open deal whose contact had no mail yet, or one of a new company where there is none.
func winOpenDeal(ctx context.Context, p *playground, c *cast) (detail, see string, err error) {
	if !p.castOpen(c, Deals, func(r *Record) bool { return r.Get("hs_is_closed") != "true" }) {
		return winNewDeal("growth")(ctx, p, c)
	}
	return p.moveStage(c, "dealstage", stageWon)
}

// closeOpenTicket closes the first open ticket whose contact had no mail yet, or one of a new company.
func closeOpenTicket(_ context.Context, p *playground, c *cast) (detail, see string, err error) {
	if !p.castOpen(c, Tickets, func(r *Record) bool { return r.Get("hs_pipeline_stage") != stageClosed }) {
		if err := p.newCustomer(c, "growth"); err != nil {
			return "", "", err
		}
		ticket, err := p.s.CreateTicket(map[string]string{
			"subject": "Question about the last invoice", "hs_pipeline": "0", "hs_pipeline_stage": "2",
			"hs_ticket_priority": "MEDIUM", "hubspot_owner_id": c.company.Get("hubspot_owner_id"),
		}, c.company.ID, c.contact.ID)
		if err != nil {
			return "", "", err
		}
		c.objects = []*Record{ticket}
	}
	return p.moveStage(c, "hs_pipeline_stage", stageClosed)
}

// castOpen casts the first open record whose contact has not been asked, and reports whether there was one.
func (p *playground) castOpen(c *cast, objectType string, open func(*Record) bool) (found bool) {
	p.s.Read(func(st *State) {
		for _, r := range st.Records(objectType) {
			contact, company := linked(st, r, Contacts), linked(st, r, Companies)
			if !open(r) || contact == nil || company == nil || len(st.mailsTo[strings.ToLower(contact.Get("email"))]) > 0 {
				continue
			}
			c.objects, c.contact, c.company, found = []*Record{r}, contact, company, true
			return
		}
	})
	return found
}

// linked returns the first associated record of a type, nil where there is none.
func linked(st *State, r *Record, objectType string) *Record {
	for _, a := range r.Associations[objectType] {
		if other := st.Record(objectType, a.ToID); other != nil {
			return other
		}
	}
	return nil
}

// winManyDeals wins a deal with each of many contacts of one new company, as a bulk edit does.
func winManyDeals(_ context.Context, p *playground, c *cast) (detail, see string, err error) {
	company, person, err := p.newCompany("enterprise")
	if err != nil {
		return "", "", err
	}
	c.company = company
	for i := range stormSize {
		person.last = fmt.Sprintf("Branch %03d", i+1)
		contact, err := p.newContact(company, person, fmt.Sprintf("branch-%03d", i+1))
		if err != nil {
			return "", "", err
		}
		deal, err := p.newDeal(company, contact, fmt.Sprintf("%s – branch %03d", company.Name(), i+1))
		if err != nil {
			return "", "", err
		}
		c.people, c.objects = append(c.people, contact), append(c.objects, deal)
	}
	return p.moveStage(c, "dealstage", stageWon)
}

// moveStage moves the run's deals or tickets to a stage, as a person in the CRM would.
func (p *playground) moveStage(c *cast, property, stage string) (detail, see string, err error) {
	var failed error
	for _, o := range c.objects {
		failed = errors.Join(failed, p.s.SetProperty(o.Type, o.ID, property, stage, SourceUser))
	}
	first := c.objects[0]
	if len(c.objects) > 1 {
		return c.company.Name(), "record/companies/" + c.company.ID, failed
	}
	return first.Name(), "record/" + first.Type + "/" + first.ID, failed
}
