package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// crmPatience is how long a CRM is tried before it is left and tried again later.
const crmPatience = time.Hour

// file begins to tell the CRM how the case stands. Nobody in Slack waits for it: a CRM
// may be down for hours.
func (w *caseRun) file(ctx workflow.Context, advanced activities.Advanced) {
	switch {
	case !advanced.File:
	case w.filing != nil:
		w.refiling = true
	default:
		var records *activities.CaseRecords
		atCRM := workflow.WithScheduleToCloseTimeout(atVendor(ctx, QueueCRM(advanced.CRM)), crmPatience)
		w.filing = workflow.ExecuteActivity(atCRM, records.FileCase, w.ref)
	}
}

// whileFiling waits until the CRM knows the case. It reports whether the case has to be
// looked at before: something happened, or its moment has come.
func (w *caseRun) whileFiling(ctx workflow.Context, advanced activities.Advanced) (look bool) {
	timing, cancel := workflow.WithCancel(ctx)
	defer cancel()
	selector := workflow.NewSelector(ctx)
	selector.AddReceive(w.changed, func(changed workflow.ReceiveChannel, _ bool) {
		changed.Receive(ctx, nil)
		look = true
	})
	if !advanced.Ended {
		timer := workflow.NewTimer(timing, w.longest(ctx, advanced.LookAt))
		selector.AddFuture(timer, func(workflow.Future) { look = true })
	}
	selector.AddFuture(w.filing, func(filing workflow.Future) {
		if err := filing.Get(ctx, nil); err != nil {
			w.unfinished = true
			workflow.GetLogger(ctx).Error("the CRM does not know a case as it is", "case", w.ref.Case, "error", err)
		}
		look = w.refiling
		w.filing, w.refiling = nil, false
	})
	selector.Select(ctx)
	return look
}
