package workflows

import (
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cxloop/cxloop/activities"
)

// ModelsID is the id of the schedule of the models. Its runs have the moment behind it at
// which they began.
const ModelsID = "models"

// QueueModels is for fits and forecasts, which need much of a processor for long: a process
// has one of them under way.
const QueueModels = "cxloop-models"

// fitPatience is how long a fit is tried. Without it, customers are scored by the models
// that are published.
const fitPatience = 12 * time.Hour

// ModelWorkflow fits each model, publishes or refuses it, and then forecasts everybody by
// those that are published. What it did is in the store: nothing is done twice when it is
// reset or run again. Of what it is given the run is not taken, which its id names.
func ModelWorkflow(ctx workflow.Context, in activities.ModelsRef) error {
	var models *activities.Models
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	var run activities.ModelsRef
	in.Run = strings.TrimPrefix(strings.TrimPrefix(id, ModelsID), "-")
	if err := workflow.ExecuteLocalActivity(inStore(ctx), models.BeginModels, in).Get(ctx, &run); err != nil || run.Run == "" {
		return err
	}
	computing := onModels(ctx)
	for _, fit := range []any{models.FitValue, models.FitChurn} {
		trying := workflow.WithScheduleToCloseTimeout(computing, fitPatience)
		if err := workflow.ExecuteActivity(trying, fit, run).Get(ctx, nil); err != nil {
			if temporal.IsCanceledError(err) {
				return err
			}
			workflow.GetLogger(ctx).Error("a model could not be fitted; that of before is used", "error", err)
		}
	}
	for _, forecast := range []any{models.ForecastCustomers, models.ForecastAccounts} {
		page := activities.Forecasted{More: true}
		for page.More {
			if err := workflow.ExecuteActivity(computing, forecast, run).Get(ctx, &page); err != nil {
				return err
			}
		}
	}
	return workflow.ExecuteLocalActivity(inStore(ctx), models.EndModels, run).Get(ctx, nil)
}

// lostWorker is how long a worker is silent until another goes on: several of its heartbeats.
const lostWorker = 30 * time.Second

// onModels is for an activity that computes for long and says meanwhile that it lives.
func onModels(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           QueueModels,
		StartToCloseTimeout: 2 * time.Hour,
		HeartbeatTimeout:    lostWorker,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute,
		},
	})
}

// ModelsNow starts it at a moment, besides its schedule.
func ModelsNow(at time.Time) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: ModelsID + "-" + at.UTC().Format(time.RFC3339), TaskQueue: QueueMain, Priority: PriorityCampaign}
}

// ModelsSchedule runs it as its spec says. A run that was missed for less than a day is
// made up for.
func ModelsSchedule(spec client.ScheduleSpec) client.ScheduleOptions {
	return client.ScheduleOptions{
		ID:            ModelsID,
		Spec:          spec,
		Action:        &client.ScheduleWorkflowAction{ID: ModelsID, Workflow: ModelWorkflow, Args: []any{activities.ModelsRef{}}, TaskQueue: QueueMain, Priority: PriorityCampaign},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: 24 * time.Hour,
	}
}
