package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// StormID is the id of a storm's workflow.
func StormID(storm string) string { return "storm/" + storm }

// StormChangedSignal wakes a storm's workflow: a case came, or changed. It carries nothing;
// what happened is in the store.
const StormChangedSignal = "storm-changed"

// stormPace is how long changes gather before the digest tells of them.
const stormPace = 3 * time.Second

// StormWorkflow keeps a storm's digest true and posts its cases in the thread, the worst
// first, until all are there. One activity at a time does so: Slack takes one message a
// second in a channel.
func StormWorkflow(ctx workflow.Context, in activities.StormRef) error {
	var slack *activities.Slack
	changed := workflow.GetSignalChannel(ctx, StormChangedSignal)
	for {
		if err := workflow.Sleep(ctx, stormPace); err != nil {
			return err
		}
		drain(changed)
		told := activities.StormTold{More: true}
		for told.More {
			if err := workflow.ExecuteActivity(longAtVendor(ctx, QueueSlack), slack.TellStorm, in).Get(ctx, &told); err != nil {
				return err
			}
		}
		if changed.Len() == 0 {
			return nil
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return workflow.NewContinueAsNewError(ctx, StormWorkflow, in)
		}
	}
}
