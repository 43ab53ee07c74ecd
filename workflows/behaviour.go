package workflows

import (
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
