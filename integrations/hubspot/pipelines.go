package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
)

// CheckTickets is an error where the pipeline or a stage that the tickets of cases go to
// is not there.
func (c *Client) CheckTickets(ctx context.Context) error {
	want := c.options.Tickets
	path := "/crm/pipelines/" + c.options.Version + "/" + tickets + "/" + url.PathEscape(want.ID)
	got, err := c.call(ctx, http.MethodGet, path, nil)
	if err = goneIfNotFound(err); integrations.CodeOf(err) == crm.CodeGone {
		return fmt.Errorf("tickets.pipeline: HubSpot has no pipeline of tickets with the id %q", want.ID)
	}
	if err != nil {
		return err
	}
	var pipeline struct {
		Stages []struct {
			ID    text   `json:"id"`
			Label string `json:"label"`
		} `json:"stages"`
	}
	if err := got.decode(path, &pipeline); err != nil {
		return err
	}
	var ids, known []string
	for _, s := range pipeline.Stages {
		ids, known = append(ids, string(s.ID)), append(known, fmt.Sprintf("%s (%s)", s.ID, s.Label))
	}
	var missing []error
	check := func(key, id string) {
		if !slices.Contains(ids, id) {
			missing = append(missing, fmt.Errorf("%s: pipeline %s has no stage %q: known are %s", key, want.ID, id, strings.Join(known, ", ")))
		}
	}
	check("tickets.open_stage", want.Open)
	for _, id := range want.Closed {
		check("tickets.closed_stages", id)
	}
	return errors.Join(missing...)
}
