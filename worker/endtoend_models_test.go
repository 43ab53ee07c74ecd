package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// TestModelsOfANight has what customers bought forecast, refused or not, and told to the CRM.
func TestModelsOfANight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.yaml = append(w.yaml, "\nmodels: {customer: contact, currency: EUR, cron: 0 0 1 1 *}\n"...)
	c, err := config.LoadBytes("cxloop.yaml", w.yaml, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	c.Temporal.Local, c.Dev.TimeScale = true, 1
	w.config = c
	require.NoError(t, w.setup().database(t.Context()))
	ids := w.shoppers(t, 80)
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)

	file := writeFile(t, strings.Replace(string(w.yaml), "time_scale: 2880", "time_scale: 1", 1))
	began := cxloop(t, "models", "run", "-c", file)
	require.Contains(t, began.out, "It begins", began.errOut)
	told := func(id, field string) string { return w.sandbox.Record(sandbox.Contacts, id).Get(field) }
	require.True(t, eventually(func() bool { return told(ids[0], survey.SignalModelStatus) != "" }), "nothing was told of %s", ids[0])
	w.awaitWorkflows(t, 1, `WorkflowType = "ModelWorkflow" AND ExecutionStatus = "Completed"`)

	listed := cxloop(t, "models", "list", "--json", "-c", file)
	var versions []shownModel
	for line := range strings.Lines(listed.out) {
		var v shownModel
		require.NoError(t, json.Unmarshal([]byte(line), &v), listed.errOut)
		versions = append(versions, v)
	}
	require.Len(t, versions, 2, listed.out)
	for _, v := range versions {
		require.Equal(t, 80, v.Customers)
		if v.Used {
			require.Contains(t, told(ids[0], survey.SignalModelVersion), v.Version)
		}
	}
	shown := cxloop(t, "models", "compare", versions[0].Version, versions[1].Version, "-c", file)
	require.Contains(t, shown.out, "brier_skill", shown.errOut)
	require.Contains(t, cxloop(t, "models", "list", "-c", file).out, "ended: 80 forecasts")
	require.Contains(t, cxloop(t, "models", "show", "value-0", "-c", file).errOut, "no model has the version value-0")

	accepted := cxloop(t, "models", "run", "--accept-leap", "-c", file)
	require.Contains(t, accepted.out, "It begins", accepted.errOut)
	w.awaitWorkflows(t, 2, `WorkflowType = "ModelWorkflow" AND ExecutionStatus = "Completed"`)
}

// shoppers makes contacts in the CRM with what they bought in three years, and returns their
// ids.
func (w *world) shoppers(t *testing.T, n int) []string {
	t.Helper()
	db, err := openStore(w.config)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	random := rand.New(rand.NewPCG(1, 1))
	now := time.Now()
	ids := make([]string, n)
	var told []survey.Behaviour
	for i := range ids {
		contact, err := w.sandbox.CreateContact(map[string]string{"email": fmt.Sprintf("buyer%d@customers.example", i)}, "")
		require.NoError(t, err)
		ids[i] = contact.ID
		at := now.AddDate(-3, 0, random.IntN(300))
		for k := 0; at.Before(now); k++ {
			told = append(told, survey.Behaviour{
				Kind: survey.PurchaseKind, CRM: "hubspot", Source: "shop", ID: fmt.Sprintf("%d-%d", i, k), Contact: survey.Tell("hubspot/"+contact.ID, at),
				Start: survey.Tell(survey.Start{At: at}, at), Worth: survey.Tell(survey.Worth{Amount: 5000, Currency: "EUR"}, at),
			})
			if random.IntN(8) == 0 {
				break
			}
			at = at.Add(time.Duration(random.ExpFloat64() * float64(60*24*time.Hour)))
		}
	}
	for page := range slices.Chunk(told, store.MaxBehaviour) {
		_, err = db.SaveBehaviour(t.Context(), page)
		require.NoError(t, err)
	}
	return ids
}
