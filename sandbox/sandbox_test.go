package sandbox

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSeedDemo(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, func(o *Options) { o.HubSpot.WebhookURL = "https://cx.example/hooks/hubspot" })
	c.s.SeedDemo()
	st := c.s.Snapshot()
	require.Len(t, st.Records(Companies), 8)
	require.Len(t, st.Records(Contacts), 12)
	require.Len(t, st.Records(Deals), 8)
	require.Len(t, st.Records(Tickets), 4)
	require.Zero(t, st.Counts.WebhookEvents)
	for _, r := range st.Records(Companies) {
		for _, name := range []string{"region", "tier", "segment", "hubspot_owner_id"} {
			require.NotEmpty(t, r.Get(name), "%s of %s", name, r.Name())
		}
	}
	for _, r := range st.Records(Contacts) {
		company := st.Record(Companies, r.Get("associatedcompanyid"))
		require.Equal(t, r.Get("company"), company.Name())
		require.NotNil(t, st.Owner(r.Get("hubspot_owner_id")))
		require.NotEmpty(t, r.Get("hs_language"))
	}
	for _, r := range st.Records(Deals) {
		require.NotEmpty(t, r.Associations[Contacts], r.Name())
		require.NotEmpty(t, r.Associations[Companies], r.Name())
		require.Equal(t, "false", r.Get("hs_is_closed"))
	}
	require.Nil(t, st.Property(Contacts, "cx_nps_last"), "an account has no cx_* properties before cxloop setup")
}

func TestCreateAndSetProperty(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	company, err := c.s.CreateCompany(map[string]string{"name": "Acme"})
	require.NoError(t, err)
	contact := c.contact("a@x.example", company.ID)
	require.Equal(t, company.ID, contact.Get("associatedcompanyid"))
	deal, err := c.s.CreateDeal(map[string]string{"dealname": "Alpha", "dealstage": "qualifiedtobuy"}, company.ID, contact.ID)
	require.NoError(t, err)
	c.clock.advance(time.Minute)
	require.NoError(t, c.s.SetProperty("deal", deal.ID, "dealstage", "closedwon", ""))

	won := c.s.Record(Deals, deal.ID)
	require.Equal(t, "true", won.Get("hs_is_closed_won"))
	require.Equal(t, timestamp(c.clock.now()), won.Get("closedate"))
	require.Equal(t, timestamp(c.clock.now()), won.Get("hs_lastmodifieddate"))
	require.Equal(t, "qualifiedtobuy", deal.Get("dealstage"), "a published record never changes")

	ticket, err := c.s.CreateTicket(map[string]string{"subject": "Help", "hs_pipeline_stage": "1"}, company.ID, contact.ID)
	require.NoError(t, err)
	require.NoError(t, c.s.SetProperty(Tickets, ticket.ID, "hs_pipeline_stage", "4", SourceUser))
	require.NotEmpty(t, c.s.Record(Tickets, ticket.ID).Get("closed_date"))
}

func TestWritesToNothing(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	r := c.contact("a@x.example", "")
	_, unknownType := c.s.Create("widgets", nil)
	_, unknownProperty := c.s.CreateContact(map[string]string{"cx": "1"}, "")
	_, unknownLink := c.s.CreateContact(nil, "404")
	for name, err := range map[string]error{
		"create of an unknown type":     unknownType,
		"create with unknown property":  unknownProperty,
		"create with unknown company":   unknownLink,
		"change of an unknown type":     c.s.SetProperty("widgets", "1", "email", "", ""),
		"change of an unknown record":   c.s.SetProperty(Contacts, "404", "email", "", ""),
		"change of an unknown property": c.s.SetProperty(Contacts, r.ID, "cx", "1", ""),
		"archive of an unknown type":    c.s.Archive("widgets", "1"),
		"archive of an unknown record":  c.s.Archive(Contacts, "404"),
	} {
		require.ErrorIs(t, err, ErrNotFound, name)
	}
	require.Nil(t, c.s.Record("widgets", "1"))
	_, err := c.s.Click("C404", "1.0", "ack", "U0JONAS")
	require.ErrorIs(t, err, ErrNotFound)
	require.Equal(t, 1, len(c.s.Snapshot().Records(Contacts)))
}

func TestHistoryIsCapped(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, func(o *Options) { o.Keep.History = 3 })
	r := c.contact("a@x.example", "")
	for _, v := range []string{"1", "2", "3", "4", "4"} {
		require.NoError(t, c.s.SetProperty(Contacts, r.ID, "phone", v, ""))
	}
	var values []string
	for _, v := range c.s.Record(Contacts, r.ID).History["phone"] {
		values = append(values, v.Value)
	}
	require.Equal(t, []string{"2", "3", "4"}, values)
}

func TestWaitFor(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	before := c.s.Revision()
	woken := make(chan error, 1)
	go func() {
		rev, err := c.s.WaitChange(context.Background(), before)
		if err == nil && rev <= before {
			err = context.Canceled
		}
		woken <- err
	}()
	c.contact("a@x.example", "")
	require.NoError(t, <-woken)

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	never := func(*State) bool { return false }
	require.ErrorIs(t, c.s.WaitFor(ended, never), context.Canceled)
	require.NoError(t, c.s.WaitFor(ended, func(st *State) bool { return st.ContactByEmail("A@X.example") != nil }))

	go func() { woken <- c.s.WaitFor(context.Background(), never) }()
	require.NoError(t, c.s.Close())
	require.ErrorIs(t, <-woken, ErrClosed)
}

// TestSnapshotIsApart shows that a snapshot does not follow the sandbox.
func TestSnapshotIsApart(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	c.contact("a@x.example", "")
	st := c.s.Snapshot()
	c.contact("b@x.example", "")
	c.defineScore()
	require.Len(t, st.Records(Contacts), 1)
	require.Nil(t, st.ContactByEmail("b@x.example"))
	require.Nil(t, st.Property(Contacts, "cx_nps_last"))
	require.Greater(t, c.s.Revision(), st.Revision)
	c.s.Read(func(live *State) { require.EqualValues(t, 1, live.Counts.Requests[HubSpot]) })
}
