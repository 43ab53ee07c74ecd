package hubspot

import (
	"cmp"
	"context"
	"errors"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
)

// made is when HubSpot made a record of an activity; tickets name it as other objects do.
const (
	madeActivity = "hs_createdate"
	madeObject   = "createdate"
)

// FindRecord implements crm.Filer.
func (c *Client) FindRecord(ctx context.Context, r crm.CaseRecord, since time.Time) (string, error) {
	return c.find(ctx, recordTypes[r.Kind], r.About, r.Mark, since)
}

// FindNote implements crm.Filer.
func (c *Client) FindNote(ctx context.Context, n crm.Note, since time.Time) (string, error) {
	return c.find(ctx, notes, n.About, n.Mark, since)
}

// find reads what is associated with a company, or a contact without one, the newest
// first, until it is older than what is looked for. Where they are gone themselves nobody
// can tell: the error's code is crm.CodeGone.
func (c *Client) find(ctx context.Context, objectType string, about crm.About, mark string, since time.Time) (string, error) {
	from, anchor := companies, about.AccountID
	if anchor == "" {
		from, anchor = contacts, about.ContactID
	}
	ids, err := c.allAssociated(ctx, from, objectType, anchor)
	if err != nil {
		return "", err
	}
	if len(ids) == 0 {
		return "", c.mustExist(ctx, from, anchor)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(b, a)) })
	for chunk := range slices.Chunk(ids, maxRecords) {
		id, older, err := c.findAmong(ctx, objectType, chunk, mark, since)
		if err != nil || id != "" || older {
			return id, err
		}
	}
	return "", nil
}

// findAmong looks through records; older says that all are from before a moment.
func (c *Client) findAmong(ctx context.Context, objectType string, ids []string, mark string, since time.Time) (id string, older bool, err error) {
	made := madeActivity
	if objectType == tickets {
		made = madeObject
	}
	records, err := c.readAll(ctx, objectType, ids, []string{bodies[objectType], made})
	if err != nil {
		return "", false, err
	}
	older = len(records) > 0
	for _, r := range records {
		if strings.Contains(html.UnescapeString(r.Properties[bodies[objectType]]), mark) {
			return r.ID, false, nil
		}
		at, err := time.Parse(time.RFC3339, r.Properties[made])
		older = older && err == nil && at.Before(since)
	}
	return "", older, nil
}

// allAssociated names every record of a type that one record leads to.
func (c *Client) allAssociated(ctx context.Context, from, to, id string) ([]string, error) {
	path := "/crm/associations/" + c.options.Version + "/" + from + "/" + to + "/batch/read"
	var ids []string
	for after := ""; ; {
		in := map[string]string{"id": id}
		if after != "" {
			in["after"] = after
		}
		got, err := c.call(ctx, http.MethodPost, path, map[string]any{"inputs": []any{in}})
		if err != nil {
			return nil, err
		}
		var page struct {
			Results []struct {
				To     []association `json:"to"`
				Paging struct {
					Next struct {
						After text `json:"after"`
					} `json:"next"`
				} `json:"paging"`
			} `json:"results"`
		}
		if err := got.decode(path, &page); err != nil {
			return nil, err
		}
		before := after
		for _, r := range page.Results {
			for _, to := range r.To {
				ids = append(ids, string(to.ToObjectID))
			}
			after = string(r.Paging.Next.After)
		}
		if after == before || after == "" {
			return ids, nil
		}
	}
}

// mustExist is an error where a record is not there any more.
func (c *Client) mustExist(ctx context.Context, objectType, id string) error {
	found, err := c.readAll(ctx, objectType, []string{id}, nil)
	if err == nil && len(found) == 0 {
		err = &integrations.Error{
			Vendor: vendor, Kind: integrations.Permanent, Code: crm.CodeGone, Err: errors.New(objectType + ": whom the case is about is gone"),
		}
	}
	return err
}
