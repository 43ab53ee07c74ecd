package hubspot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// The most inputs of a batch call (docs: CRM objects; CRM associations).
const (
	maxRecords      = 100
	maxAssociations = 1000
)

const (
	contacts  = "contacts"
	companies = "companies"
)

// typeNames are HubSpot's names of cxloop's record types.
var typeNames = map[string]string{
	survey.ObjectContact: contacts, survey.ObjectAccount: companies,
	survey.ObjectDeal: "deals", survey.ObjectTicket: "tickets",
}

var (
	contactProperties = []string{"email", "mobilephone", "phone", "firstname", "lastname", "hs_language", "hs_timezone", "associatedcompanyid"}
	companyProperties = []string{"name", "region", "tier", "segment", "hubspot_owner_id"}
)

// Resolve finds the contacts that records are about, and their companies. A
// deal, a ticket or a company leads to one contact only, so that an event asks
// one person: the one whose association has a label that starts with "Primary",
// else the first that HubSpot lists. A contact's account is its primary company.
func (c *Client) Resolve(ctx context.Context, objects []survey.Object) (crm.Resolution, error) {
	contactOf, err := c.contactsOf(ctx, objects)
	if err != nil {
		return crm.Resolution{}, err
	}
	records, err := c.readAll(ctx, contacts, ids(contactOf), slices.Concat(contactProperties, c.options.ContactProperties))
	if err != nil {
		return crm.Resolution{}, err
	}
	found := crm.Resolution{People: map[survey.Object][]string{}}
	if found.Contacts, found.Accounts, err = c.people(ctx, records); err != nil {
		return crm.Resolution{}, err
	}
	known := map[string]bool{}
	for _, record := range records {
		known[record.ID] = true
	}
	for object, id := range contactOf {
		if known[id] {
			found.People[object] = []string{survey.RecordKey(c.options.ID, id)}
		}
	}
	return found, nil
}

// contactsOf names the contact of each record that leads to one.
func (c *Client) contactsOf(ctx context.Context, objects []survey.Object) (map[survey.Object]string, error) {
	out := map[survey.Object]string{}
	byType := map[string][]string{}
	for _, object := range objects {
		if object.Type == survey.ObjectContact {
			out[object] = object.ID
		} else if typeNames[object.Type] != "" {
			byType[object.Type] = append(byType[object.Type], object.ID)
		}
	}
	for objectType, from := range byType {
		linked, err := c.associated(ctx, typeNames[objectType], contacts, from)
		if err != nil {
			return nil, err
		}
		for id, contact := range linked {
			out[survey.Object{Type: objectType, ID: id}] = contact
		}
	}
	return out, nil
}

// people turns contacts' records into contacts, with the accounts that they belong
// to.
func (c *Client) people(ctx context.Context, records []record) ([]survey.Contact, []survey.Account, error) {
	companyOf, err := c.companiesOf(ctx, records)
	if err != nil {
		return nil, nil, err
	}
	properties := slices.Concat(companyProperties, c.options.CompanyProperties)
	firms, err := c.readAll(ctx, companies, ids(companyOf), properties)
	if err != nil {
		return nil, nil, err
	}
	var people []survey.Contact
	var accounts []survey.Account
	keys := map[string]string{}
	for _, firm := range firms {
		account := c.account(firm, properties)
		keys[firm.ID] = account.Key
		accounts = append(accounts, account)
	}
	for _, record := range records {
		people = append(people, c.contact(record, keys[companyOf[record.ID]]))
	}
	return people, accounts, nil
}

// companiesOf names the primary company of each contact that has one.
func (c *Client) companiesOf(ctx context.Context, records []record) (map[string]string, error) {
	out := map[string]string{}
	var without []string
	for _, r := range records {
		if id := r.Properties["associatedcompanyid"]; id != "" {
			out[r.ID] = id
		} else {
			without = append(without, r.ID)
		}
	}
	linked, err := c.associated(ctx, contacts, companies, without)
	if err != nil {
		return nil, err
	}
	for id, company := range linked {
		out[id] = company
	}
	return out, nil
}

type inputID struct {
	ID string `json:"id"`
}

func inputs(ids []string) []inputID {
	out := make([]inputID, len(ids))
	for i, id := range ids {
		out[i].ID = id
	}
	return out
}

