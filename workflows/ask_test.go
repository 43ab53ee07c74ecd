package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

// asking is a batch of asks whose steps answer in turns.
func asking(t *testing.T, plan []turn[activities.PlannedAsks], admit []turn[int], send []turn[struct{}]) *story {
	t.Helper()
	s := tell(t)
	var asks *activities.Asks
	var mail *activities.Mail
	on(s, asks.PlanAsks, plan...)
	on(s, asks.AdmitAsks, admit...)
	onCall(s, mail.SendAsks, send...)
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
		admit []turn[int]
		send  []turn[struct{}]
		want  []string
		ends  time.Duration
		fails bool
	}{
		{name: "nothing waits", plan: planned(0, 0), want: []string{"0s PlanAsks b"}},
		{
			name: "sent after the delay", plan: planned(2, day), admit: once(2), send: []turn[struct{}]{works()},
			want: []string{"0s PlanAsks b", "24h0m0s AdmitAsks b", "24h0m0s SendAsks @cxloop-sendgrid b"}, ends: day,
		},
		{
			name: "what is overdue goes at once", plan: planned(1, -day), admit: once(1), send: []turn[struct{}]{works()},
			want: []string{"0s PlanAsks b", "0s AdmitAsks b", "0s SendAsks @cxloop-sendgrid b"},
		},
		{
			name: "nobody is admitted by then", plan: planned(2, day), admit: once(0),
			want: []string{"0s PlanAsks b", "24h0m0s AdmitAsks b"}, ends: day,
		},
		{
			name: "the vendor says how long to wait", plan: planned(1, 0), admit: once(1),
			send: []turn[struct{}]{failing(rateLimited(time.Hour)), works()},
			want: []string{"0s PlanAsks b", "0s AdmitAsks b", "0s SendAsks @cxloop-sendgrid b", "1h0m0s SendAsks @cxloop-sendgrid b"},
			ends: time.Hour,
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
			name: "the vendor refuses for good", plan: planned(1, 0), admit: once(1), send: []turn[struct{}]{failing(refusedForGood())},
			want: []string{"0s PlanAsks b", "0s AdmitAsks b", "0s SendAsks @cxloop-sendgrid b"}, fails: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := asking(t, c.plan, c.admit, c.send)
			s.reads(workflows.AskWorkflow, activities.AnswersRef{Batch: "b"}, c.want...)
			if c.fails {
				require.ErrorContains(t, s.env.GetWorkflowError(), "bad request")
				return
			}
			s.ends(c.ends)
		})
	}
}
