package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

// asking is a batch of asks whose steps answer in turns.
func asking(t *testing.T, plan []turn[activities.PlannedAsks], read []turn[struct{}], admit []turn[int], send []turn[activities.Asked]) *story {
	t.Helper()
	s := tell(t)
	var asks *activities.Asks
	var mail *activities.Mail
	var contacts *activities.Contacts
	on(s, asks.PlanAsks, plan...)
	onCall(s, contacts.ReadAsked, read...)
	on(s, asks.AdmitAsks, admit...)
	on(s, mail.SendAsks, send...)
	return s
}

func TestAsk(t *testing.T) {
	t.Parallel()
	planned := func(asks int, at time.Duration) []turn[activities.PlannedAsks] {
		return once(activities.PlannedAsks{Asks: asks, At: after(at)})
	}
	for _, c := range []struct {
		name  string
		plan  []turn[activities.PlannedAsks]
		read  []turn[struct{}]
		admit []turn[int]
		send  []turn[activities.Asked]
		want  []string
		ends  time.Duration
		fails bool
	}{
		{name: "nothing waits", plan: planned(0, 0), want: []string{"0s PlanAsks b"}},
		{
			name: "sent after the delay", plan: planned(2, day), admit: once(2), send: once(activities.Asked{}),
			want: []string{"0s PlanAsks b", "24h0m0s AdmitAsks b", "24h0m0s SendAsks @cxloop-sendgrid b"}, ends: day,
		},
		{
			name: "some wait for their window, and for a day with room", plan: planned(2, day), admit: []turn[int]{gives(2), gives(2), gives(1)},
			send: []turn[activities.Asked]{
				gives(activities.Asked{Again: after(day + time.Hour)}), gives(activities.Asked{Again: after(2 * day)}), gives(activities.Asked{}),
			},
			want: []string{
				"0s PlanAsks b", "24h0m0s AdmitAsks b", "24h0m0s SendAsks @cxloop-sendgrid b", "25h0m0s AdmitAsks b", "25h0m0s SendAsks @cxloop-sendgrid b",
				"48h0m0s AdmitAsks b", "48h0m0s SendAsks @cxloop-sendgrid b",
			}, ends: 2 * day,
		},
		{
			name: "those who wait are not admitted any more", plan: planned(1, 0), admit: []turn[int]{gives(1), gives(0)}, send: once(activities.Asked{Again: after(day)}),
			want: []string{"0s PlanAsks b", "0s AdmitAsks b", "0s SendAsks @cxloop-sendgrid b", "24h0m0s AdmitAsks b"}, ends: day,
		},
		{
			name: "what is overdue goes at once", plan: planned(1, -day), admit: once(1), send: once(activities.Asked{}),
			want: []string{"0s PlanAsks b", "0s AdmitAsks b", "0s SendAsks @cxloop-sendgrid b"},
		},
		{
			name: "nobody is admitted by then", plan: planned(2, day), admit: once(0),
			want: []string{"0s PlanAsks b", "24h0m0s AdmitAsks b"}, ends: day,
		},
		{
			name: "the vendor says how long to wait", plan: planned(1, 0), admit: once(1),
			send: []turn[activities.Asked]{fails[activities.Asked](rateLimited(time.Hour)), gives(activities.Asked{})},
			want: []string{"0s PlanAsks b", "0s AdmitAsks b", "0s SendAsks @cxloop-sendgrid b", "1h0m0s SendAsks @cxloop-sendgrid b"},
			ends: time.Hour,
		},
		{
			name: "what the CRM tells is read before each decision",
			plan: once(activities.PlannedAsks{Asks: 2, At: after(day), CRMs: []string{"hubspot", "other"}}), read: []turn[struct{}]{works(), works(), works(), works()},
			admit: []turn[int]{gives(2), gives(1)}, send: []turn[activities.Asked]{gives(activities.Asked{Again: after(2 * day)}), gives(activities.Asked{})},
			want: []string{
				"0s PlanAsks b", "24h0m0s ReadAsked @cxloop-crm-hubspot b in hubspot", "24h0m0s ReadAsked @cxloop-crm-other b in other", "24h0m0s AdmitAsks b",
				"24h0m0s SendAsks @cxloop-sendgrid b", "48h0m0s ReadAsked @cxloop-crm-hubspot b in hubspot", "48h0m0s ReadAsked @cxloop-crm-other b in other",
				"48h0m0s AdmitAsks b", "48h0m0s SendAsks @cxloop-sendgrid b",
			}, ends: 2 * day,
		},
		{
			name: "the CRM is away for an hour",
			plan: once(activities.PlannedAsks{Asks: 1, At: after(0), CRMs: []string{"hubspot"}}),
			read: []turn[struct{}]{failing(rateLimited(time.Hour)), works()}, admit: once(1), send: once(activities.Asked{}),
			want: []string{
				"0s PlanAsks b", "0s ReadAsked @cxloop-crm-hubspot b in hubspot", "1h0m0s ReadAsked @cxloop-crm-hubspot b in hubspot", "1h0m0s AdmitAsks b",
				"1h0m0s SendAsks @cxloop-sendgrid b",
			}, ends: time.Hour,
		},
		{
			name: "planning fails for good", plan: []turn[activities.PlannedAsks]{fails[activities.PlannedAsks](refusedForGood())},
			want: []string{"0s PlanAsks b"}, fails: true,
		},
		{
			name: "admission fails for good", plan: planned(1, 0), admit: []turn[int]{fails[int](refusedForGood())},
			want: []string{"0s PlanAsks b", "0s AdmitAsks b"}, fails: true,
		},
		{
			name: "the vendor refuses for good", plan: planned(1, 0), admit: once(1), send: []turn[activities.Asked]{fails[activities.Asked](refusedForGood())},
			want: []string{"0s PlanAsks b", "0s AdmitAsks b", "0s SendAsks @cxloop-sendgrid b"}, fails: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := asking(t, c.plan, c.read, c.admit, c.send)
			s.reads(workflows.AskWorkflow, activities.AnswersRef{Batch: "b"}, c.want...)
			if c.fails {
				require.ErrorContains(t, s.env.GetWorkflowError(), "bad request")
				return
			}
			s.ends(c.ends)
		})
	}
}
