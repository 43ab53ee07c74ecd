package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of a search (docs: search the CRM).
const (
	searchPageDefault = 10
	searchPageMax     = 200
	searchResultsMax  = 10_000
	searchQueryMax    = 3000
	searchGroupsMax   = 5
	searchPerGroupMax = 6
	searchFiltersMax  = 18
	searchValuesMax   = 100
)

type searchInput struct {
	FilterGroups []filterGroup `json:"filterGroups"`
	Sorts        []searchSort  `json:"sorts"`
	Query        string        `json:"query"`
	Properties   []string      `json:"properties"`
	Limit        int           `json:"limit"`
	After        string        `json:"after"`
}

type filterGroup struct {
	Filters []searchFilter `json:"filters"`
}

type searchFilter struct {
	PropertyName string   `json:"propertyName"`
	Operator     string   `json:"operator"`
	Value        string   `json:"value"`
	HighValue    string   `json:"highValue"`
	Values       []string `json:"values"`
}

// searchSort is an order by one property.
type searchSort struct {
	PropertyName string `json:"propertyName"`
	// Direction is ASCENDING or DESCENDING.
	Direction string `json:"direction"`
}

// UnmarshalJSON takes what the API takes: an object, a property's name, or its name after "-" for descending.
func (o *searchSort) UnmarshalJSON(raw []byte) error {
	if !bytes.HasPrefix(raw, []byte{'"'}) {
		type plain searchSort
		return json.Unmarshal(raw, (*plain)(o))
	}
	var name string
	if err := json.Unmarshal(raw, &name); err != nil {
		return err
	}
	o.Direction = "ASCENDING"
	if rest, ok := strings.CutPrefix(name, "-"); ok {
		name, o.Direction = rest, "DESCENDING"
	}
	o.PropertyName = name
	return nil
}

type searchResult struct {
	Total   int             `json:"total"`
	Results []hubSpotObject `json:"results"`
	Paging  *searchPaging   `json:"paging,omitempty"`
}

type searchPaging struct {
	Next struct {
		After string `json:"after"`
	} `json:"next"`
}

// searchObjects answers from the state of SearchLag ago: HubSpot's index runs behind its writes.
func (s *Sandbox) searchObjects(c *hubSpotCall) (reply, *refusal) {
	var in searchInput
	if ref := s.decode(c, "PublicObjectSearchRequest", &in); ref != nil {
		return reply{}, ref
	}
	defs := s.definitions(c.t)
	offset, ref := checkSearch(&in, c.t, defs)
	if ref != nil {
		return reply{}, ref
	}
	found, at := s.search(c.t, &in, defs)
	out := searchResult{Total: len(found), Results: []hubSpotObject{}}
	end := min(offset+in.Limit, len(found))
	for _, r := range found[min(offset, end):end] {
		out.Results = append(out.Results, present(r, c.t, defs, in.Properties, at))
	}
	if end < len(found) {
		out.Paging = &searchPaging{}
		out.Paging.Next.After = strconv.Itoa(end)
	}
	return reply{http.StatusOK, out}, nil
}