// ids returns the values of a map, each once, in order.
func ids[K comparable](m map[K]string) []string {
	out := make([]string, 0, len(m))
	for _, id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// associated names the one record of a type that each record leads to, by id.
func (c *Client) associated(ctx context.Context, from, to string, of []string) (map[string]string, error) {
	all, err := c.associations(ctx, from, to, of)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(all))
	for id, linked := range all {
		out[id] = string(first(linked).ToObjectID)
	}
	return out, nil
}

// associations reads the records of a type that each record leads to, by id. Those that
// lead to none have no entry.
func (c *Client) associations(ctx context.Context, from, to string, of []string) (map[string][]association, error) {
	out := map[string][]association{}
	path := "/crm/associations/" + c.options.Version + "/" + from + "/" + to + "/batch/read"
	for chunk := range slices.Chunk(of, maxAssociations) {
		got, err := c.call(ctx, "POST", path, map[string]any{"inputs": inputs(chunk)})
		if err != nil {
			return nil, err
		}
		var page struct {
			Results []struct {
				From struct {
					ID text `json:"id"`
				} `json:"from"`
				To []association `json:"to"`
			} `json:"results"`
		}
		if err := got.decode(path, &page); err != nil {
			return nil, err
		}
		for _, r := range page.Results {
			if len(r.To) > 0 {
				out[string(r.From.ID)] = r.To
			}
		}
	}
	return out, nil
}

type association struct {
	ToObjectID text `json:"toObjectId"`
	Types      []struct {
		Label string `json:"label"`
	} `json:"associationTypes"`
}

// first returns the association that is labelled primary, else the first.
func first(all []association) association {
	for _, a := range all {
		for _, t := range a.Types {
			if len(t.Label) >= len("primary") && strings.EqualFold(t.Label[:len("primary")], "primary") {
				return a
			}
		}
	}
	return all[0]
}

type record struct {
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"` // null becomes ""
}

// readAll reads records by id. Those that do not exist are left out.
func (c *Client) readAll(ctx context.Context, objectType string, ids, properties []string) ([]record, error) {
	var out []record
	path := c.objects(objectType, "batch/read")
	for chunk := range slices.Chunk(ids, maxRecords) {
		got, err := c.call(ctx, "POST", path, map[string]any{"inputs": inputs(chunk), "properties": properties})
		if err != nil {
			return nil, err
		}
		var page struct {
			Results []record `json:"results"`
		}
		if err := got.decode(path, &page); err != nil {
			return nil, err
		}
		out = append(out, page.Results...)
	}
	return out, nil
}

func (c *Client) contact(r record, accountKey string) survey.Contact {
	p := r.Properties
	contact := survey.Contact{
		Key: survey.RecordKey(c.options.ID, r.ID), CRM: c.options.ID, ID: r.ID, AccountKey: accountKey,
		FirstName: p["firstname"], LastName: p["lastname"],
		Locale: p["hs_language"], Timezone: timezone(p["hs_timezone"]),
		Attributes:  attributes(p, c.options.ContactProperties),
		RefreshedAt: c.options.Clock.Now(),
	}
	if address := strings.TrimSpace(p["email"]); survey.ValidAddress(address) {
		contact.Email = address
	}
	for _, name := range []string{"phone", "mobilephone"} { // the mobile one is the better one
		if number, ok := survey.E164(p[name], c.options.Region); ok {
			contact.Phone = number
		}
	}
	return contact
}

func (c *Client) account(r record, properties []string) survey.Account {
	account := survey.Account{
		Key: survey.RecordKey(c.options.ID, r.ID), CRM: c.options.ID, ID: r.ID,
		Name: r.Properties["name"], Attributes: attributes(r.Properties, properties),
	}
	delete(account.Attributes, "name")
	return account
}

func attributes(values map[string]string, names []string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		if values[name] != "" {
			out[name] = values[name]
		}
	}
	return out
}

// timezone turns HubSpot's option of a zone ("america_slash_new_york") into the
// zone's name, or "" where there is none of that name.
func timezone(value string) string {
	name := value
	if strings.Contains(value, "_slash_") {
		parts := strings.FieldsFunc(strings.ReplaceAll(value, "_slash_", "/"), func(r rune) bool { return r == '/' })
		for i, part := range parts {
			words := strings.Split(part, "_")
			for j, word := range words {
				if word != "" && word != "of" && word != "es" {
					words[j] = strings.ToUpper(word[:1]) + word[1:]
				}
			}
			parts[i] = strings.Join(words, "_")
		}
		name = strings.Join(parts, "/")
	}
	if _, err := time.LoadLocation(name); err != nil {
		return ""
	}
	return name
}
