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

// slackPatience is how long Slack is tried before the case's clicks and its closing
// by policy are looked at again.
const slackPatience = time.Hour

// ownerPatience is how long a case waits for who in Slack has its account.
const ownerPatience = 30 * time.Second

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
		w.file(ctx, advanced)
		if advanced.Ended {
			if err := w.tellCRM(ctx, advanced.CRM); err != nil {
				return err
			}
		}
		if w.filing != nil && w.whileFiling(ctx, advanced) {
			continue
		}
		switch {
		case advanced.Ended && w.changed.Len() == 0:
			return nil
		case advanced.Ended: // somebody clicked meanwhile, and is told why nothing changed
		case workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			return workflow.NewContinueAsNewError(ctx, CaseWorkflow, in)
		default:
			w.wait(ctx, advanced.LookAt)
		}
	}
}

type caseRun struct {
	ref     activities.CaseRef
	changed workflow.ReceiveChannel
	// unfinished is set when Slack or the CRM did not do its part.
	unfinished bool
	// filing is the CRM being told of the case, nil while it is not. What has changed since
	// it began is refiled after.
	filing   workflow.Future
	refiling bool
}

// advance applies what happened and shows it.
func (w *caseRun) advance(ctx workflow.Context) (activities.Advanced, error) {
	w.unfinished = false
	advanced, err := w.step(ctx)
	if err == nil && advanced.OwnerUnknown && !advanced.OwnerFirst && w.lookUpOwner(ctx, advanced.CRM) {
		return w.step(ctx)
	}
	return advanced, err
}

func (w *caseRun) step(ctx workflow.Context) (activities.Advanced, error) {
	advanced, err := w.apply(ctx)
	known := err == nil && len(advanced.UnknownUsers) > 0 && w.lookUp(ctx, advanced.UnknownUsers)
	known = err == nil && advanced.OwnerFirst && w.lookUpOwner(ctx, advanced.CRM) || known
	if known {
		before := advanced.Refused
		advanced, err = w.apply(ctx)
		advanced.Refused = append(before, advanced.Refused...)
	}
	if err != nil {
		return advanced, err
	}
	for _, click := range advanced.Refused {
		w.refuse(ctx, click)
	}
	if advanced.Storm != "" {
		if err := w.tellStorm(ctx, advanced.Storm); err != nil {
			return advanced, err
		}
	}
	if advanced.Show {
		w.show(ctx)
	}
	return advanced, nil
}

func (w *caseRun) apply(ctx workflow.Context) (advanced activities.Advanced, err error) {
	var cases *activities.Cases
	err = workflow.ExecuteLocalActivity(inStore(ctx), cases.AdvanceCase, w.ref).Get(ctx, &advanced)
	return advanced, err
}

// atSlack is for what must not keep a case from ending: after a while it is left
// and tried again later.
func atSlack(ctx workflow.Context) workflow.Context {
	return workflow.WithScheduleToCloseTimeout(atVendor(ctx, QueueSlack), slackPatience)
}

// lookUp reports whether Slack said who the users are. Their clicks wait until it
// does.
func (w *caseRun) lookUp(ctx workflow.Context, users []string) bool {
	var slack *activities.Slack
	err := workflow.ExecuteActivity(atSlack(ctx), slack.LookUpUsers, activities.UsersInput{Users: users}).Get(ctx, nil)
	if err != nil {
		w.unfinished = true
		workflow.GetLogger(ctx).Error("Slack does not say who clicked on a case", "case", w.ref.Case, "error", err)
	}
	return err == nil
}

// lookUpOwner reports whether it was found out who in Slack has the account. The case goes
// on without: what it shows is more urgent.
func (w *caseRun) lookUpOwner(ctx workflow.Context, crm string) bool {
	var owners *activities.Owners
	soon := workflow.WithScheduleToCloseTimeout(atVendor(ctx, QueueCRM(crm)), ownerPatience)
	err := workflow.ExecuteActivity(soon, owners.LookUpOwner, w.ref).Get(ctx, nil)
	if err != nil {
		w.unfinished = true
		workflow.GetLogger(ctx).Warn("it is not known yet who in Slack has a case's account", "case", w.ref.Case, "error", err)
	}
	return err == nil
}

// refuse tells who clicked in vain. It is a courtesy: a few tries are enough.
func (w *caseRun) refuse(ctx workflow.Context, click activities.RefusedClick) {
	var slack *activities.Slack
	few := workflow.WithRetryPolicy(atVendor(ctx, QueueSlack), temporal.RetryPolicy{MaximumAttempts: 3})
	in := activities.RefuseInput{Case: w.ref.Case, RefusedClick: click}
	if err := workflow.ExecuteActivity(few, slack.RefuseClick, in).Get(ctx, nil); err != nil {
		workflow.GetLogger(ctx).Warn("nobody was told why a click changed nothing", "case", w.ref.Case, "error", err)
	}
}

// show makes the message show the case.
func (w *caseRun) show(ctx workflow.Context) {
	var slack *activities.Slack
	if err := workflow.ExecuteActivity(atSlack(ctx), slack.ShowCase, w.ref).Get(ctx, nil); err != nil {
		w.unfinished = true
		workflow.GetLogger(ctx).Error("Slack does not show a case as it is", "case", w.ref.Case, "error", err)
	}
}

// tellStorm has the storm that a case belongs to looked at: its digest tells of the case,
// and where the case has no message yet it is posted there.
func (w *caseRun) tellStorm(ctx workflow.Context, storm string) error {
	var starts *activities.Starts
	return workflow.ExecuteLocalActivity(inStore(ctx), starts.WakeStorm, activities.StormRef{Storm: storm}).Get(ctx, nil)
}

// tellCRM has the CRM told that the case is over.
func (w *caseRun) tellCRM(ctx workflow.Context, crm string) error {
	if crm == "" { // there is no such case
		return nil
	}
	var starts *activities.Starts
	return workflow.ExecuteLocalActivity(inStore(ctx), starts.WakeSync, activities.CRMRef{CRM: crm}).Get(ctx, nil)
}

// wait returns when something happened, or when it is time to look without. A timer that
// nobody waits for any more is stopped: else it would wake the case for nothing.
func (w *caseRun) wait(ctx workflow.Context, until time.Time) {
	if workflow.GetVersion(ctx, "stop-timers", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		w.changed.ReceiveWithTimeout(ctx, w.longest(ctx, until), nil)
		return
	}
	waiting, stop := workflow.WithCancel(ctx)
	defer stop()
	workflow.NewSelector(ctx).
		AddFuture(workflow.NewTimer(waiting, w.longest(ctx, until)), func(workflow.Future) {}).
		AddReceive(w.changed, func(workflow.ReceiveChannel, bool) { drain(w.changed) }).
		Select(ctx)
}

// longest is how long to wait for something to happen, at most until a moment.
func (w *caseRun) longest(ctx workflow.Context, until time.Time) time.Duration {
	// At least a second: two clocks may not agree that the moment has come.
	wait := max(until.Sub(workflow.Now(ctx)), time.Second)
	if w.unfinished {
		wait = min(wait, slackPatience)
	}
	return wait
}
