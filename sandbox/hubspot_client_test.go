package sandbox

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/survey"
)

// TestHubSpotClient drives the stand-in with the client that the product uses: what cxloop does all day is nowhere
// refused, with the vendor's contract switched on where it is at hand.
func TestHubSpotClient(t *testing.T) {
	t.Parallel()
	h := &hook{statuses: []int{200}}
	c := newHooked(t, h, func(o *Options) {
		if dir := os.Getenv("CXLOOP_TESTDATA"); dir != "" {
			o.SpecsDir = filepath.Join(dir, "specs")
		}
	})
	c.s.SeedDemo()
	client, err := hubspot.New(hubspot.Options{ID: "hubspot", BaseURL: c.base, Token: hsToken, ClientSecret: "secret"})
	require.NoError(t, err)
	deal := c.s.Snapshot().Records(Deals)[0]
	lena := c.s.ContactByEmail("lena.hoffmann@nordwind.example")

	_, err = client.Push(t.Context(), "contact", []crm.Update{{ID: lena.ID, Values: map[string]string{survey.SignalNPSLast: "9"}}})
	require.Error(t, err, "an account has no cx_* properties before cxloop setup")
	require.Equal(t, integrations.Permanent, integrations.KindOf(err))
	for _, want := range []bool{true, false} {
		missing, err := client.EnsureProperties(t.Context(), false)
		require.NoError(t, err)
		require.Equal(t, want, len(missing) > 0)
	}

	object := survey.Object{Type: "deal", ID: deal.ID}
	found, err := client.Resolve(t.Context(), []survey.Object{object, {Type: "deal", ID: "404"}})
	require.NoError(t, err)
	require.Equal(t, map[survey.Object][]string{object: {"hubspot/" + lena.ID}}, found.People)
	require.Equal(t, "lena.hoffmann@nordwind.example", found.Contacts[0].Email)
	require.Equal(t, "Nordwind Logistik GmbH", found.Accounts[0].Name)

	refused, err := client.Push(t.Context(), "contact", []crm.Update{
		{ID: lena.ID, Values: map[string]string{survey.SignalNPSLast: "9"}}, {ID: "404", Values: map[string]string{survey.SignalNPSLast: "1"}},
	})
	require.NoError(t, err)
	require.Len(t, refused, 1)
	require.Equal(t, "404", refused[0].ID)
	require.Equal(t, "9", c.s.Record(Contacts, lena.ID).Get(survey.SignalNPSLast))

	require.NoError(t, c.s.SetProperty(Deals, deal.ID, "dealstage", "closedwon", ""))
	c.await("the echo and the deal", settled(2))
	var events []survey.Event
	for _, r := range h.requests {
		got, err := client.Receive(crm.Delivery{Method: http.MethodPost, URL: c.s.opts.HubSpot.WebhookURL, Header: r.header, Body: r.body, Received: c.clock.now()})
		require.NoError(t, err)
		events = append(events, got...)
	}
	require.Len(t, events, 1, "the echo of the client's own write is dropped")
	require.Equal(t, "deal.changed", events[0].Type)
	require.Equal(t, []string{"hubspot/property_doesnt_exist"}, rulesOf(c.s))
}
