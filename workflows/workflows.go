// Package workflows is the order of steps: what follows what, what is waited for,
// and what a restart must not forget. Each workflow has a file; what it does to the
// world is in activities, what it decides in survey.
package workflows

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// The task queues. Workflows and what only touches the database share one; each
// vendor has its own with its own rate limit, so that a slow one holds up no other.
const (
	QueueMain = "cxloop"
	// QueueMail is of whoever sends the mails. It is named after the first that did:
	// histories hold the name.
	QueueMail   = "cxloop-sendgrid"
	QueueSlack  = "cxloop-slack"
	QueueTwilio = "cxloop-twilio"
)

// QueueCRM is the task queue of a configured CRM.
func QueueCRM(crm string) string { return "cxloop-crm-" + crm }

// Priorities, 1 before 5: an account team waits for a case, a customer's answer
// leads to one, and an invitation can wait.
var (
	PriorityCase   = temporal.Priority{PriorityKey: 1}
	PriorityAnswer = temporal.Priority{PriorityKey: 2}
	PriorityInvite = temporal.Priority{PriorityKey: 4}
	// PriorityCampaign: a campaign of many thousands holds up nobody.
	PriorityCampaign = temporal.Priority{PriorityKey: 5}
)

// ProgramAttribute is the search attribute with the program's id.
var ProgramAttribute = temporal.NewSearchAttributeKeyKeyword("CxProgram")

// SearchAttributes are those that a namespace needs, by name.
var SearchAttributes = map[string]enumspb.IndexedValueType{
	ProgramAttribute.GetName(): enumspb.INDEXED_VALUE_TYPE_KEYWORD,
}

// Register adds every workflow to a worker.
func Register(r worker.WorkflowRegistry) {
	r.RegisterWorkflow(InviteWorkflow)
	r.RegisterWorkflow(ResponseWorkflow)
	r.RegisterWorkflow(CaseWorkflow)
	r.RegisterWorkflow(StormWorkflow)
	r.RegisterWorkflow(AskWorkflow)
	r.RegisterWorkflow(ThanksWorkflow)
	r.RegisterWorkflow(LeadWorkflow)
	r.RegisterWorkflow(WonWorkflow)
	r.RegisterWorkflow(BehaviourWorkflow)
	r.RegisterWorkflow(ReadBehaviourWorkflow)
	r.RegisterWorkflow(SyncWorkflow)
	r.RegisterWorkflow(HousekeepingWorkflow)
	r.RegisterWorkflow(CampaignWorkflow)
	r.RegisterWorkflow(ThemesWorkflow)
	r.RegisterWorkflow(ModelWorkflow)
	r.RegisterWorkflow(CommentsWorkflow)
}

// patience is how long a step is repeated that only touches the database: until the
// database answers. Without it the SDK gives up after the time-out of one try.
const patience = 10 * 365 * 24 * time.Hour

// inStore is for steps that only touch the database.
func inStore(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout:    20 * time.Second,
		ScheduleToCloseTimeout: patience,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: time.Minute,
		},
	})
}

// callTimeout is longer than any vendor client waits for an answer, so that an
// attempt that Temporal gives up is one whose worker is gone. An activity of several
// calls stops in time by itself.
const callTimeout = 2 * time.Minute

// atVendor is for calls to a vendor. They are repeated until the vendor takes them
// or refuses them for good; how long to wait the vendor says.
func atVendor(ctx workflow.Context, queue string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           queue,
		StartToCloseTimeout: callTimeout,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute,
		},
	})
}

// longAtVendor is for an activity that makes many calls and says meanwhile that it
// lives.
func longAtVendor(ctx workflow.Context, queue string) workflow.Context {
	ctx = workflow.WithHeartbeatTimeout(atVendor(ctx, queue), time.Minute)
	return workflow.WithStartToCloseTimeout(ctx, 10*time.Minute)
}

// sleepUntil waits for a moment on the real clock.
func sleepUntil(ctx workflow.Context, at time.Time) error {
	if wait := at.Sub(workflow.Now(ctx)); wait > 0 {
		return workflow.Sleep(ctx, wait)
	}
	return nil
}

// drain takes the signals that wait and returns how many there were.
func drain(signals workflow.ReceiveChannel) int {
	n := 0
	for signals.ReceiveAsync(nil) {
		n++
	}
	return n
}
