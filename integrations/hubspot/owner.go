package hubspot

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
)

var _ crm.Owners = (*Client)(nil)

// Owner returns an owner by their id. Those who were removed from the account are only
// found among the archived ones (docs: owners). The app needs the scope
// crm.objects.owners.read.
func (c *Client) Owner(ctx context.Context, id string) (crm.Owner, error) {
	for _, archived := range []string{"", "?archived=true"} {
		path := "/crm/owners/" + c.options.Version + "/" + url.PathEscape(id) + archived
		got, err := c.call(ctx, http.MethodGet, path, nil)
		if e, ok := errors.AsType[*integrations.Error](err); ok && e.Code == "404" {
			continue
		}
		if err != nil {
			return crm.Owner{}, ownersHint(err)
		}
		var found struct {
			Email    string `json:"email"`
			Archived bool   `json:"archived"`
		}
		if err := got.decode(path, &found); err != nil {
			return crm.Owner{}, err
		}
		owner := crm.Owner{ID: id, Email: found.Email, Active: !found.Archived && archived == ""}
		if owner.Active {
			err = c.officeHours(ctx, &owner)
		}
		return owner, err
	}
	return crm.Owner{ID: id}, nil
}

// ownersHint says what to do about a refusal.
func ownersHint(err error) error {
	if e, ok := errors.AsType[*integrations.Error](err); ok && e.Code == "403" {
		e.Hint = "give the HubSpot app the scope crm.objects.owners.read"
	}
	return err
}
