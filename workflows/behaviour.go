package workflows

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// BehaviourID is the id of the workflow of a batch of events that tell what customers buy,
// subscribe to or want help with.
func BehaviourID(batch string) string { return "behaviour/" + batch }

// BehaviourWorkflow keeps what a batch of events tells, when the CRM answers whose records
// they are about.
func BehaviourWorkflow(ctx workflow.Context, in activities.BehaviourRef) error {
	var behaviour *activities.Behaviour
	return workflow.ExecuteActivity(atVendor(ctx, QueueCRM(in.CRM)), behaviour.TakeBehaviour, in).Get(ctx, nil)
}

// ReadBehaviourID is the id of the schedule of a CRM from which is read what customers did,
// and of its workflow.
func ReadBehaviourID(crm string) string { return "read-behaviour/" + crm }

// ReadBehaviourWorkflow reads from a CRM what customers did since it was read last, so that
// an event that never came is made up for.
func ReadBehaviourWorkflow(ctx workflow.Context, in activities.CRMRef) error {
	var behaviour *activities.Behaviour
	return workflow.ExecuteActivity(longAtVendor(ctx, QueueCRM(in.CRM)), behaviour.ReadBehaviour, in).Get(ctx, nil)
}

// ReadBehaviourSchedule runs it again and again, for the first time at once. A run that
// takes longer is not overtaken.
func ReadBehaviourSchedule(crm string, every time.Duration) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:   ReadBehaviourID(crm),
		Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: every}}},
		Action: &client.ScheduleWorkflowAction{
			ID: ReadBehaviourID(crm), Workflow: ReadBehaviourWorkflow, TaskQueue: QueueMain, Args: []any{activities.CRMRef{CRM: crm}},
			Priority: PriorityCampaign,
		},
		Overlap:            enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow:      every,
		TriggerImmediately: true,
	}
}
