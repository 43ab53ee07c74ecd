package activities

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/hubspot"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The owners that the stand-ins have.
const (
	amelie, amelieInSlack = "41629779", "U0AMELIE"
	jonas, jonasInSlack   = "41629780", "U0JONAS"
)

// owned is a world with a case of an account that an owner has, and what follows it up.
type owned struct {
	*world
	cases  *Cases
	slack  *Slack
	owners *Owners
	id     string
}

func newOwned(t *testing.T, attributes map[string]string) owned {
	t.Helper()
	w := newWorld(t)
	o := owned{world: w, cases: w.cases(), slack: w.slack()}
	o.id = w.openCase(person(0, "en"), "Too slow.")
	o.give(attributes)
	o.cases.Route = func(store.CaseDetail) survey.CaseRoute { return survey.CaseRoute{Channel: channel, ToOwner: true} }
	o.slack.Route = o.cases.Route
	o.owners = &Owners{
		Clock: w.clock, Store: w.store, CRMs: map[string]crm.CRM{crmID: w.hubspot()}, Slack: o.slack.Client.(SlackPeople), OwnerOf: usualOwner,
		Observe: func(int, time.Duration) {}, Log: silent,
	}
	return o
}

// give sets the attributes of the case's account.
func (o owned) give(attributes map[string]string) {
	o.Helper()
	account := o.caseOf(o.id).Account
	account.Attributes = attributes
	o.must(o.store.SaveContacts(o.Context(), nil, []survey.Account{account}))
}

// follow does what the case's workflow does, and returns what came of it.
func (o owned) follow() Advanced {
	o.Helper()
	advanced, err := o.cases.AdvanceCase(o.Context(), CaseRef{Case: o.id})
	o.must(err)
	if advanced.OwnerFirst {
		_, err = run[any](o.world, o.owners.LookUpOwner, CaseRef{Case: o.id})
		o.must(err)
		advanced, err = o.cases.AdvanceCase(o.Context(), CaseRef{Case: o.id})
		o.must(err)
	}
	if advanced.Show {
		_, err = run[any](o.world, o.slack.ShowCase, CaseRef{Case: o.id})
		o.must(err)
	}
	return advanced
}

func (o owned) in(channel string) []*sandbox.Message {
	return withoutReplies(o.box.Snapshot().Messages(channel))
}

func (o owned) events(what string) (found []store.CaseEvent) {
	for _, e := range o.caseOf(o.id).History {
		if e.What == what {
			found = append(found, e)
		}
	}
	return found
}

func TestACaseGoesToTheOwnerAndFollowsThem(t *testing.T) {
	t.Parallel()
	o := newOwned(t, map[string]string{"hubspot_owner_id": amelie})
	o.follow()
	require.Empty(t, o.in(channel))
	require.Len(t, o.in("D0AMELIE"), 1)
	detail := o.caseOf(o.id)
	require.Equal(t, amelie, detail.Case.Owner)
	require.Equal(t, survey.Owner{ID: amelie, User: amelieInSlack, Zone: "Europe/Paris", At: detail.Owner.At}, detail.Owner)
	require.False(t, o.follow().OwnerUnknown, "it is believed for a day")
	require.Empty(t, o.events("owner"))

	o.give(map[string]string{"hubspot_owner_id": jonas})
	o.follow()
	require.Len(t, o.in("D0JONAS"), 1)
	require.Contains(t, string(o.in("D0JONAS")[0].Blocks), "Too slow.")
	old := o.in("D0AMELIE")
	require.Len(t, old, 1)
	require.Contains(t, old[0].Text, "moved to <@"+jonasInSlack+">")
	require.NotContains(t, string(old[0].Blocks)+old[0].Text, "Too slow.")
	require.Equal(t, jonasInSlack, o.events("owner")[0].Target)
	require.False(t, o.follow().Show, "nothing is left to do")

	o.must(o.box.ArchiveOwner(jonas))
	person := o.caseOf(o.id).Owner
	person.At = person.At.Add(-ownerFresh)
	o.must(o.store.SaveOwner(t.Context(), crmID, person))
	o.follow()
	require.True(t, o.caseOf(o.id).Owner.Away)
	require.Len(t, o.in(channel), 1, "the channel takes the cases of whoever is gone")
	require.Contains(t, o.in("D0JONAS")[0].Text, "moved to <#"+channel+">")
	require.Len(t, o.events("owner"), 2)
}

