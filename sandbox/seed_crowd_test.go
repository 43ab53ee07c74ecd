package sandbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func newCrowd(t testing.TB, c Crowd) *Sandbox {
	s, err := New(Options{HubSpot: HubSpotOptions{Token: hsToken}, Limits: Limits{HubSpotOff: true}})
	require.NoError(t, err)
	s.SeedCrowd(c)
	return s
}

func TestSeedCrowd(t *testing.T) {
	t.Parallel()
	s := newCrowd(t, Crowd{Contacts: 402, Owners: 7})
	st := s.Snapshot()
	contacts := st.Records(Contacts)
	require.Len(t, contacts, 402)
	require.Len(t, st.Records(Companies), 101)
	groups, owners, without := map[string]int{}, map[string]int{}, 0
	for _, c := range contacts {
		groups[c.Get("hs_language")+c.Get("hs_timezone")]++
		company := st.Record(Companies, c.Get("associatedcompanyid"))
		require.Equal(t, company.ID, c.Associations[Companies][0].ToID)
		owners[company.Get("hubspot_owner_id")]++
		require.NotNil(t, st.Owner(company.Get("hubspot_owner_id")))
		if c.Get("email") == "" {
			without++
		} else {
			require.Equal(t, c, st.ContactByEmail(c.Get("email")))
		}
	}
	require.Len(t, groups, 32)
	require.Len(t, owners, 7)
	require.Equal(t, 10, without)
}

// TestImportedRecordChanges: what was imported is what a search finds until the index has come to the change.
func TestImportedRecordChanges(t *testing.T) {
	t.Parallel()
	s := newCrowd(t, Crowd{Contacts: 1})
	id, now := s.Snapshot().Records(Contacts)[0].ID, time.Now()
	require.NoError(t, s.SetProperty(Contacts, id, "firstname", "Sam", ""))
	r := s.Record(Contacts, id)
	before := now.Add(-time.Hour)
	require.Equal(t, "Robin", r.valueAsOf("firstname", before))
	require.Equal(t, "No 0", r.valueAsOf("lastname", before))
	require.Empty(t, r.valueAsOf("lastname", before.Add(-48*time.Hour)))
	require.Equal(t, "Sam", r.valueAsOf("firstname", time.Now()))
}

// TestSearchBeyondAnID pages by ids through contacts that come and go, and finds the same with what is kept of a search
// as without.
func TestSearchBeyondAnID(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, func(o *Options) { o.Limits.HubSpotOff, o.HubSpot.SearchLag = true, -1 })
	c.s.SeedCrowd(Crowd{Contacts: 30})
	search := func(after string) hsPage {
		filters := `{"propertyName":"lifecyclestage","operator":"EQ","value":"customer"}`
		if after != "" {
			filters += `,{"propertyName":"hs_object_id","operator":"GT","value":"` + after + `"}`
		}
		answer := c.call("POST", "/crm/objects/2026-09/contacts/search", `{"limit":10,"sorts":["hs_object_id"],"filterGroups":[{"filters":[`+filters+`]}]}`)
		require.Equal(t, 200, answer.status, "%s", answer.body)
		var page hsPage
		answer.decode(t, &page)
		return page
	}
	all := c.s.Snapshot().Records(Contacts)
	first := search("")
	require.Equal(t, 30, first.Total)
	require.Len(t, first.Results, 10)
	require.Equal(t, all[9].ID, first.Results[9].ID)
	require.NoError(t, c.s.Archive(Contacts, all[3].ID))
	require.NoError(t, c.s.Archive(Contacts, all[12].ID))
	created, err := c.s.CreateContact(map[string]string{"lifecyclestage": "customer"}, "")
	require.NoError(t, err)
	_, err = c.s.CreateContact(map[string]string{"lifecyclestage": "lead"}, "")
	require.NoError(t, err)
	second := search(all[9].ID)
	require.Equal(t, 20, second.Total)
	require.Equal(t, all[10].ID, second.Results[0].ID)
	require.Equal(t, all[20].ID, second.Results[9].ID)
	third := search(second.Results[9].ID)
	require.Equal(t, created.ID, third.Results[9].ID)
	require.Nil(t, third.Paging)
	require.Empty(t, search(created.ID).Results)
	require.Equal(t, 29, search("9").Total, "a short id comes before a long one")
}

func BenchmarkSearchBeyondAnID(b *testing.B) {
	s := newCrowd(b, Crowd{Contacts: 100_000, Owners: 400})
	t := lookupType(Contacts)
	defs := s.definitions(t)
	for i := 0; b.Loop(); i++ {
		in := searchInput{Sorts: []searchSort{{"hs_object_id", "ASCENDING"}}, Limit: 200, FilterGroups: []filterGroup{{Filters: []searchFilter{
			{PropertyName: "lifecyclestage", Operator: "EQ", Value: "customer"},
			{PropertyName: "hs_object_id", Operator: "GT", Value: fmt.Sprint(firstRecordID + i%100_000)},
		}}}}
		s.search(t, &in, defs)
	}
}
