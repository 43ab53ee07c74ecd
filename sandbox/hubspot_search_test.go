package sandbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const dealSearch = "/crm/objects/2026-09/deals/search"

type hsPage struct {
	Total   int
	Results []hubSpotObject
	Paging  *searchPaging
}

func (c *hsClient) search(body any) hsPage {
	c.t.Helper()
	answer := c.call("POST", dealSearch, body)
	require.Equal(c.t, http.StatusOK, answer.status, "%s", answer.body)
	var page hsPage
	answer.decode(c.t, &page)
	return page
}

func (c *hsClient) deal(name, amount, stage string) *Record {
	c.t.Helper()
	values := map[string]string{"dealname": name, "dealstage": stage}
	if amount != "" {
		values["amount"] = amount
	}
	r, err := c.s.CreateDeal(values, "")
	require.NoError(c.t, err)
	return r
}

func TestSearchFilters(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, func(o *Options) { o.Limits.HubSpotOff = true })
	for _, d := range [][3]string{{"Alpha one", "900", "closedwon"}, {"Beta two", "1000", "qualifiedtobuy"}, {"Gamma", "", "closedwon"}} {
		c.deal(d[0], d[1], d[2])
		c.clock.advance(time.Hour)
	}
	day := c.clock.now().Format(time.DateOnly)
	tests := []struct {
		filter string
		want   []string
	}{
		{`{"propertyName":"dealstage","operator":"EQ","value":"CLOSEDWON"}`, []string{"Alpha one", "Gamma"}},
		{`{"propertyName":"dealstage","operator":"NEQ","value":"closedwon"}`, []string{"Beta two"}},
		{`{"propertyName":"amount","operator":"LT","value":"1000"}`, []string{"Alpha one"}},
		{`{"propertyName":"amount","operator":"LTE","value":"1000.0"}`, []string{"Alpha one", "Beta two"}},
		{`{"propertyName":"amount","operator":"GT","value":"900"}`, []string{"Beta two"}},
		{`{"propertyName":"amount","operator":"GTE","value":"900"}`, []string{"Alpha one", "Beta two"}},
		{`{"propertyName":"amount","operator":"BETWEEN","value":"950","highValue":"1000"}`, []string{"Beta two"}},
		{`{"propertyName":"dealname","operator":"IN","values":["gamma","alpha one"]}`, []string{"Alpha one", "Gamma"}},
		{`{"propertyName":"dealname","operator":"NOT_IN","values":["gamma","alpha one"]}`, []string{"Beta two"}},
		{`{"propertyName":"amount","operator":"HAS_PROPERTY"}`, []string{"Alpha one", "Beta two"}},
		{`{"propertyName":"amount","operator":"NOT_HAS_PROPERTY"}`, []string{"Gamma"}},
		{`{"propertyName":"dealname","operator":"CONTAINS_TOKEN","value":"TWO"}`, []string{"Beta two"}},
		{`{"propertyName":"dealname","operator":"CONTAINS_TOKEN","value":"alp*"}`, []string{"Alpha one"}},
		{`{"propertyName":"dealname","operator":"CONTAINS_TOKEN","value":"*mma"}`, []string{"Gamma"}},
		{`{"propertyName":"dealname","operator":"CONTAINS_TOKEN","value":"*et*"}`, []string{"Beta two"}},
		{`{"propertyName":"dealname","operator":"NOT_CONTAINS_TOKEN","value":"a*"}`, []string{"Beta two", "Gamma"}},
		{`{"propertyName":"createdate","operator":"GTE","value":"` + day + `T10:00:00Z"}`, []string{"Beta two", "Gamma"}},
		{fmt.Sprintf(`{"propertyName":"hs_lastmodifieddate","operator":"LT","value":"%d"}`, c.clock.now().Add(-2*time.Hour).UnixMilli()), []string{"Alpha one"}},
		{`{"propertyName":"dealstage","operator":"EQ","value":"closedwon"},{"propertyName":"amount","operator":"HAS_PROPERTY"}`, []string{"Alpha one"}},
		{`{"propertyName":"amount","operator":"EQ","value":"900"}]},{"filters":[{"propertyName":"amount","operator":"EQ","value":"1000"}`, []string{"Alpha one", "Beta two"}},
	}
	for _, tt := range tests {
		page := c.search(`{"filterGroups":[{"filters":[` + tt.filter + `]}],"properties":["dealname"]}`)
		require.Equal(t, tt.want, dealNames(page), tt.filter)
		require.Equal(t, len(tt.want), page.Total)
	}
	require.Equal(t, []string{"Gamma"}, dealNames(c.search(`{"query":"AMM"}`)))
}

func dealNames(page hsPage) []string {
	var names []string
	for _, o := range page.Results {
		names = append(names, *o.Properties["dealname"])
	}
	return names
}

func TestSearchPagesAndSorts(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, func(o *Options) { o.Limits.HubSpotOff = true })
	for i := range 5 {
		c.deal(fmt.Sprint("deal ", i), fmt.Sprint((i*3)%5), "closedwon")
	}
	for sort, want := range map[string][]string{
		`"amount"`:  {"deal 0", "deal 2", "deal 4", "deal 1", "deal 3"},
		`"-amount"`: {"deal 3", "deal 1", "deal 4", "deal 2", "deal 0"},
		`{"propertyName":"amount","direction":"DESCENDING"}`: {"deal 3", "deal 1", "deal 4", "deal 2", "deal 0"},
	} {
		var got []string
		after := ""
		for {
			page := c.search(`{"limit":2,"after":"` + after + `","sorts":[` + sort + `]}`)
			require.Equal(t, 5, page.Total)
			got = append(got, dealNames(page)...)
			if page.Paging == nil {
				break
			}
			after = page.Paging.Next.After
		}
		require.Equal(t, want, got)
	}
	require.Empty(t, c.search(`{"after":"9000"}`).Results)
}

// TestSearchLags shows that a write is there at once when read by id, and found only later.
func TestSearchLags(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, func(o *Options) { o.HubSpot.SearchLag = 2 * time.Second })
	won := `{"filterGroups":[{"filters":[{"propertyName":"dealstage","operator":"EQ","value":"closedwon"}]}]}`
	d := c.deal("Alpha", "1", "qualifiedtobuy")
	require.Zero(t, c.search(`{}`).Total)
	c.clock.advance(2 * time.Second)
	require.Equal(t, 1, c.search(`{}`).Total)

	require.NoError(t, c.s.SetProperty(Deals, d.ID, "dealstage", "closedwon", ""))
	require.Zero(t, c.search(won).Total)
	require.Equal(t, "qualifiedtobuy", *c.search(`{}`).Results[0].Properties["dealstage"])
	var now hubSpotObject
	c.call("GET", "/crm/objects/2026-09/deals/"+d.ID, nil).decode(t, &now)
	require.Equal(t, "closedwon", *now.Properties["dealstage"])
	c.clock.advance(2 * time.Second)
	require.Equal(t, 1, c.search(won).Total)
}
