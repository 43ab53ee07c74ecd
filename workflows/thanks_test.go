package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

func TestThanks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		send []turn[activities.Thanked]
		want []string
		ends time.Duration
	}{
		{"at once", once(activities.Thanked{}), []string{"0s SendThanks @cxloop-sendgrid b"}, 0},
		{
			"those whose window is closed, when it opens",
			[]turn[activities.Thanked]{
				gives(activities.Thanked{Again: after(2 * time.Hour)}), gives(activities.Thanked{Again: after(day)}), gives(activities.Thanked{}),
			},
			[]string{"0s SendThanks @cxloop-sendgrid b", "2h0m0s SendThanks @cxloop-sendgrid b", "24h0m0s SendThanks @cxloop-sendgrid b"}, day,
		},
		{
			"a vendor that says how long to wait is not asked sooner",
			[]turn[activities.Thanked]{fails[activities.Thanked](rateLimited(time.Minute)), gives(activities.Thanked{})},
			[]string{"0s SendThanks @cxloop-sendgrid b", "1m0s SendThanks @cxloop-sendgrid b"}, time.Minute,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := tell(t)
			var mail *activities.Mail
			on(s, mail.SendThanks, c.send...)
			s.reads(workflows.ThanksWorkflow, activities.ThanksRef{Batch: "b"}, c.want...)
			s.ends(c.ends)
		})
	}
}

func TestThanksThatCanNeverBeSaidAreSeen(t *testing.T) {
	t.Parallel()
	s := tell(t)
	var mail *activities.Mail
	on(s, mail.SendThanks, fails[activities.Thanked](refusedForGood()))
	s.env.ExecuteWorkflow(workflows.ThanksWorkflow, activities.ThanksRef{Batch: "b"})
	require.Error(t, s.env.GetWorkflowError())
}
