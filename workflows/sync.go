package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// SyncID is the id of the workflow that writes to a CRM.
func SyncID(crm string) string { return "sync/" + crm }

// SignalsChangedSignal wakes a CRM's workflow: there is something to write. It
// carries nothing; what changed is in the store.
const SignalsChangedSignal = "signals-changed"

// syncPace is how long changes gather, so that those of the same moment share the
// vendor's batches. Nobody reads a CRM record within seconds of an answer.
const syncPace = 5 * time.Second

// SyncWorkflow writes changed signals to a CRM until none is left.
func SyncWorkflow(ctx workflow.Context, in activities.CRMRef) error {
	var signals *activities.Signals
	changed := workflow.GetSignalChannel(ctx, SignalsChangedSignal)
	for {
		if err := workflow.Sleep(ctx, syncPace); err != nil {
			return err
		}
		drain(changed)
		pushed := activities.Pushed{More: true}
		for pushed.More {
			if err := workflow.ExecuteActivity(longAtVendor(ctx, QueueCRM(in.CRM)), signals.PushSignals, in).Get(ctx, &pushed); err != nil {
				return err
			}
		}
		if changed.Len() == 0 {
			return nil
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return workflow.NewContinueAsNewError(ctx, SyncWorkflow, in)
		}
	}
}
