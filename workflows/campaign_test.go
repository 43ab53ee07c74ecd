package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

var (
	relationship = activities.CampaignInput{Program: "relationship"}
	underWay     = activities.CampaignRef{Campaign: "relationship/v1/first", CRM: "hubspot"}
	begunHere    = gives(underWay)
	readAll      = gives(activities.AudienceRead{All: true})
	readSome     = gives(activities.AudienceRead{})
	overNow      = gives(activities.CampaignStep{Ended: true})
)

func lookAt(d time.Duration) turn[activities.CampaignStep] {
	return gives(activities.CampaignStep{At: after(d)})
}

// campaigning is a campaign whose steps answer in turns.
func campaigning(t *testing.T, begun []turn[activities.CampaignRef], reads []turn[activities.AudienceRead], steps ...turn[activities.CampaignStep]) *story {
	t.Helper()
	s := tell(t)
	var campaigns *activities.Campaigns
	var audience *activities.Audience
	on(s, campaigns.BeginCampaign, begun...)
	on(s, audience.ReadAudience, reads...)
	on(s, campaigns.FollowCampaign, steps...)
	return s
}

const (
	beginLine  = " BeginCampaign {{relationship } default-test-workflow-id}"
	readLine   = " ReadAudience @cxloop-crm-hubspot {relationship/v1/first hubspot}"
	followLine = " FollowCampaign {relationship/v1/first hubspot}"
)

func TestCampaign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		begun []turn[activities.CampaignRef]
		reads []turn[activities.AudienceRead]
		steps []turn[activities.CampaignStep]
		want  []string
		ends  time.Duration
	}{
		{
			name: "read, and followed to its last day", begun: once(underWay), reads: []turn[activities.AudienceRead]{readSome, readAll},
			steps: []turn[activities.CampaignStep]{lookAt(day), lookAt(3 * day), overNow},
			want: []string{
				"0s" + beginLine, "0s" + readLine, "0s" + readLine, "0s" + followLine, "24h0m0s" + followLine, "72h0m0s" + followLine,
			},
			ends: 3 * day,
		},
		{
			name: "a program that is gone", begun: once(activities.CampaignRef{}), want: []string{"0s" + beginLine},
		},
		{
			name: "the CRM says how long to wait", begun: []turn[activities.CampaignRef]{fails[activities.CampaignRef](errors.New("locked")), begunHere},
			reads: []turn[activities.AudienceRead]{fails[activities.AudienceRead](rateLimited(time.Minute)), readAll},
			steps: []turn[activities.CampaignStep]{overNow},
			want: []string{
				"0s" + beginLine, "200ms" + beginLine, "200ms" + readLine, "1m0.2s" + readLine, "1m0.2s" + followLine,
			},
			ends: time.Minute + 200*time.Millisecond,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := campaigning(t, c.begun, c.reads, c.steps...)
			s.reads(workflows.CampaignWorkflow, relationship, c.want...)
			s.ends(c.ends)
		})
	}
}

func TestCampaignHearsThatItIsCancelled(t *testing.T) {
	t.Parallel()
	s := campaigning(t, once(underWay), once(activities.AudienceRead{All: true}), lookAt(10*day), overNow)
	s.at(day, func() { s.env.SignalWorkflow(workflows.CampaignChangedSignal, nil) })
	s.reads(workflows.CampaignWorkflow, relationship, "0s"+beginLine, "0s"+readLine, "0s"+followLine, "24h0m0s"+followLine)
	s.ends(day)
}

// The CRM may have been taken out of the configuration: its queue has no worker then.
func TestCampaignIsCancelledWhileNobodyReads(t *testing.T) {
	t.Parallel()
	wakes := turn[activities.AudienceRead]{meanwhile: func(s *story) { s.env.SignalWorkflow(workflows.CampaignChangedSignal, nil) }, err: rateLimited(day)}
	s := campaigning(t, once(underWay), []turn[activities.AudienceRead]{wakes, wakes}, lookAt(day), overNow)
	s.reads(workflows.CampaignWorkflow, relationship, "0s"+beginLine, "0s"+readLine, "0s"+followLine, "0s"+readLine, "0s"+followLine)
	s.ends(0)
}

func TestCampaignContinuesAsNew(t *testing.T) {
	t.Parallel()
	on := activities.CampaignInput{Program: "relationship", Campaign: underWay.Campaign}
	t.Run("while it reads", func(t *testing.T) {
		t.Parallel()
		s := campaigning(t, once(underWay), []turn[activities.AudienceRead]{readSome})
		s.env.SetContinueAsNewSuggested(true)
		s.reads(workflows.CampaignWorkflow, relationship, "0s"+beginLine, "0s"+readLine)
		requireContinuedAsNew(t, s, "CampaignWorkflow", on)
	})
	t.Run("while it waits", func(t *testing.T) {
		t.Parallel()
		s := campaigning(t, once(underWay), once(activities.AudienceRead{All: true}), lookAt(day))
		s.env.SetContinueAsNewSuggested(true)
		s.reads(workflows.CampaignWorkflow, relationship, "0s"+beginLine, "0s"+readLine, "0s"+followLine)
		requireContinuedAsNew(t, s, "CampaignWorkflow", on)
	})
}

func TestCampaignSchedule(t *testing.T) {
	t.Parallel()
	spec := client.ScheduleSpec{CronExpressions: []string{"0 6 1 */3 *"}}
	got := workflows.CampaignSchedule("relationship", spec)
	require.Equal(t, "campaign/relationship", got.ID)
	require.Equal(t, spec, got.Spec)
	require.Equal(t, enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, got.Overlap)
	require.Equal(t, day, got.CatchupWindow)
	action := got.Action.(*client.ScheduleWorkflowAction)
	require.Equal(t, "campaign/relationship", action.ID)
	require.Equal(t, []any{relationship}, action.Args)
	require.Equal(t, workflows.QueueMain, action.TaskQueue)
}
