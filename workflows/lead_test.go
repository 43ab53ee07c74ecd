package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/workflows"
)

var friends = activities.LeadsRef{CRM: "hubspot", Batch: "b"}

const (
	createLine = " CreateLeads @cxloop-crm-hubspot hubspot b"
	thankLine  = " SendLeadThanks @cxloop-sendgrid hubspot b"
)

// referring is a batch of leads whose steps answer in turns.
func referring(t *testing.T, begun store.LeadsBegun, create []turn[int], admit []turn[int], send ...turn[activities.LeadThanked]) *story {
	t.Helper()
	s := tell(t)
	var referrals *activities.Referrals
	var leads *activities.Leads
	var mail *activities.Mail
	var starts *activities.Starts
	on(s, referrals.BeginLeads, gives(begun))
	onCall(s, starts.FollowUps, works())
	on(s, leads.CreateLeads, create...)
	on(s, referrals.AdmitLeadThanks, admit...)
	on(s, mail.SendLeadThanks, send...)
	return s
}

func TestLeads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		begun  store.LeadsBegun
		create []turn[int]
		admit  []turn[int]
		send   []turn[activities.LeadThanked]
		want   []string
		ends   time.Duration
		fails  bool
	}{
		{
			name: "the CRM takes them and their promoters are thanked", begun: store.LeadsBegun{Leads: 2, CRMs: []string{"hubspot"}},
			create: once(2), admit: once(2), send: once(activities.LeadThanked{}),
			want: []string{"0s BeginLeads hubspot b", "0s FollowUps {b {[] 0 [hubspot]}}", "0s AdmitLeadThanks hubspot b", "0s" + createLine, "0s" + thankLine},
		},
		{
			name: "nobody is to be thanked", create: once(1), admit: once(0),
			want: []string{"0s BeginLeads hubspot b", "0s AdmitLeadThanks hubspot b", "0s" + createLine},
		},
		{
			name: "a CRM that is down holds up no thanks", create: []turn[int]{fails[int](rateLimited(time.Hour)), gives(1)}, admit: once(1), send: once(activities.LeadThanked{}),
			want: []string{"0s BeginLeads hubspot b", "0s AdmitLeadThanks hubspot b", "0s" + createLine, "0s" + thankLine, "1h0m0s" + createLine}, ends: time.Hour,
		},
		{
			name: "thanks wait for their window, and hold up no CRM", create: once(1), admit: []turn[int]{gives(2), gives(1)},
			send: []turn[activities.LeadThanked]{gives(activities.LeadThanked{Again: after(day)}), gives(activities.LeadThanked{})},
			want: []string{
				"0s BeginLeads hubspot b", "0s AdmitLeadThanks hubspot b", "0s" + createLine, "0s" + thankLine,
				"24h0m0s AdmitLeadThanks hubspot b", "24h0m0s" + thankLine,
			}, ends: day,
		},
		{
			name: "whoever unsubscribes meanwhile is not thanked", create: once(1), admit: []turn[int]{gives(1), gives(0)},
			send: once(activities.LeadThanked{Again: after(day)}),
			want: []string{"0s BeginLeads hubspot b", "0s AdmitLeadThanks hubspot b", "0s" + createLine, "0s" + thankLine, "24h0m0s AdmitLeadThanks hubspot b"}, ends: day,
		},
		{
			name: "thanks that fail for good take nothing from the CRM", create: once(1), admit: once(1), fails: true,
			send: []turn[activities.LeadThanked]{fails[activities.LeadThanked](refusedForGood())},
			want: []string{"0s BeginLeads hubspot b", "0s AdmitLeadThanks hubspot b", "0s" + createLine, "0s" + thankLine},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := referring(t, c.begun, c.create, c.admit, c.send...)
			s.env.ExecuteWorkflow(workflows.LeadWorkflow, friends)
			require.True(t, s.env.IsWorkflowCompleted())
			require.ElementsMatch(t, c.want, s.lines) // CRM and mails at once
			if c.fails {
				require.ErrorContains(t, s.env.GetWorkflowError(), "bad request")
				return
			}
			s.ends(c.ends)
		})
	}
}

func TestWonDeals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		credit []turn[store.Credited]
		want   []string
		ends   time.Duration
	}{
		{"of nobody whom a promoter brought", once(store.Credited{}), []string{"0s CreditDeals @cxloop-crm-hubspot hubspot b"}, 0},
		{
			"of somebody", once(store.Credited{Deals: 1, CRMs: []string{"hubspot"}}),
			[]string{"0s CreditDeals @cxloop-crm-hubspot hubspot b", "0s FollowUps {b {[] 0 [hubspot]}}"}, 0,
		},
		{
			"when the CRM answers again", []turn[store.Credited]{fails[store.Credited](rateLimited(time.Minute)), gives(store.Credited{})},
			[]string{"0s CreditDeals @cxloop-crm-hubspot hubspot b", "1m0s CreditDeals @cxloop-crm-hubspot hubspot b"}, time.Minute,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := tell(t)
			var leads *activities.Leads
			var starts *activities.Starts
			on(s, leads.CreditDeals, c.credit...)
			onCall(s, starts.FollowUps, works())
			s.reads(workflows.WonWorkflow, friends, c.want...)
			s.ends(c.ends)
		})
	}
}