func TestOwnersWhoAreNotKnownInSlack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		attributes map[string]string
		owner      survey.Owner
		in         string
	}{
		"nobody has the account": {nil, survey.Owner{}, channel},
		"the CRM does not know":  {map[string]string{"hubspot_owner_id": "7"}, survey.Owner{ID: "7", Away: true}, channel},
		"sent with the account":  {map[string]string{"owner_id": "77", "owner_email": "jonas.weber@cxloop.example"}, survey.Owner{ID: "77", User: jonasInSlack, Zone: "Europe/Berlin"}, "D0JONAS"},
		"not in Slack":           {map[string]string{"owner_id": "77", "owner_email": "nobody@cxloop.example"}, survey.Owner{ID: "77"}, channel},
		"without an address":     {map[string]string{"owner_id": "77"}, survey.Owner{ID: "77"}, channel},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOwned(t, test.attributes)
			if test.attributes["owner_id"] != "" {
				o.owners.CRMs = map[string]crm.CRM{crmID: struct{ crm.CRM }{}} // cannot be asked
			}
			o.follow()
			require.Len(t, o.in(test.in), 1)
			got := o.caseOf(o.id).Owner
			got.At = time.Time{}
			require.Equal(t, test.owner, got)
		})
	}
}

// Who is out of office gets no cases, and they are asked about again when that ends.
func TestOwnerOutOfOffice(t *testing.T) {
	t.Parallel()
	o := newOwned(t, map[string]string{"hubspot_owner_id": amelie})
	until := time.Now().Add(3 * time.Hour).Truncate(time.Millisecond)
	o.must(o.box.SetOutOfOffice(amelie, time.Now().Add(-time.Hour), until))
	o.follow()
	require.Len(t, o.in(channel), 1)
	owner := o.caseOf(o.id).Owner
	require.True(t, owner.Away)
	require.WithinDuration(t, until, owner.At.Add(ownerFresh), 2*time.Millisecond)
	o.must(o.box.SetOutOfOffice(amelie, time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)))
	owner.At = owner.At.Add(-3 * time.Hour)
	o.must(o.store.SaveOwner(t.Context(), crmID, owner))
	o.follow()
	require.False(t, o.caseOf(o.id).Owner.Away)
	require.Len(t, o.in("D0AMELIE"), 1)
}

func TestACaseFollowsItsAccountWhenTheCRMTellsOfAChange(t *testing.T) {
	t.Parallel()
	o := newOwned(t, map[string]string{"hubspot_owner_id": amelie})
	o.follow()
	kept := o.caseOf(o.id).Account
	kept.Attributes = map[string]string{"hubspot_owner_id": jonas}
	vendor := &changed{Client: o.hubspot(), accounts: []survey.Account{kept}, fail: true}
	o.owners.CRMs[crmID] = vendor
	o.clickWith(o.id, survey.Click{ID: "e1", Action: survey.ActionAccountChanged})
	advanced, err := o.cases.AdvanceCase(t.Context(), CaseRef{Case: o.id})
	o.must(err)
	require.True(t, advanced.OwnerFirst, "the account is read first")
	_, err = run[any](o.world, o.owners.LookUpOwner, CaseRef{Case: o.id})
	fails(t, FailureRetryAfter, err)
	require.True(t, o.advanceOnce().OwnerFirst, "it waits until the CRM answers")

	vendor.fail = false
	o.follow()
	require.Equal(t, []survey.Object{{Type: survey.ObjectAccount, ID: kept.ID}, {Type: survey.ObjectContact, ID: "c0"}}, vendor.asked)
	require.Equal(t, jonasInSlack, o.events("owner")[0].Target)
	require.NotEmpty(t, o.in("D0JONAS"))
	require.False(t, o.advanceOnce().OwnerUnknown, "it is done with")

	o.pass(11 * day)
	require.True(t, o.advanceOnce().Ended)
	o.clickWith(o.id, survey.Click{ID: "e2", Action: survey.ActionAccountChanged})
	require.False(t, o.advanceOnce().OwnerUnknown)
	clicks, err := o.store.PendingClicks(t.Context(), o.id)
	o.must(err)
	require.Empty(t, clicks, "a case that has ended follows nobody")
}

