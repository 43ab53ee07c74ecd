package hubspot

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
)

// The properties of users (docs: users API), who are other records than owners.
const (
	users            = "users"
	userOwner        = "hubspot_owner_id"
	userZone         = "hs_standard_time_zone"
	userOutOfOffice  = "hs_out_of_office_hours" // JSON, see absences
	mostOutOfOffices = 1000
)

// officeHours adds where an owner is and when they are out of office, as their user record
// says. The app may do without the scope for it, crm.objects.users.read: then that is not
// known.
func (c *Client) officeHours(ctx context.Context, owner *crm.Owner) error {
	path := c.objects(users, searchAction)
	got, err := c.call(ctx, http.MethodPost, path, map[string]any{
		"limit": 1, "properties": []string{userZone, userOutOfOffice},
		"filterGroups": []any{map[string]any{"filters": []filter{{userOwner, "EQ", owner.ID}}}},
	})
	if e, ok := errors.AsType[*integrations.Error](err); ok && e.Kind == integrations.Permanent {
		return nil
	}
	if err != nil {
		return err
	}
	var page struct {
		Results []record `json:"results"`
	}
	if err := got.decode(path, &page); err != nil {
		return err
	}
	for _, user := range page.Results {
		owner.Absences = absences(user.Properties[userOutOfOffice])
		owner.Zone = user.Properties[userZone]
	}
	return nil
}

// absences reads hs_out_of_office_hours: a list of objects with startTimestamp and
// endTimestamp, in milliseconds since 1970. What is not one of them is left out.
func absences(text string) (found []crm.Absence) {
	var list []struct {
		Start int64 `json:"startTimestamp"`
		End   int64 `json:"endTimestamp"`
	}
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	for _, hours := range list[:min(len(list), mostOutOfOffices)] {
		if hours.Start < hours.End {
			found = append(found, crm.Absence{From: time.UnixMilli(hours.Start).UTC(), Until: time.UnixMilli(hours.End).UTC()})
		}
	}
	return found
}
