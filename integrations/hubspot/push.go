package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
)

// BatchSize is the most updates that one Push takes.
func (c *Client) BatchSize() int { return maxRecords }

type updateInput struct {
	ID string `json:"id"`
	// WriteTraceID makes HubSpot refuse rows one by one (207) and name them.
	WriteTraceID string            `json:"objectWriteTraceId"`
	Properties   map[string]string `json:"properties"`
}

// Push writes values to contacts or accounts. When HubSpot refuses a whole batch
// for what a row holds, halves are tried until the row is found.
func (c *Client) Push(ctx context.Context, objectType string, updates []crm.Update) ([]crm.Refusal, error) {
	name, ok := typeNames[objectType]
	if !ok || len(updates) > maxRecords {
		return nil, &integrations.Error{
			Vendor: vendor, Kind: integrations.Permanent, Code: "push",
			Err: fmt.Errorf("%d updates of %q: want at most %d of a known type", len(updates), objectType, maxRecords),
		}
	}
	if len(updates) == 0 {
		return nil, nil
	}
	refused, err := c.update(ctx, name, updates)
	r, bad := badRows(err)
	switch {
	case !bad:
		return refused, err
	case len(updates) == 1:
		return []crm.Refusal{refusalOf(updates[0].ID, r)}, nil
	}
	half := len(updates) / 2
	low, err := c.Push(ctx, objectType, updates[:half])
	if err != nil {
		return nil, err
	}
	high, err := c.Push(ctx, objectType, updates[half:])
	if err != nil {
		return nil, err
	}
	return append(low, high...), nil
}

func (c *Client) update(ctx context.Context, name string, updates []crm.Update) ([]crm.Refusal, error) {
	in := make([]updateInput, len(updates))
	for i, u := range updates {
		in[i] = updateInput{ID: u.ID, WriteTraceID: u.ID, Properties: u.Values}
	}
	path := c.objects(name, "batch/update")
	got, err := c.call(ctx, http.MethodPost, path, map[string]any{"inputs": in})
	if err != nil || got.status != http.StatusMultiStatus {
		return nil, err
	}
	var page struct {
		Results []struct {
			ID           string `json:"id"`
			WriteTraceID string `json:"objectWriteTraceId"`
		} `json:"results"`
		Errors []refusal `json:"errors"`
	}
	if err := got.decode(path, &page); err != nil {
		return nil, err
	}
	why := map[string]refusal{}
	var unnamed refusal
	for _, r := range page.Errors {
		if r.hasUnknownProperty() {
			return nil, &integrations.Error{
				Vendor: vendor, Kind: integrations.Permanent, Code: unknownProperty, Hint: setupHint,
				Err: errors.New(path + ": " + r.describe()),
			}
		}
		named := append(r.Context.IDs, r.Context.WriteTraceIDs...)
		for _, id := range named {
			why[id] = r
		}
		if len(named) == 0 {
			unnamed = r
		}
	}
	taken := map[string]bool{}
	for _, r := range page.Results {
		taken[r.ID], taken[r.WriteTraceID] = true, true
	}
	var refused []crm.Refusal
	for _, u := range updates {
		if r, ok := why[u.ID]; ok {
			refused = append(refused, refusalOf(u.ID, r))
		} else if !taken[u.ID] {
			refused = append(refused, refusalOf(u.ID, unnamed))
		}
	}
	return refused, nil
}

func refusalOf(id string, r refusal) crm.Refusal {
	code := r.Category
	if code == "" {
		code = "refused"
	}
	return crm.Refusal{ID: id, Code: code, Reason: r.describe()}
}
