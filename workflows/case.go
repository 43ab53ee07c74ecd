package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// CaseID is the id of a case's workflow.
func CaseID(caseID string) string { return "case/" + caseID }

// CaseChangedSignal wakes a case's workflow: somebody clicked, or another response
// came. It carries nothing; what happened is in the store.
const CaseChangedSignal = "case-changed"

// showPatience is how long one try to show a case may take before its clicks and
// its closing by policy are looked at again.
const showPatience = time.Hour

// CaseWorkflow follows a case up until it ends: it keeps the Slack message true,
// takes clicks, and closes by policy what nobody resolved. Its state is the case in
// the store.
func CaseWorkflow(ctx workflow.Context, in activities.CaseRef) error {
	w := caseRun{ref: in, changed: workflow.GetSignalChannel(ctx, CaseChangedSignal)}
	for {
		drain(w.changed)
		advanced, err := w.advance(ctx)
		if err != nil {
			return err
		}
		if advanced.Ended {
			if err := w.tellCRM(ctx, advanced.CRM); err != nil {
				return err
			}
		}
		switch {
		case advanced.Ended && w.changed.Len() == 0:
			return nil
		case advanced.Ended: // somebody clicked meanwhile, and is told why nothing changed
		case workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			return workflow.NewContinueAsNewError(ctx, CaseWorkflow, in)
		default:
			w.wait(ctx, advanced.CloseAt)
		}
	}
}

type caseRun struct {
	ref     activities.CaseRef
	changed workflow.ReceiveChannel
	// unshown is set while the message does not show the case as it is.
	unshown bool
}

// advance applies what happened and shows it.
func (w *caseRun) advance(ctx workflow.Context) (activities.Advanced, error) {
	var cases *activities.Cases
	var advanced activities.Advanced
	for {
		advanced = activities.Advanced{}
		if err := workflow.ExecuteLocalActivity(inStore(ctx), cases.AdvanceCase, w.ref).Get(ctx, &advanced); err != nil {
			return advanced, err
		}
		if len(advanced.UnknownUsers) == 0 {
			break
		}
		if err := w.lookUp(ctx, advanced.UnknownUsers); err != nil {
			return advanced, err
		}
	}
	if len(advanced.Refused) > 0 {
		w.refuse(ctx, advanced.Refused)
	}
	if advanced.Show {
		w.show(ctx)
	}
	return advanced, nil
}

func (w *caseRun) lookUp(ctx workflow.Context, users []string) error {
	var slack *activities.Slack
	return workflow.ExecuteActivity(atVendor(ctx, QueueSlack), slack.LookUpUsers, activities.UsersInput{Users: users}).Get(ctx, nil)
}

// refuse tells who clicked in vain. It is a courtesy: a few tries are enough.
func (w *caseRun) refuse(ctx workflow.Context, refused []activities.RefusedClick) {
	var slack *activities.Slack
	few := workflow.WithRetryPolicy(atVendor(ctx, QueueSlack), temporal.RetryPolicy{MaximumAttempts: 3})
	in := activities.RefuseInput{Case: w.ref.Case, Refused: refused}
	if err := workflow.ExecuteActivity(few, slack.RefuseClicks, in).Get(ctx, nil); err != nil {
		workflow.GetLogger(ctx).Warn("nobody was told why a click changed nothing", "case", w.ref.Case, "error", err)
	}
}

// show makes the message show the case. That Slack does not take it must not keep
// the case from ending.
func (w *caseRun) show(ctx workflow.Context) {
	var slack *activities.Slack
	patient := workflow.WithScheduleToCloseTimeout(atVendor(ctx, QueueSlack), showPatience)
	err := workflow.ExecuteActivity(patient, slack.ShowCase, w.ref).Get(ctx, nil)
	if w.unshown = err != nil; w.unshown {
		workflow.GetLogger(ctx).Error("Slack does not show a case as it is", "case", w.ref.Case, "error", err)
	}
}

// tellCRM has the CRM told that the case is over.
func (w *caseRun) tellCRM(ctx workflow.Context, crm string) error {
	var starts *activities.Starts
	return workflow.ExecuteLocalActivity(inStore(ctx), starts.WakeSync, activities.CRMRef{CRM: crm}).Get(ctx, nil)
}

// wait returns when something happened, or when it is time to look without.
func (w *caseRun) wait(ctx workflow.Context, until time.Time) {
	// At least a second: two clocks may not agree that the moment has come.
	wait := max(until.Sub(workflow.Now(ctx)), time.Second)
	if w.unshown {
		wait = min(wait, showPatience)
	}
	w.changed.ReceiveWithTimeout(ctx, wait, nil)
}
