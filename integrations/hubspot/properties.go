package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/survey"
)

// propertyGroup is where an administrator finds cxloop's properties.
const propertyGroup = "cxloop"

type property struct {
	Name        string   `json:"name"`
	Label       string   `json:"label"`
	Type        string   `json:"type"`
	FieldType   string   `json:"fieldType"`
	GroupName   string   `json:"groupName"`
	Description string   `json:"description"`
	Options     []option `json:"options,omitempty"`
}

type option struct {
	Label        string `json:"label"`
	Value        string `json:"value"`
	DisplayOrder int    `json:"displayOrder"`
	Hidden       bool   `json:"hidden"`
}

func number(name, label, description string) property {
	return property{Name: name, Label: label, Type: "number", FieldType: "number", GroupName: propertyGroup, Description: description}
}

func line(name, label, description string) property {
	return property{Name: name, Label: label, Type: "string", FieldType: "text", GroupName: propertyGroup, Description: description}
}

func moment(name, label, description string) property {
	return property{Name: name, Label: label, Type: "datetime", FieldType: "date", GroupName: propertyGroup, Description: description}
}

// choice is one of some values, which are shown in their order.
func choice(name, label, description string, options ...option) property {
	for i := range options {
		options[i].DisplayOrder = i
	}
	return property{
		Name: name, Label: label, Type: "enumeration", FieldType: "select", GroupName: propertyGroup, Description: description, Options: options,
	}
}

// propertiesOf are those of a type of HubSpot's objects.
type propertiesOf struct {
	objectType string
	properties []property
}

// ownProperties are what cxloop writes, by HubSpot's object type.
var ownProperties = []propertiesOf{
	{contacts, []property{
		number(survey.SignalNPSLast, "CX: last NPS score", "0 to 10, written by cxloop"),
		choice(survey.SignalNPSBand, "CX: NPS band", "Of the last NPS score, written by cxloop",
			option{Label: "Promoter", Value: string(survey.Promoter)},
			option{Label: "Passive", Value: string(survey.Passive)},
			option{Label: "Detractor", Value: string(survey.Detractor)}),
		moment(survey.SignalNPSLastAt, "CX: last NPS answer", "When the last NPS answer came, written by cxloop"),
		number(survey.SignalCSATLast, "CX: last CSAT score", "1 to 5 or 1 to 10, written by cxloop"),
		number(survey.SignalCESLast, "CX: last CES score", "1 to 7, written by cxloop"),
		number(survey.SignalOpenCases, "CX: open cases", "Written by cxloop"),
		number(survey.SignalUnanswered, "CX: unanswered surveys, 12 months", "Surveys of the last 12 months that ended without an answer, written by cxloop"),
		number(survey.SignalReferrals, "CX: friends who came", "Friends who left their details by this contact's link, written by cxloop"),
		number(survey.SignalReferralsWon, "CX: deals won with friends", "Deals won with friends of this contact, written by cxloop"),
		line(leadSource, "CX: referral program", "The survey program by which this contact was recommended, written by cxloop"),
		line(leadReferredBy, "CX: recommended by", "The record id of the contact who recommended this one, written by cxloop"),
		line(leadID, "CX: referral", "The id by which cxloop knows this contact as a lead, written by cxloop"),
	}},
	{companies, []property{
		number(survey.SignalAccountNPS, "CX: NPS of the company", "-100 to 100, written by cxloop"),
		number(survey.SignalAccountNPSN, "CX: NPS responses of the company", "Written by cxloop"),
		number(survey.SignalOpenCases, "CX: open cases", "Written by cxloop"),
	}},
}

// EnsureProperties creates the properties that Push writes where they are
// missing, or with dryRun only says which are, each as "contacts.cx_nps_last".
// It is safe to repeat.
func (c *Client) EnsureProperties(ctx context.Context, dryRun bool) (missing []string, err error) {
	return c.ensure(ctx, ownProperties, dryRun)
}

func (c *Client) ensure(ctx context.Context, all []propertiesOf, dryRun bool) (missing []string, err error) {
	for _, own := range all {
		base := "/crm/properties/" + c.options.Version + "/" + own.objectType
		have, err := c.names(ctx, base)
		if err != nil {
			return missing, err
		}
		grouped := false
		for _, p := range own.properties {
			if have[p.Name] {
				continue
			}
			missing = append(missing, own.objectType+"."+p.Name)
			if dryRun {
				continue
			}
			if !grouped {
				if err := c.ensureGroup(ctx, base+"/groups"); err != nil {
					return missing, err
				}
				grouped = true
			}
			if err := c.create(ctx, base, p); err != nil {
				return missing, err
			}
		}
	}
	return missing, nil
}

func (c *Client) ensureGroup(ctx context.Context, path string) error {
	have, err := c.names(ctx, path)
	if err != nil || have[propertyGroup] {
		return err
	}
	return c.create(ctx, path, map[string]any{"name": propertyGroup, "label": propertyGroup})
}

// names lists what is defined at a path.
func (c *Client) names(ctx context.Context, path string) (map[string]bool, error) {
	got, err := c.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	var page struct {
		Results []struct {
			Name string `json:"name"`
		} `json:"results"`
	}
	if err := got.decode(path, &page); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, r := range page.Results {
		names[r.Name] = true
	}
	return names, nil
}

// create makes a definition. One that somebody else made meanwhile is fine.
func (c *Client) create(ctx context.Context, path string, definition any) error {
	_, err := c.call(ctx, http.MethodPost, path, definition)
	e, ok := errors.AsType[*integrations.Error](err)
	switch {
	case !ok:
		return err
	case e.Code == "409":
		return nil
	case e.Code == "403":
		e.Hint = "give the HubSpot app the scopes crm.schemas.contacts.write and crm.schemas.companies.write"
	}
	return fmt.Errorf("create a property: %w", e)
}
