package hubspot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

var _ crm.BehaviourReader = (*Client)(nil)

// Behaviour says which records tell what customers did.
type Behaviour struct {
	// Deals that are won are purchases, whose worth stands in the properties that Amount
	// and Currency name; a Currency of three capitals is that of all of them.
	Deals            bool
	Amount, Currency string
	// Tickets are those of customers.
	Tickets bool
}

// HubSpot's properties of what customers did.
const (
	dealWon      = "hs_is_closed_won"
	dealClosed   = "closedate"
	ticketClosed = "closed_date"
	createdAt    = "createdate"
	modifiedAt   = "hs_lastmodifieddate"
)

func (b Behaviour) worth() survey.Conversion {
	return survey.Conversion{Amount: b.Amount, Currency: b.Currency}
}

// properties are those that a record of a type is read with.
func (b Behaviour) properties(objectType string) []string {
	if objectType == survey.ObjectDeal {
		return append([]string{dealWon, dealClosed, modifiedAt}, b.worth().Fields()...)
	}
	return []string{createdAt, ticketClosed, modifiedAt}
}

// ReadsBehaviour implements crm.BehaviourReader.
func (c *Client) ReadsBehaviour(objectType string) bool {
	switch objectType {
	case survey.ObjectDeal:
		return c.options.Behaviour.Deals
	case survey.ObjectTicket:
		return c.options.Behaviour.Tickets
	}
	return false
}

// Behaviour implements crm.BehaviourReader.
func (c *Client) Behaviour(ctx context.Context, objectType string, ids []string, asOf time.Time) ([]survey.Behaviour, error) {
	records, err := c.readAll(ctx, typeNames[objectType], ids, c.options.Behaviour.properties(objectType))
	if err != nil {
		return nil, err
	}
	told, err := c.behaviour(ctx, objectType, records, asOf)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(records, func(r record) bool { return r.ID == id }) {
			told = append(told, c.ended(objectType, id, asOf))
		}
	}
	return told, nil
}

// BehaviourPage implements crm.BehaviourReader. Like Audience it asks for the ids beyond the
// cursor. Where everything is read, deals that are not won are left out.
func (c *Client) BehaviourPage(ctx context.Context, query crm.BehaviourQuery) (crm.BehaviourPage, error) {
	cursor, err := strconv.ParseUint(cmp.Or(query.After, "0"), 10, 64)
	if err != nil {
		return crm.BehaviourPage{}, badAudience(errors.New("the cursor is not a record's id"))
	}
	var filters []filter
	switch {
	case !query.Since.IsZero():
		filters = append(filters, filter{modifiedAt, "GTE", strconv.FormatInt(query.Since.UnixMilli(), 10)})
	case query.ObjectType == survey.ObjectDeal:
		filters = append(filters, filter{dealWon, "EQ", "true"})
	}
	found, err := c.searchPage(ctx, typeNames[query.ObjectType], filters, c.options.Behaviour.properties(query.ObjectType), cursor)
	if err != nil {
		return crm.BehaviourPage{}, err
	}
	page := crm.BehaviourPage{Next: found.next, Total: found.total}
	if page.Told, err = c.behaviour(ctx, query.ObjectType, found.records, time.Time{}); err != nil {
		return crm.BehaviourPage{}, err
	}
	return page, nil
}

// behaviour turns records of a type into what they tell, in their order, with whose they
// are: the contact and the company that are primary, else the first. A record that does not
// say when it was changed tells it as of a moment.
func (c *Client) behaviour(ctx context.Context, objectType string, records []record, asOf time.Time) ([]survey.Behaviour, error) {
	ids := make([]string, len(records))
	for i, r := range records {
		ids[i] = r.ID
	}
	people, err := c.associated(ctx, typeNames[objectType], contacts, ids)
	if err != nil {
		return nil, err
	}
	firms, err := c.associated(ctx, typeNames[objectType], companies, ids)
	if err != nil {
		return nil, err
	}
	told := make([]survey.Behaviour, len(records))
	for i, r := range records {
		b := c.told(objectType, r, asOf)
		if id := people[r.ID]; id != "" && !b.OnlyKnown {
			b.Contact = survey.Tell(survey.RecordKey(c.options.ID, id), b.End.AsOf)
		}
		if id := firms[r.ID]; id != "" && !b.OnlyKnown {
			b.Account = survey.Tell(survey.RecordKey(c.options.ID, id), b.End.AsOf)
		}
		told[i] = b
	}
	return told, nil
}

// told is what the properties of a record tell.
func (c *Client) told(objectType string, r record, asOf time.Time) survey.Behaviour {
	if at, ok := momentOf(r.Properties[modifiedAt]); ok {
		asOf = at
	}
	b := c.ended(objectType, r.ID, asOf)
	if objectType == survey.ObjectDeal && r.Properties[dealWon] != "true" {
		return b
	}
	b.OnlyKnown, b.End = false, survey.Tell(time.Time{}, asOf)
	begun := r.Properties[createdAt]
	if objectType == survey.ObjectDeal {
		begun = r.Properties[dealClosed]
		if amount, currency, known := c.options.Behaviour.worth().Worth(func(name string) string { return r.Properties[name] }); known && currency != "" {
			b.Worth = survey.Tell(survey.Worth{Amount: amount, Currency: currency}, asOf)
		}
	} else if at, closed := momentOf(r.Properties[ticketClosed]); closed {
		b.End.Value = at
	}
	if at, ok := momentOf(begun); ok {
		b.Start = survey.Tell(survey.Start{At: at}, asOf)
	} else {
		b.Start = survey.Tell(survey.Start{At: asOf, Guessed: true}, asOf)
	}
	return b
}

// ended tells of a record that it is nothing of the kind any more: a deal that was won
// and is not, or a record that was deleted.
func (c *Client) ended(objectType, id string, asOf time.Time) survey.Behaviour {
	kind := survey.PurchaseKind
	if objectType == survey.ObjectTicket {
		kind = survey.TicketKind
	}
	return survey.Behaviour{
		Kind: kind, CRM: c.options.ID, Source: vendor, ID: id, End: survey.Tell(asOf, asOf), OnlyKnown: true,
	}
}

// momentOf reads a time as HubSpot writes it: RFC 3339, or milliseconds.
func momentOf(text string) (time.Time, bool) {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC(), true
	}
	at, err := survey.ParseMoment(text)
	return at, err == nil
}
