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
	beginModelsLine = "0s BeginModels {2100-03-01T09:00:00Z}"
	onRun     = " @cxloop-models {2100-03-01T09:00:00Z}"
)

func TestModels(t *testing.T) {
	t.Parallel()
	s := modelling(t, tonight, published, gives(activities.Forecasted{More: true}), lastPage)
	s.reads(workflows.ModelWorkflow, nil, beginModelsLine, "0s FitValue"+onRun, "0s ForecastCustomers"+onRun, "0s ForecastCustomers"+onRun,
		"0s ForecastAccounts"+onRun, "0s EndModels {2100-03-01T09:00:00Z}")
	s.ends(0)
}

// Without a fit, customers are forecast by the model of before.
func TestModelsThatCannotBeFitted(t *testing.T) {
	t.Parallel()
	s := modelling(t, tonight, fails[activities.Fitted](refusedForGood()), lastPage)
	s.reads(workflows.ModelWorkflow, nil, beginModelsLine, "0s FitValue"+onRun, "0s ForecastCustomers"+onRun,
		"0s ForecastAccounts"+onRun, "0s EndModels {2100-03-01T09:00:00Z}")
	s.ends(0)
}

func TestModelsThatNobodyWants(t *testing.T) {
	t.Parallel()
	s := modelling(t, activities.ModelsRef{}, published)
	s.reads(workflows.ModelWorkflow, nil, beginModelsLine)
	s.ends(0)
}

func TestModelsAreCancelled(t *testing.T) {
	t.Parallel()
	s := modelling(t, tonight, turn[activities.Fitted]{meanwhile: func(s *story) { s.env.CancelWorkflow() }, err: temporal.NewCanceledError()})
	s.env.ExecuteWorkflow(workflows.ModelWorkflow)
	require.ErrorContains(t, s.env.GetWorkflowError(), "canceled")
}

func TestModelsSayThatTheyLive(t *testing.T) {
	t.Parallel()
	s := modelling(t, tonight, published)
	var models *activities.Models
	s.env.OnActivity(models.ForecastCustomers, mock.Anything, mock.Anything).Return(
		func(ctx context.Context, _ activities.ModelsRef) (activities.Forecasted, error) {
			return activities.Forecasted{}, livingFor(ctx, 2*time.Hour)
		})
	s.env.ExecuteWorkflow(workflows.ModelWorkflow)
	s.ends(0)
}
