package hubspot_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

const (
	token  = "pat-eu1-sandbox"
	secret = "0b5e9d0e-7e6c-4d0b-9f0e-2f6d7d1f7a11"
)

// connect runs the stand-in, which holds the client to HubSpot's contract.
func connect(t *testing.T, hook string) (*sandbox.Sandbox, *hubspot.Client) {
	t.Helper()
	o := sandbox.Options{
		HubSpot: sandbox.HubSpotOptions{Token: token, ClientSecret: secret, WebhookURL: hook},
		Logger:  slog.New(slog.DiscardHandler),
	}
	if dir := os.Getenv("CXLOOP_TESTDATA"); dir != "" {
		o.SpecsDir = filepath.Join(dir, "specs")
	}
	box, err := sandbox.New(o)
	require.NoError(t, err)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	client, err := hubspot.New(hubspot.Options{ID: "hs", BaseURL: server.URL + "/hubspot", Token: token, ClientSecret: secret})
	require.NoError(t, err)
	return box, client
}

func TestLoopAgainstTheStandIn(t *testing.T) {
	t.Parallel()
	box, client := connect(t, "")
	box.SeedDemo()
	company, err := box.CreateCompany(map[string]string{"name": "Acme", "tier": "enterprise"})
	require.NoError(t, err)
	contact, err := box.CreateContact(map[string]string{"email": "ana@acme.example", "firstname": "Ana"}, company.ID)
	require.NoError(t, err)
	deal, err := box.CreateDeal(map[string]string{"dealname": "Acme"}, company.ID, contact.ID)
	require.NoError(t, err)
	lonely, err := box.CreateDeal(map[string]string{"dealname": "Nobody"}, company.ID)
	require.NoError(t, err)

	object := survey.Object{Type: survey.ObjectDeal, ID: deal.ID}
	found, err := client.Resolve(t.Context(), []survey.Object{object, {Type: survey.ObjectDeal, ID: lonely.ID}, {Type: survey.ObjectTicket, ID: "1"}})
	require.NoError(t, err)
	require.Equal(t, map[survey.Object][]string{object: {"hs/" + contact.ID}}, found.People)
	require.Equal(t, "ana@acme.example", found.Contacts[0].Email)
	require.Equal(t, "hs/"+company.ID, found.Contacts[0].AccountKey)
	require.Equal(t, map[string]string{"tier": "enterprise"}, found.Accounts[0].Attributes)

	update := crm.Update{ID: contact.ID, Values: map[string]string{
		survey.SignalNPSLast: "9", survey.SignalNPSBand: string(survey.Promoter), survey.SignalNPSLastAt: "2026-09-01T10:00:00Z",
	}}
	_, err = client.Push(t.Context(), survey.ObjectContact, []crm.Update{update})
	require.ErrorContains(t, err, "run cxloop setup")

	missing, err := client.EnsureProperties(t.Context(), true)
	require.NoError(t, err)
	require.Len(t, missing, 15)
	missing, err = client.EnsureProperties(t.Context(), false)
	require.NoError(t, err)
	require.Len(t, missing, 15)
	missing, err = client.EnsureProperties(t.Context(), false)
	require.NoError(t, err)
	require.Empty(t, missing)

	refused, err := client.Push(t.Context(), survey.ObjectContact, []crm.Update{update, {ID: "999", Values: update.Values}})
	require.NoError(t, err)
	require.Equal(t, []crm.Refusal{{ID: "999", Code: "OBJECT_NOT_FOUND", Reason: "OBJECT_NOT_FOUND"}}, refused)
	require.Equal(t, "9", box.Record(sandbox.Contacts, contact.ID).Get(survey.SignalNPSLast))
	refused, err = client.Push(t.Context(), survey.ObjectContact, []crm.Update{{ID: contact.ID, Values: map[string]string{survey.SignalNPSLast: "high"}}})
	require.NoError(t, err)
	require.Len(t, refused, 1)
	require.Contains(t, refused[0].Reason, survey.SignalNPSLast)
}

func TestFaultsOfTheStandIn(t *testing.T) {
	t.Parallel()
	box, client := connect(t, "")
	contact, err := box.CreateContact(map[string]string{"email": "ana@acme.example"}, "")
	require.NoError(t, err)
	resolve := func() error {
		_, err := client.Resolve(t.Context(), []survey.Object{{Type: survey.ObjectContact, ID: contact.ID}})
		return err
	}
	box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{sandbox.FaultCut}})
	require.NoError(t, resolve())
	box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{sandbox.FaultServerError}})
	require.NoError(t, resolve())
	box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 1, Kinds: []sandbox.FaultKind{sandbox.FaultRateLimit}})
	err = resolve()
	require.Equal(t, integrations.RetryAfter, integrations.KindOf(err), err)
}

func TestWebhooksOfTheStandIn(t *testing.T) {
	t.Parallel()
	events := make(chan survey.Event, 10)
	var client *hubspot.Client
	started := make(chan struct{})
	var hook *httptest.Server
	hook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-started
		body, _ := io.ReadAll(r.Body)
		got, err := client.Receive(crm.Delivery{Method: r.Method, URL: hook.URL + r.RequestURI, Header: r.Header, Body: body, Received: time.Now()})
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			t.Error(err)
		}
		for _, e := range got {
			events <- e
		}
	}))
	t.Cleanup(hook.Close)
	var box *sandbox.Sandbox
	box, client = connect(t, hook.URL+"/hooks/hs?a=%3A")
	close(started)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = box.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })

	deal, err := box.CreateDeal(map[string]string{"dealname": "Acme"}, "")
	require.NoError(t, err)
	// The echo of cxloop's own write comes first and is left out.
	require.NoError(t, box.SetProperty(sandbox.Deals, deal.ID, "dealstage", "contractsent", sandbox.SourceIntegration))
	require.NoError(t, box.SetProperty(sandbox.Deals, deal.ID, "dealstage", "closedwon", ""))
	select {
	case e := <-events:
		require.Equal(t, "deal.changed", e.Type)
		require.Equal(t, map[string]any{"property": "dealstage", "value": "closedwon"}, e.Data)
		require.Equal(t, &survey.Object{Type: survey.ObjectDeal, ID: deal.ID}, e.Object)
	case <-time.After(10 * time.Second):
		t.Fatal("no webhook came")
	}
}

func TestOwnersOfTheStandIn(t *testing.T) {
	t.Parallel()
	box, client := connect(t, "")
	owner, err := client.Owner(t.Context(), "41629779")
	require.NoError(t, err)
	require.Equal(t, crm.Owner{ID: "41629779", Email: "amelie.durand@cxloop.example", Active: true}, owner)
	from, until := time.UnixMilli(1_700_000_000_000).UTC(), time.UnixMilli(1_800_000_000_000).UTC()
	require.NoError(t, box.SetOutOfOffice("41629779", from, until))
	owner, err = client.Owner(t.Context(), "41629779")
	require.NoError(t, err)
	require.Equal(t, []crm.Absence{{From: from, Until: until}}, owner.Absences)
	require.NoError(t, box.ArchiveOwner("41629779"))
	owner, err = client.Owner(t.Context(), "41629779")
	require.NoError(t, err)
	require.Equal(t, crm.Owner{ID: "41629779", Email: "amelie.durand@cxloop.example"}, owner, "it was removed")
	owner, err = client.Owner(t.Context(), "no/body")
	require.NoError(t, err)
	require.Equal(t, crm.Owner{ID: "no/body"}, owner)
}
