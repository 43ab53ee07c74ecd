package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/testsuite"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// modelKills are the moments of a run at which cxloop is killed, each a number that the
// database gives from then on.
var modelKills = []struct{ when, query string }{
	{"customers are read", `SELECT count(*) FROM model_runs`},
	{"the second model is fitted", `SELECT count(*) FROM model_versions WHERE kind LIKE 'value/%'`},
	{"the first pages are forecast", `SELECT count(*) FROM model_runs WHERE scored > 0`},
	{"the CRM is about to be told", `SELECT count(*) FROM model_runs WHERE ended_at IS NOT NULL`},
}

// TestKilledInTheMiddleOfModels kills cxloop at several points of a run: it ends as one that
// nobody disturbed, and the CRM is told once.
func TestKilledInTheMiddleOfModels(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			const customers = 1200 // three pages
			w := newWorld(t, kind)
			w.yaml = append(w.yaml, "\nmodels: {customer: contact, currency: EUR, cron: 0 0 1 1 *}\n"...)
			w.yaml = []byte(strings.Replace(string(w.yaml), "time_scale: 2880", "time_scale: 1", 1))
			c, err := config.LoadBytes("cxloop.yaml", w.yaml, func(string) (string, bool) { return "", false })
			require.NoError(t, err)
			c.Temporal.Local = true
			w.config = c
			require.NoError(t, w.setup().database(t.Context()))
			ids := w.shoppers(t, customers)
			w.startTemporal(t, searchAttributes())
			require.NoError(t, w.setup().outside(t.Context()))
			// Until all kills are over the CRM answers badly, so that each of them comes before
			// something is written.
			w.sandbox.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Path: "/batch/update", RetryAfter: time.Second, Kinds: []sandbox.FaultKind{
				sandbox.FaultRateLimitRetryAfter, sandbox.FaultServerError, sandbox.FaultCutBefore,
			}})
			file := writeFile(t, string(w.yaml))
			kill := w.child(t, file)
			began := cxloop(t, "models", "run", "-c", file)
			require.Contains(t, began.out, "It begins", began.errOut)
			for _, at := range modelKills {
				require.True(t, within(2*time.Minute, func() bool { return w.number(t, at.query) > 0 }), "it never came to it that %s", at.when)
				kill()
				w.nothingHalfPublished(t)
				w.missWorkers(t)
				kill = w.child(t, file)
			}
			w.sandbox.SetFaults(sandbox.HubSpot, sandbox.Faults{})
			require.True(t, within(4*time.Minute, func() bool {
				return w.number(t, `SELECT count(*) FROM signals WHERE dirty_in IS NOT NULL`) == 0 && w.number(t, modelKills[3].query) == 1
			}), "the CRM is not told of everybody")
			w.awaitWorkflows(t, 1, `WorkflowType = "ModelWorkflow" AND ExecutionStatus = "Completed"`)
			kill()
			w.nothingHalfPublished(t)
			require.Equal(t, customers, w.number(t, `SELECT scored FROM model_runs`))
			for _, id := range ids {
				told := w.sandbox.Record(sandbox.Contacts, id)
				for _, field := range []string{survey.SignalModelStatus, survey.SignalsAsOf} {
					require.Len(t, told.History[field], 1, "%s of %s", field, id)
				}
			}
			disturbed := w.forecasts(t)
			require.Len(t, disturbed, 2+customers)
			w.forecastUndisturbed(t, kind)
			require.Equal(t, w.forecasts(t), disturbed)
		})
	}
}

// missWorkers has Temporal see now that the workers are gone, which it does by itself within
// half a minute.
func (w *world) missWorkers(t *testing.T) {
	t.Helper()
	c, err := temporalClient(w.config, w.logger())
	require.NoError(t, err)
	defer c.Close()
	id := workflows.ModelsID + "-" + w.texts(t, `SELECT id FROM model_runs`)[0]
	described, err := c.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	for _, attempt := range described.GetPendingActivities() {
		if attempt.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED {
			require.NoError(t, c.CompleteActivityByID(t.Context(), w.config.Temporal.Namespace, id, "", attempt.GetActivityId(), nil, errors.New("its worker is gone")))
		}
	}
}

// nothingHalfPublished requires that forecasts are by versions that are there as a whole.
func (w *world) nothingHalfPublished(t *testing.T) {
	t.Helper()
	require.Zero(t, w.number(t, `SELECT count(*) FROM model_versions WHERE model NOT LIKE '{%}' OR card NOT LIKE '{%}' OR status = ''`))
	published := map[string]bool{}
	for _, id := range w.texts(t, `SELECT id FROM model_versions WHERE published`) {
		published[id] = true
	}
	for _, text := range w.texts(t, `SELECT forecast FROM forecasts`) {
		var f survey.Forecast
		require.NoError(t, json.Unmarshal([]byte(text), &f))
		if f.Version != "" {
			for version := range strings.SplitSeq(f.Version, ";") {
				require.True(t, published[version], "%s is not published", version)
			}
		}
	}
}

// forecasts are all forecasts with whose they are, and what each model was fitted to.
func (w *world) forecasts(t *testing.T) []string {
	t.Helper()
	return append(w.texts(t, `SELECT id || ' ' || published || ' ' || model || ' ' || card FROM model_versions ORDER BY id`),
		w.texts(t, `SELECT object_type || ' ' || record || ' ' || account || ' ' || forecast || ' ' || written FROM forecasts ORDER BY object_type, record`)...)
}

// forecastUndisturbed forgets what was fitted and forecast, and does it again up to the same
// moment in this process.
func (w *world) forecastUndisturbed(t *testing.T, kind database) {
	t.Helper()
	a, err := newApp(t.Context(), w.config, w.logger())
	require.NoError(t, err)
	defer func() { require.NoError(t, a.close()) }()
	runs, err := a.store.ModelRuns(t.Context(), 1)
	require.NoError(t, err)
	w.change(t, kind, `DELETE FROM model_runs`, `DELETE FROM model_versions`, `DELETE FROM forecasts`)
	run := store.ModelRun{ID: "undisturbed", At: runs[0].At, Settings: runs[0].Settings, ObjectType: survey.ObjectContact}
	_, err = a.store.BeginModelRun(t.Context(), run)
	require.NoError(t, err)
	models := &activities.Models{Store: a.store, Programs: a.programs, Clock: a.clock, Rules: a.config.Models, Log: w.logger()}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(models)
	for _, step := range []any{models.FitValue, models.FitChurn, models.ForecastCustomers} {
		_, err := env.ExecuteActivity(step, activities.ModelsRef{Run: run.ID})
		require.NoError(t, err)
	}
}

// change runs statements on the store, which the test reads only otherwise.
func (w *world) change(t *testing.T, kind database, statements ...string) {
	t.Helper()
	db := w.db
	if kind.name == "sqlite" {
		var err error
		db, err = sql.Open("sqlite", strings.TrimPrefix(w.config.Store.URL.Reveal(), "sqlite:"))
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
	}
	for _, statement := range statements {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
}