// checkSearch sets the defaults, and returns the offset of the page.
func checkSearch(in *searchInput, t *objectType, defs map[string]*Property) (int, *refusal) {
	offset := 0
	if in.After != "" {
		n, err := strconv.Atoi(in.After)
		if err != nil || n < 0 {
			return 0, refusef(http.StatusBadRequest, "hubspot/search_after", "after %q is not an offset", in.After)
		}
		offset = n
	}
	in.Limit = cmp.Or(in.Limit, searchPageDefault)
	total := 0
	for _, g := range in.FilterGroups {
		total += len(g.Filters)
		if len(g.Filters) == 0 || len(g.Filters) > searchPerGroupMax {
			return 0, refusef(http.StatusBadRequest, "hubspot/search_filters", "a filter group has %d filters, want 1 to %d", len(g.Filters), searchPerGroupMax)
		}
	}
	switch {
	case in.Limit < 1 || in.Limit > searchPageMax:
		return 0, refusef(http.StatusBadRequest, "hubspot/search_limit", "limit %d is not 1 to %d", in.Limit, searchPageMax)
	case offset+in.Limit > searchResultsMax:
		return 0, refusef(http.StatusBadRequest, "hubspot/search_window", "paging beyond %d results is not possible", searchResultsMax)
	case len(in.Query) > searchQueryMax:
		return 0, refusef(http.StatusBadRequest, "hubspot/search_query", "the query is longer than %d characters", searchQueryMax)
	case len(in.FilterGroups) > searchGroupsMax:
		return 0, refusef(http.StatusBadRequest, "hubspot/search_groups", "%d filter groups, at most %d are allowed", len(in.FilterGroups), searchGroupsMax)
	case total > searchFiltersMax:
		return 0, refusef(http.StatusBadRequest, "hubspot/search_filters", "%d filters, at most %d are allowed", total, searchFiltersMax)
	case len(in.Sorts) > 1:
		return 0, refusef(http.StatusBadRequest, "hubspot/search_sorts", "%d sorts, at most 1 is allowed", len(in.Sorts))
	}
	for _, o := range in.Sorts {
		if defs[o.PropertyName] == nil || (o.Direction != "ASCENDING" && o.Direction != "DESCENDING") {
			return 0, refusef(http.StatusBadRequest, "hubspot/search_sorts", "cannot sort %s by %q %s", t.name, o.PropertyName, o.Direction)
		}
	}
	for _, g := range in.FilterGroups {
		for i := range g.Filters {
			if ref := g.Filters[i].check(t, defs); ref != nil {
				return 0, ref
			}
		}
	}
	return offset, nil
}

// find returns the records that match as of a time, in the order asked for, else oldest first.
func (in *searchInput) find(records []*Record, defs map[string]*Property, at time.Time) []*Record {
	var found []*Record
	for _, r := range records {
		if !r.Archived && !r.CreatedAt.After(at) && in.matches(r, defs, at) {
			found = append(found, r)
		}
	}
	if len(in.Sorts) == 1 {
		by := in.Sorts[0]
		p := defs[by.PropertyName]
		slices.SortStableFunc(found, func(a, b *Record) int {
			order := compareValues(p, a.valueAsOf(p.Name, at), b.valueAsOf(p.Name, at))
			if by.Direction == "DESCENDING" {
				return -order
			}
			return order
		})
	}
	return found
}

// matches: filter groups are alternatives, the filters of one group all hold.
func (in *searchInput) matches(r *Record, defs map[string]*Property, at time.Time) bool {
	if in.Query != "" && !r.contains(in.Query, at) {
		return false
	}
	if len(in.FilterGroups) == 0 {
		return true
	}
	for _, g := range in.FilterGroups {
		all := true
		for i := range g.Filters {
			f := &g.Filters[i]
			if !f.matches(defs[f.PropertyName], r.valueAsOf(f.PropertyName, at)) {
				all = false
				break
			}
		}
		if all {
			return true
		}
	}
	return false
}

// contains looks for a text in the properties that a query searches.
func (r *Record) contains(text string, at time.Time) bool {
	for _, name := range searchedProperties[r.Type] {
		if containsFold(r.valueAsOf(name, at), text) {
			return true
		}
	}
	return false
}

// searchedProperties are those that a query looks into (docs: search the CRM, "searchable properties").
var searchedProperties = map[string][]string{
	Contacts: {"firstname", "lastname", "email", "phone", "company"}, Companies: {"name", "domain", "phone"},
	Deals: {"dealname", "pipeline", "dealstage", "description", "dealtype"}, Tickets: {"subject", "content"},
	Tasks: {"hs_task_body", "hs_task_subject"}, Notes: {"hs_note_body"},
}
