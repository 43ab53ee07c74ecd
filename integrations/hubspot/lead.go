package hubspot

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// The properties that tell of a contact where it comes from.
const (
	leadSource     = "cxloop_referral_source"
	leadReferredBy = "cxloop_referred_by"
	leadID         = "cxloop_referral_id"
)

var (
	_ crm.LeadTaker  = (*Client)(nil)
	_ crm.DealReader = (*Client)(nil)
)

// CreateLead makes a contact. HubSpot has one for each mail address: a call that is made
// again is answered 409, and the contact's own property tells whether it is this lead.
func (c *Client) CreateLead(ctx context.Context, lead crm.Lead) (crm.LeadRecord, error) {
	path := "/crm/objects/" + c.options.Version + "/" + contacts
	got, err := c.call(ctx, http.MethodPost, path, map[string]any{"properties": leadProperties(lead)})
	if integrations.CodeOf(err) == "409" {
		return c.existingLead(ctx, lead, err)
	}
	if r, bad := badRows(err); bad {
		e, _ := errors.AsType[*integrations.Error](err)
		e.Code = r.Category
		return crm.LeadRecord{}, err
	}
	if err != nil {
		return crm.LeadRecord{}, err
	}
	var made record
	if err := got.decode(path, &made); err != nil {
		return crm.LeadRecord{}, err
	}
	return crm.LeadRecord{ID: made.ID}, nil
}

// leadProperties leaves out what the friend did not tell.
func leadProperties(lead crm.Lead) map[string]string {
	all := map[string]string{
		"email": lead.Friend.Email, "firstname": lead.Friend.FirstName, "lastname": lead.Friend.LastName,
		"company": lead.Friend.Company, "message": lead.Friend.Message, "lifecyclestage": "lead",
		leadSource: lead.Program, leadReferredBy: lead.ReferredBy, leadID: lead.ID,
	}
	for name, value := range all {
		if value == "" {
			delete(all, name)
		}
	}
	return all
}

// existingID is in HubSpot's answer for a mail address that it has already: "Contact
// already exists. Existing ID: 123".
var existingID = regexp.MustCompile(`Existing ID: (\d{1,20})`)

// existingLead looks at the contact for which a lead was refused.
func (c *Client) existingLead(ctx context.Context, lead crm.Lead, refused error) (crm.LeadRecord, error) {
	in := map[string]any{"properties": []string{leadID}, "inputs": inputs([]string{lead.Friend.Email}), "idProperty": "email"}
	if e, ok := errors.AsType[*callError](refused); ok {
		if id := existingID.FindStringSubmatch(e.refusal.Message); id != nil {
			in = map[string]any{"properties": []string{leadID}, "inputs": inputs(id[1:])}
		}
	}
	path := c.objects(contacts, "batch/read")
	got, err := c.call(ctx, http.MethodPost, path, in)
	if err != nil {
		return crm.LeadRecord{}, err
	}
	var page struct {
		Results []record `json:"results"`
	}
	if err := got.decode(path, &page); err != nil {
		return crm.LeadRecord{}, err
	}
	if len(page.Results) == 0 { // a contact that was made just now may not be readable yet
		return crm.LeadRecord{}, &integrations.Error{
			Vendor: vendor, Kind: integrations.RetryAfter, Code: "409", After: windowWait, Err: errors.New(path + ": the contact that is there cannot be read"),
		}
	}
	found := page.Results[0]
	return crm.LeadRecord{ID: found.ID, Existing: found.Properties[leadID] != lead.ID}, nil
}

// Deals reads deals with all their contacts.
func (c *Client) Deals(ctx context.Context, ids, properties []string) ([]crm.Deal, error) {
	deals := typeNames[survey.ObjectDeal]
	linked, err := c.associations(ctx, deals, contacts, ids)
	if err != nil {
		return nil, err
	}
	records, err := c.readAll(ctx, deals, ids, append([]string{"hs_object_id"}, properties...))
	if err != nil {
		return nil, err
	}
	out := make([]crm.Deal, len(records))
	for i, r := range records {
		out[i] = crm.Deal{ID: r.ID, Properties: attributes(r.Properties, properties)}
		for _, contact := range linked[r.ID] {
			out[i].Contacts = append(out[i].Contacts, survey.RecordKey(c.options.ID, string(contact.ToObjectID)))
		}
	}
	return out, nil
}
