package hubspot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
)

var _ crm.Lister = (*Client)(nil)

// objectID is the property that every record has its id in.
const objectID = "hs_object_id"

type filter struct {
	PropertyName string `json:"propertyName"`
	Operator     string `json:"operator"`
	Value        string `json:"value"`
}

// Audience reads a page of contacts by search. Each page is a query of its own, for
// the ids beyond the cursor: HubSpot lists no more than 10,000 results of one query,
// and its own paging counts results, so that whoever is deleted meanwhile would push
// another off the next page.
func (c *Client) Audience(ctx context.Context, query crm.AudienceQuery) (crm.AudiencePage, error) {
	records, next, err := c.search(ctx, query)
	if err != nil {
		return crm.AudiencePage{}, err
	}
	people, accounts, err := c.people(ctx, records)
	if err != nil {
		return crm.AudiencePage{}, err
	}
	return crm.AudiencePage{Contacts: people, Accounts: accounts, Next: next}, nil
}

// search reads the contacts of a page, and its Next.
func (c *Client) search(ctx context.Context, query crm.AudienceQuery) ([]record, string, error) {
	cursor, err := strconv.ParseUint(cmp.Or(query.After, "0"), 10, 64)
	switch {
	case err != nil:
		return nil, "", badAudience(errors.New("the cursor is not a record's id"))
	case len(query.Where) > crm.MaxWhere:
		return nil, "", badAudience(fmt.Errorf("%d properties, at most %d are possible", len(query.Where), crm.MaxWhere))
	}
	found, err := c.searchPage(ctx, contacts, audienceFilters(query.Where), slices.Concat(contactProperties, c.options.ContactProperties), cursor)
	if err != nil {
		return nil, "", c.explainSearch(ctx, query.Where, err)
	}
	return found.records, found.next, nil
}

// foundPage is a page of a search; next is its last id, "" where it is the last, and total
// counts the records from this page on.
type foundPage struct {
	records []record
	next    string
	total   int
}

// searchPage reads the records of a type beyond a cursor, in order of their ids.
func (c *Client) searchPage(ctx context.Context, objectType string, filters []filter, properties []string, cursor uint64) (foundPage, error) {
	path := c.objects(objectType, searchAction)
	beyond := filter{objectID, "GT", strconv.FormatUint(cursor, 10)}
	got, err := c.call(ctx, http.MethodPost, path, map[string]any{
		"sorts": []string{objectID}, "limit": crm.MaxAudience, "properties": properties,
		"filterGroups": []any{map[string]any{"filters": append(filters, beyond)}},
	})
	if err != nil {
		return foundPage{}, err
	}
	var page struct {
		Total   int      `json:"total"`
		Results []record `json:"results"`
		Paging  struct {
			Next struct {
				After text `json:"after"`
			} `json:"next"`
		} `json:"paging"`
	}
	if err := got.decode(path, &page); err != nil {
		return foundPage{}, err
	}
	last, err := lastID(page.Results, cursor)
	if err != nil {
		return foundPage{}, &integrations.Error{Vendor: vendor, Kind: integrations.RetryAfter, Code: "answer", Err: fmt.Errorf("%s: %w", path, err)}
	}
	if page.Paging.Next.After == "" && len(page.Results) < crm.MaxAudience {
		last = ""
	}
	return foundPage{page.Results, last, page.Total}, nil
}

// audienceFilters are in an order that does not change from page to page.
func audienceFilters(where map[string]string) []filter {
	var out []filter
	for _, name := range slices.Sorted(maps.Keys(where)) {
		out = append(out, filter{name, "EQ", where[name]})
	}
	return out
}

func badAudience(err error) error {
	return &integrations.Error{Vendor: vendor, Kind: integrations.Permanent, Code: "audience", Err: err}
}

// lastID returns the highest id of a page, "" of none. A page that is not of ids that
// ascend from the cursor on would ask somebody twice, or go round in circles.
func lastID(records []record, cursor uint64) (string, error) {
	for _, r := range records {
		id, err := strconv.ParseUint(r.ID, 10, 64)
		if err != nil || id <= cursor {
			return "", errors.New("the records are not in the order of their ids")
		}
		cursor = id
	}
	if len(records) == 0 {
		return "", nil
	}
	return records[len(records)-1].ID, nil
}

// explainSearch names the properties that contacts have not, where HubSpot refused a
// search: its answer says only that there was a problem.
func (c *Client) explainSearch(ctx context.Context, where map[string]string, err error) error {
	refused, ok := errors.AsType[*callError](err)
	if !ok || refused.status != http.StatusBadRequest || len(where) == 0 {
		return err
	}
	have, readErr := c.names(ctx, "/crm/properties/"+c.options.Version+"/"+contacts)
	if readErr != nil {
		return err
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(where)) {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return err
	}
	return &integrations.Error{
		Vendor: vendor, Kind: integrations.Permanent, Code: unknownProperty, Err: refused,
		Hint: "contacts in HubSpot have no property " + strings.Join(missing, ", ") + ": correct the audience's where",
	}
}
