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

// TestModelsOfANight has what customers bought forecast and told to the CRM: bands and no
// number while there are few, numbers and no band when there are more, and nothing at all when
// nothing has changed.
func TestModelsOfANight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.yaml = append(w.yaml, "\nmodels: {customer: contact, currency: EUR, cron: 0 0 1 1 *}\n"...)
	c, err := config.LoadBytes("cxloop.yaml", w.yaml, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	c.Temporal.Local, c.Dev.TimeScale = true, 1
	w.config = c
	require.NoError(t, w.setup().database(t.Context()))
	ids := w.shoppers(t, 12)
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)

	file := writeFile(t, strings.Replace(string(w.yaml), "time_scale: 2880", "time_scale: 1", 1))
	nights := 0
	night := func() {
		t.Helper()
		began := cxloop(t, "models", "run", "-c", file)
		require.Contains(t, began.out, "It begins", began.errOut)
		nights++
		w.awaitWorkflows(t, nights, `WorkflowType = "ModelWorkflow" AND ExecutionStatus = "Completed"`)
		w.awaitWorkflows(t, 0, `WorkflowType = "SyncWorkflow" AND ExecutionStatus = "Running"`)
	}
	told := func(id, field string) string { return w.sandbox.Record(sandbox.Contacts, id).Get(field) }
	numbers := []string{survey.SignalPurchase, survey.SignalOrders, survey.SignalValue, survey.SignalValueLow, survey.SignalRevenueAtRisk, survey.SignalModelVersion}
	night()
	require.True(t, eventually(func() bool { return told(ids[0], survey.SignalModelStatus) != "" }), "nothing was told of %s", ids[0])
	for _, id := range ids {
		require.Contains(t, survey.RecencyBands, survey.RecencyBand(told(id, survey.SignalRecencyBand)))
		require.Equal(t, []string{"thin_data", "thin_data"}, []string{told(id, survey.SignalModelStatus), told(id, survey.SignalValueStatus)})
		for _, name := range numbers {
			require.Empty(t, told(id, name), name)
		}
	}
	require.Contains(t, cxloop(t, "models", "list", "-c", file).out, "Buyers by how long ago their last purchase was")

	ids = append(ids, w.shoppersFrom(t, 12, 168)...)
	night()
	require.True(t, eventually(func() bool { return told(ids[0], survey.SignalPurchase) != "" }), "no number of %s", ids[0])
	for _, id := range ids {
		require.Empty(t, told(id, survey.SignalRecencyBand))
		require.Equal(t, []string{"ok", "ok"}, []string{told(id, survey.SignalModelStatus), told(id, survey.SignalValueStatus)})
		for _, name := range numbers {
			require.NotEmpty(t, told(id, name), name)
		}
	}
	said := w.sandbox.Revision()
	night()
	require.Equal(t, said, w.sandbox.Revision(), "nothing has changed, and the CRM was written to")

	listed := cxloop(t, "models", "list", "--json", "-c", file)
	var versions []shownModel
	for line := range strings.Lines(listed.out) {
		var v shownModel
		require.NoError(t, json.Unmarshal([]byte(line), &v), listed.errOut)
		versions = append(versions, v)
	}
	require.Len(t, versions, 2*nights, listed.out)
	for _, v := range versions[:2] {
		require.Equal(t, 180, v.Customers)
	}
	require.Contains(t, versions[2].Version+versions[3].Version, told(ids[0], survey.SignalModelVersion), "of the night in which it was written")
	shown := cxloop(t, "models", "compare", versions[0].Version, versions[1].Version, "-c", file)
	require.Contains(t, shown.out, "brier_skill", shown.errOut)
	require.Contains(t, cxloop(t, "models", "list", "-c", file).out, "ended: 180 forecasts")
	require.Contains(t, cxloop(t, "models", "show", "value-0", "-c", file).errOut, "no model has the version value-0")

	accepted := cxloop(t, "models", "run", "--accept-leap", "-c", file)
	require.Contains(t, accepted.out, "It begins", accepted.errOut)
	w.awaitWorkflows(t, nights+1, `WorkflowType = "ModelWorkflow" AND ExecutionStatus = "Completed"`)
}

// shoppers makes contacts in the CRM with what they bought in three years, and returns their
// ids.
func (w *world) shoppers(t *testing.T, n int) []string {
	t.Helper()
	return w.shoppersFrom(t, 0, n)
}

// shoppersFrom makes contacts from a number on.
func (w *world) shoppersFrom(t *testing.T, from, n int) []string {
	t.Helper()
	db, err := openStore(w.config)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	random := rand.New(rand.NewPCG(1, uint64(from)))
	now := time.Now()
	ids := make([]string, n)
	var told []survey.Behaviour
	for i := range ids {
		contact, err := w.sandbox.CreateContact(map[string]string{"email": fmt.Sprintf("buyer%d@customers.example", from+i)}, "")
		require.NoError(t, err)
		ids[i] = contact.ID
		at := now.AddDate(-3, 0, random.IntN(300))
		gap, leaves := 20+100*random.Float64(), 0.05+0.3*random.Float64() // who is overdue is plain
		for k := 0; at.Before(now); k++ {
			told = append(told, survey.Behaviour{
				Kind: survey.PurchaseKind, CRM: "hubspot", Source: "shop", ID: fmt.Sprintf("%d-%d", from+i, k), Contact: survey.Tell("hubspot/"+contact.ID, at),
				Start: survey.Tell(survey.Start{At: at}, at), Worth: survey.Tell(survey.Worth{Amount: 5000, Currency: "EUR"}, at),
			})
			if random.Float64() < leaves {
				break
			}
			at = at.Add(time.Duration((0.75 + 0.5*random.Float64()) * gap * float64(24*time.Hour)))
		}
	}
	for page := range slices.Chunk(told, store.MaxBehaviour) {
		_, err = db.SaveBehaviour(t.Context(), page)
		require.NoError(t, err)
	}
	return ids
}
