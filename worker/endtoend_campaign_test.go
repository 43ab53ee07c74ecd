package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// TestCampaign takes a relational program through its audience: whom the CRM lists, so many
// a day, once, each in their language; and through it again, when nobody may be asked.
func TestCampaign(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := startWorld(t, kind)
			buyers := w.buyers(t, 10)
			w.buyersOf(t, "Seller", 3)
			w.awaitListed(t, 10)
			w.startCampaign(t)
			first := w.endedCampaign(t, 1)
			require.Equal(t, survey.CampaignDone, first.State)
			require.Equal(t, 10, first.Read)
			for i, email := range buyers {
				require.Equal(t, []string{store.MailInvite}, w.mails(email), email)
				w.sandbox.Read(func(st *sandbox.State) {
					require.Contains(t, st.MailsTo(email)[0].HTML(), `lang="`+languages[i%2]+`"`)
				})
			}
			require.Empty(t, w.mails("seller0@customers.example"))
			perDay := `SELECT count(*) FROM (SELECT due_at / 86400000 AS day FROM invitations WHERE program = 'relationship' GROUP BY 1 HAVING count(*) = `
			require.Equal(t, 1, w.number(t, perDay+`6) AS d`), "six on the first day")
			require.Equal(t, 1, w.number(t, perDay+`4) AS d`), "four on the second")

			w.startCampaign(t)
			second := w.endedCampaign(t, 2)
			require.Equal(t, map[survey.InvitationState]int{survey.InvitationSuppressed: 10}, second.Invitations)
			require.Equal(t, 10, w.number(t, `SELECT count(*) FROM invitations WHERE program = 'relationship' AND rule = 'again_after'`))
			require.Len(t, w.mails(buyers[0]), 1)
		})
	}
}

var languages = []string{"en", "fr"}

// buyers are people whom the program's audience is made of. Every second reads French.
func (w *world) buyers(t *testing.T, n int) []string { return w.buyersOf(t, "Buyer", n) }

func (w *world) buyersOf(t *testing.T, jobtitle string, n int) (emails []string) {
	t.Helper()
	company := w.company(t, jobtitle+"s", "growth")
	for i := range n {
		email := fmt.Sprintf("%s%d@customers.example", map[bool]string{true: "buyer", false: "seller"}[jobtitle == "Buyer"], i)
		_, err := w.sandbox.CreateContact(map[string]string{
			"email": email, "firstname": "Kim", "jobtitle": jobtitle, "hs_language": languages[i%2], "lifecyclestage": "lead",
		}, company)
		require.NoError(t, err)
		emails = append(emails, email)
	}
	return emails
}

// awaitListed waits until the CRM's search, which lags behind, finds so many buyers.
func (w *world) awaitListed(t *testing.T, n int) {
	t.Helper()
	client, err := newHubSpot(w.config.CRM[0], "", survey.Clock{})
	require.NoError(t, err)
	require.True(t, eventually(func() bool {
		page, err := client.Audience(t.Context(), crm.AudienceQuery{Where: map[string]string{"jobtitle": "Buyer"}})
		return err == nil && len(page.Contacts) == n
	}), "the CRM's search does not find them")
}

func (w *world) startCampaign(t *testing.T) {
	t.Helper()
	c, err := temporalClient(w.config, w.logger())
	require.NoError(t, err)
	defer c.Close()
	handle := c.ScheduleClient().GetHandle(t.Context(), workflows.CampaignScheduleID("relationship"))
	require.NoError(t, handle.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
}

// endedCampaign waits until so many campaigns and their workflows have ended, and returns
// the latest.
func (w *world) endedCampaign(t *testing.T, n int) store.Campaign {
	t.Helper()
	s, err := openStore(w.config)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	var latest store.Campaign
	require.True(t, within(3*patience, func() bool { // two days of 30 seconds
		all, err := s.Campaigns(t.Context(), "relationship")
		if err != nil || len(all) != n {
			return false
		}
		latest = all[0]
		return latest.State.Ended()
	}), "the campaign goes on: %+v", latest)
	w.awaitWorkflows(t, n, "WorkflowType = 'CampaignWorkflow' AND ExecutionStatus = 'Completed'")
	return latest
}
