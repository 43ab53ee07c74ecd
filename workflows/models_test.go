package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/workflows"
)

// modelling is a night of the models whose activities answer in turns.
func modelling(t *testing.T, begun activities.ModelsRef, fit turn[activities.Fitted], pages ...turn[activities.Forecasted]) *story {
	t.Helper()
	s := tell(t)
	s.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: workflows.ModelsID + "-2100-03-01T09:00:00Z", TaskQueue: workflows.QueueMain})
	var models *activities.Models
	on(s, models.BeginModels, gives(begun))
	on(s, models.FitValue, fit)
	on(s, models.FitChurn, gives(activities.Fitted{Version: "churn-1"}))
	on(s, models.ForecastCustomers, pages...)
	on(s, models.ForecastAccounts, gives(activities.Forecasted{}))
	onCall(s, models.EndModels, works())
	return s
}

var (
	tonight   = activities.ModelsRef{Run: "2100-03-01T09:00:00Z"}
	published = gives(activities.Fitted{Version: "value-1", Published: true})
	lastPage  = gives(activities.Forecasted{Scored: 7})
)

const (
	beginModelsLine = "0s BeginModels {2100-03-01T09:00:00Z false}"
	onRun           = " @cxloop-models {2100-03-01T09:00:00Z false}"
)

func TestModels(t *testing.T) {
	t.Parallel()
	s := modelling(t, tonight, published, gives(activities.Forecasted{More: true}), lastPage)
	s.reads(workflows.ModelWorkflow, activities.ModelsRef{}, beginModelsLine, "0s FitValue"+onRun, "0s FitChurn"+onRun, "0s ForecastCustomers"+onRun, "0s ForecastCustomers"+onRun,
		"0s ForecastAccounts"+onRun, "0s EndModels {2100-03-01T09:00:00Z false}")
	s.ends(0)
}

// Whoever starts a run may accept a leap of its values: its fits are told.
func TestModelsAcceptALeap(t *testing.T) {
	t.Parallel()
	accepting := activities.ModelsRef{Run: tonight.Run, AcceptLeap: true}
	s := modelling(t, accepting, published, lastPage)
	s.reads(workflows.ModelWorkflow, activities.ModelsRef{AcceptLeap: true}, "0s BeginModels {2100-03-01T09:00:00Z true}",
		"0s FitValue @cxloop-models {2100-03-01T09:00:00Z true}", "0s FitChurn @cxloop-models {2100-03-01T09:00:00Z true}",
		"0s ForecastCustomers @cxloop-models {2100-03-01T09:00:00Z true}", "0s ForecastAccounts @cxloop-models {2100-03-01T09:00:00Z true}",
		"0s EndModels {2100-03-01T09:00:00Z true}")
	s.ends(0)
	require.Equal(t, "models-2100-03-01T09:00:00Z", workflows.ModelsNow(time.Date(2100, 3, 1, 9, 0, 0, 0, time.UTC)).ID)
}

// Without a fit, customers are forecast by the model of before.
func TestModelsThatCannotBeFitted(t *testing.T) {
	t.Parallel()
	s := modelling(t, tonight, fails[activities.Fitted](refusedForGood()), lastPage)
	s.reads(workflows.ModelWorkflow, activities.ModelsRef{}, beginModelsLine, "0s FitValue"+onRun, "0s FitChurn"+onRun, "0s ForecastCustomers"+onRun,
		"0s ForecastAccounts"+onRun, "0s EndModels {2100-03-01T09:00:00Z false}")
	s.ends(0)
}

func TestModelsThatNobodyWants(t *testing.T) {
	t.Parallel()
	s := modelling(t, activities.ModelsRef{}, published)
	s.reads(workflows.ModelWorkflow, activities.ModelsRef{}, beginModelsLine)
	s.ends(0)
}

func TestModelsAreCancelled(t *testing.T) {
	t.Parallel()
	s := modelling(t, tonight, turn[activities.Fitted]{meanwhile: func(s *story) { s.env.CancelWorkflow() }, err: temporal.NewCanceledError()})
	s.env.ExecuteWorkflow(workflows.ModelWorkflow, activities.ModelsRef{})
	require.ErrorContains(t, s.env.GetWorkflowError(), "canceled")
}

func TestModelsSayThatTheyLive(t *testing.T) {
	t.Parallel()
	s := tell(t)
	var models *activities.Models
	s.env.OnActivity(models.BeginModels, mock.Anything, mock.Anything).Return(tonight, nil)
	s.env.OnActivity(models.FitValue, mock.Anything, mock.Anything).Return(
		func(ctx context.Context, _ activities.ModelsRef) (activities.Fitted, error) {
			if err := livingFor(ctx, 2*time.Hour, 30*time.Second); err != nil {
				return activities.Fitted{}, err
			}
			s.write(ctx, "")
			return activities.Fitted{}, nil
		})
	s.env.OnActivity(models.FitChurn, mock.Anything, mock.Anything).Return(activities.Fitted{}, nil)
	for _, forecast := range []any{models.ForecastCustomers, models.ForecastAccounts} {
		s.env.OnActivity(forecast, mock.Anything, mock.Anything).Return(activities.Forecasted{}, nil)
	}
	s.env.OnActivity(models.EndModels, mock.Anything, mock.Anything).Return(nil)
	s.env.ExecuteWorkflow(workflows.ModelWorkflow, activities.ModelsRef{})
	s.ends(0)
	require.Equal(t, []string{"0s FitValue @cxloop-models"}, s.lines)
}