func (o owned) advanceOnce() Advanced {
	o.Helper()
	advanced, err := o.cases.AdvanceCase(o.Context(), CaseRef{Case: o.id})
	o.must(err)
	return advanced
}

// changed is a CRM whose accounts are other than before.
type changed struct {
	*hubspot.Client
	accounts []survey.Account
	asked    []survey.Object
	fail     bool
}

func (c *changed) Resolve(_ context.Context, objects []survey.Object) (crm.Resolution, error) {
	if c.fail {
		return crm.Resolution{}, &integrations.Error{Kind: integrations.RetryAfter, Err: errors.New("down")}
	}
	c.asked = objects
	return crm.Resolution{Accounts: c.accounts}, nil
}

func TestACaseDoesNotWaitForACRMThatIsDown(t *testing.T) {
	t.Parallel()
	o := newOwned(t, map[string]string{"hubspot_owner_id": amelie})
	o.box.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Kinds: []sandbox.FaultKind{sandbox.FaultServerError}})
	advanced, err := o.cases.AdvanceCase(t.Context(), CaseRef{Case: o.id})
	o.must(err)
	require.True(t, advanced.OwnerUnknown)
	_, err = run[any](o.world, o.owners.LookUpOwner, CaseRef{Case: o.id})
	fails(t, FailureRetryAfter, err)
	_, err = run[any](o.world, o.slack.ShowCase, CaseRef{Case: o.id})
	o.must(err)
	require.Len(t, o.in(channel), 1)
	o.box.SetFaults(sandbox.HubSpot, sandbox.Faults{})
	o.follow()
	require.Len(t, o.in("D0AMELIE"), 1)
	require.Contains(t, o.in(channel)[0].Text, "moved to <@"+amelieInSlack+">")
}

func TestALookUpThatIsRefusedIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	o := newOwned(t, map[string]string{"hubspot_owner_id": amelie})
	var log strings.Builder
	o.owners.Log = slog.New(slog.NewTextHandler(&log, nil))
	base := scripted(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	client, err := hubspot.New(hubspot.Options{ID: crmID, BaseURL: base, Token: secret})
	o.must(err)
	o.owners.CRMs[crmID] = client
	o.follow()
	require.Len(t, o.in(channel), 1)
	require.Contains(t, log.String(), "crm.objects.owners.read")
	require.False(t, o.follow().OwnerUnknown)
	require.WithinDuration(t, time.Now().Add(refusalFresh-ownerFresh), o.caseOf(o.id).Owner.At, time.Minute)
}

// closedSlack opens no direct messages.
type closedSlack struct{ SlackClient }

func (closedSlack) OpenDM(context.Context, string) (string, error) {
	return "", &integrations.Error{Vendor: slackVendor, Kind: integrations.Permanent, Code: "cannot_dm_bot", Err: errors.New("refused")}
}

// The case of an owner who takes no messages is in the channel, once, by what the channel
// may see.
func TestOwnerWhoTakesNoMessages(t *testing.T) {
	t.Parallel()
	o := newOwned(t, map[string]string{"hubspot_owner_id": amelie})
	o.slack.Client = closedSlack{o.slack.Client}
	o.slack.Route = func(d store.CaseDetail) survey.CaseRoute {
		route := o.cases.Route(d)
		route.NoNames = d.Case.Channel == channel
		return route
	}
	o.follow()
	o.must(o.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true}, time.Now()))
	o.click("a", o.id, survey.ActionAcknowledge, "U1")
	o.follow()
	require.Len(t, o.in(channel), 1)
	message := o.in(channel)[0]
	require.Contains(t, string(message.Blocks), "Acknowledged by")
	require.NotContains(t, string(message.Blocks), "Too slow.")
	require.Empty(t, o.events("owner"))
	require.False(t, o.follow().Show)
}
