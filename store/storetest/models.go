package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func (w world) forecast(contact int, risk, value float64) store.CustomerForecast {
	return store.CustomerForecast{
		Record: w.contactRef(contact), Account: w.accountRef(contact / 2),
		Forecast: survey.Forecast{At: start, Status: survey.ModelOK, Version: "churn-1", Risk: &risk, Decile: 1 + int(risk*9), Value: &value},
	}
}

func (w world) beginModels(id string, at time.Time) store.ModelRun {
	w.Helper()
	run, err := w.BeginModelRun(w.Context(), store.ModelRun{ID: id, At: at, ObjectType: survey.ObjectContact})
	w.must(err)
	return run
}

func (w world) saveForecasts(run, after, next string, forecasts ...store.CustomerForecast) store.ModelRun {
	w.Helper()
	got, err := w.SaveForecasts(w.Context(), store.ForecastPage{
		Run: run, ObjectType: survey.ObjectContact, After: after, Next: next, Forecasts: forecasts,
	})
	w.must(err)
	return got
}

var modelCases = map[string]func(world){
	"versions are kept, and the first of an id": func(w world) {
		save := func(id, kind string, at time.Time, published bool, model string) store.ModelVersion {
			v, err := w.SaveModelVersion(w.Context(), store.ModelVersion{
				ID: id, Kind: kind, FittedAt: at, Published: published, Status: survey.ModelOK, Model: []byte(model), Card: []byte(`{"n":1}`),
			})
			w.must(err)
			return v
		}
		first := save("churn-1", "churn", start, true, `{"a":1}`)
		require.Equal(w.T, first, save("churn-1", "churn", start.Add(time.Hour), false, `{"a":2}`))
		require.JSONEq(w.T, `{"a":1}`, string(first.Model))
		save("value-1", "value", start, false, `{}`)
		save("churn-2", "churn", start.Add(time.Hour), false, `{}`)

		used, err := w.PublishedModel(w.Context(), "churn")
		w.must(err)
		require.Equal(w.T, first, used, "a refused one replaces none")
		_, err = w.PublishedModel(w.Context(), "value")
		require.ErrorIs(w.T, err, store.ErrNotFound)
		_, err = w.ModelVersion(w.Context(), "churn-3")
		require.ErrorIs(w.T, err, store.ErrNotFound)

		all, err := w.ModelVersions(w.Context(), 2)
		w.must(err)
		require.Equal(w.T, []string{"churn-2", "value-1"}, []string{all[0].ID, all[1].ID}, "the latest first")
		require.Nil(w.T, all[0].Model)
		require.JSONEq(w.T, `{"n":1}`, string(all[0].Card))

		w.must(w.NoteModelDrift(w.Context(), "churn-1", []byte(`{"status":"stale"}`), true))
		used, err = w.PublishedModel(w.Context(), "churn")
		w.must(err)
		first.Drift, first.Stale = []byte(`{"status":"stale"}`), true
		require.Equal(w.T, first, used)
	},

	"a page of forecasts counts once, and what moved is written": func(w world) {
		w.saveContacts(4)
		run := w.beginModels("m1", start)
		require.Equal(w.T, run, w.beginModels("m1", start.Add(time.Hour)), "the first of an id")
		a, b := w.forecast(0, 0.1, 100), w.forecast(1, 0.9, 50)
		for range 2 {
			got := w.saveForecasts("m1", "", b.Record, a, b)
			require.Equal(w.T, []any{b.Record, 2, 2}, []any{got.Cursor, got.Scored, got.Written})
		}
		rows := w.dirty(10)
		require.Len(w.T, rows, 2)
		byID := map[string]map[string]string{}
		for _, row := range rows {
			byID[row.ObjectID] = row.Values
		}
		require.Equal(w.T, map[string]string{
			survey.SignalChurnRisk: "0.900", survey.SignalRiskDecile: "9", survey.SignalValue: "50.00", survey.SignalModelStatus: "ok",
			survey.SignalModelVersion: "churn-1", survey.SignalsAsOf: "2026-03-02T09:00:00Z",
		}, byID["c001"])
		crms, err := w.EndModelRun(w.Context(), "m1", start.Add(time.Minute))
		w.must(err)
		require.Equal(w.T, []string{"hubspot"}, crms)
		_, err = w.EndModelRun(w.Context(), "m1", start.Add(time.Hour))
		w.must(err)
		run, err = w.ModelRun(w.Context(), "m1")
		w.must(err)
		require.Equal(w.T, start.Add(time.Minute).UnixMilli(), run.EndedAt.UnixMilli(), "it ends once")
		require.Equal(w.T, 2, w.saveForecasts("m1", b.Record, "z", w.forecast(2, 0.2, 1)).Scored, "it has ended")
		w.must(w.SignalsPushed(w.Context(), "hubspot", rows, start))

		// A day later one is as good as it was, one is not.
		w.beginModels("m2", start.Add(24*time.Hour))
		a, b = w.forecast(0, 0.11, 105), w.forecast(1, 0.8, 50)
		a.Version, b.Version = "churn-2", "churn-2"
		got := w.saveForecasts("m2", "", b.Record, a, b)
		require.Equal(w.T, []int{2, 1}, []int{got.Scored, got.Written})
		rows = w.dirty(10)
		require.Len(w.T, rows, 1)
		require.Equal(w.T, map[string]string{
			survey.SignalChurnRisk: "0.800", survey.SignalRiskDecile: "8", survey.SignalModelVersion: "churn-2",
		}, rows[0].Values)
		w.must(w.SignalsPushed(w.Context(), "hubspot", rows, start))

		// Small steps add up: the first is held against what was written.
		w.beginModels("m3", start.Add(48*time.Hour))
		got = w.saveForecasts("m3", "", b.Record, w.forecast(0, 0.12, 105))
		require.Equal(w.T, 1, got.Written)
		runs, err := w.ModelRuns(w.Context(), 2)
		w.must(err)
		require.Equal(w.T, []string{"m3", "m2"}, []string{runs[0].ID, runs[1].ID})
	},

	"what is not known any more is emptied": func(w world) {
		w.saveContacts(1)
		w.beginModels("m1", start)
		w.saveForecasts("m1", "", "x", w.forecast(0, 0.5, 10))
		w.must(w.SignalsPushed(w.Context(), "hubspot", w.dirty(10), start))
		w.beginModels("m2", start.Add(time.Hour))
		thin := w.forecast(0, 0, 0)
		thin.Forecast = survey.Forecast{At: start.Add(time.Hour), Status: survey.ModelThinData}
		w.saveForecasts("m2", "", "x", thin)
		require.Equal(w.T, map[string]string{
			survey.SignalChurnRisk: "", survey.SignalRiskDecile: "", survey.SignalValue: "", survey.SignalModelVersion: "",
			survey.SignalModelStatus: "thin_data", survey.SignalsAsOf: "2026-03-02T10:00:00Z",
		}, w.dirty(10)[0].Values)
	},

	"forecasts that nobody wants any more are taken back": func(w world) {
		w.saveContacts(3)
		w.beginModels("m1", start)
		w.saveForecasts("m1", "", "x", w.forecast(0, 0.1, 1), w.forecast(1, 0.2, 2), w.forecast(2, 0.3, 4))
		w.must(w.SignalsPushed(w.Context(), "hubspot", w.dirty(10), start))
		taken, crms, err := w.TakeBackForecasts(w.Context(), survey.ObjectAccount, start, 2)
		w.must(err)
		require.Equal(w.T, []any{0, 0}, []any{taken, len(crms)})
		later := start.Add(time.Hour)
		for _, want := range []int{2, 1, 0} {
			taken, crms, err = w.TakeBackForecasts(w.Context(), survey.ObjectContact, later, 2)
			w.must(err)
			require.Equal(w.T, want, taken)
			require.Equal(w.T, want > 0, len(crms) > 0)
		}
		rows := w.dirty(10)
		require.Len(w.T, rows, 3)
		for _, row := range rows {
			require.Equal(w.T, map[string]string{
				survey.SignalChurnRisk: "", survey.SignalRiskDecile: "", survey.SignalValue: "", survey.SignalModelVersion: "",
				survey.SignalModelStatus: "suppressed", survey.SignalChurnStatus: "suppressed", survey.SignalValueStatus: "suppressed",
				survey.SignalsAsOf: "2026-03-02T10:00:00Z",
			}, row.Values)
		}
	},

	"what is old is forgotten, but for what is in use": func(w world) {
		day := func(n int) time.Time { return start.AddDate(0, 0, n) }
		for i, id := range []string{"refused-0", "published-1", "published-2", "refused-3", "refused-4"} {
			_, err := w.SaveModelVersion(w.Context(), store.ModelVersion{
				ID: id, Kind: "churn", FittedAt: day(i), Published: i == 1 || i == 2, Status: survey.ModelOK, Model: []byte(`{"a":1}`), Card: []byte(`{"n":1}`),
			})
			w.must(err)
			w.beginModels(id, day(i))
			w.must(w.SaveTextTraining(w.Context(), store.TextTraining{At: day(i), Version: "v1", Trials: []byte(`[]`)}))
		}
		for _, want := range []int{4 + 2 + 1 + 4, 0} { // runs, refused versions, what one computes by, and trainings
			purged, err := w.PurgeModels(w.Context(), day(4))
			w.must(err)
			require.Equal(w.T, want, purged)
		}
		kept, err := w.ModelVersions(w.Context(), 10)
		w.must(err)
		ids := make([]string, len(kept))
		for i, v := range kept {
			ids[i] = v.ID
			require.JSONEq(w.T, `{"n":1}`, string(v.Card))
		}
		require.Equal(w.T, []string{"refused-4", "published-2", "published-1"}, ids)
		used, err := w.PublishedModel(w.Context(), "churn")
		w.must(err)
		require.Equal(w.T, []string{"published-2", `{"a":1}`}, []string{used.ID, string(used.Model)})
		runs, err := w.ModelRuns(w.Context(), 10)
		w.must(err)
		require.Len(w.T, runs, 1)
		purged, err := w.PurgeModels(w.Context(), day(400))
		w.must(err)
		require.Equal(w.T, 1+1, purged, "the run and the refused version")
		trainings, err := w.TextTrainings(w.Context(), 10)
		w.must(err)
		require.Len(w.T, trainings, 1, "the latest")
	},

	"accounts are given with their contacts": func(w world) {
		w.saveContacts(5)
		w.beginModels("m1", start)
		alone := w.forecast(4, 0.3, 7)
		alone.Account = ""
		w.saveForecasts("m1", "", "x", w.forecast(0, 0.1, 1), w.forecast(1, 0.2, 2), w.forecast(2, 0.3, 4), alone)
		first, err := w.AccountForecasts(w.Context(), "", 1)
		w.must(err)
		require.Len(w.T, first, 1)
		second, err := w.AccountForecasts(w.Context(), first[0].Account, 10)
		w.must(err)
		require.Len(w.T, second, 1)
		sizes := map[string]int{first[0].Account: len(first[0].Forecasts), second[0].Account: len(second[0].Forecasts)}
		require.Equal(w.T, map[string]int{w.accountRef(0): 2, w.accountRef(1): 1}, sizes)
		none, err := w.AccountForecasts(w.Context(), second[0].Account, 10)
		w.must(err)
		require.Empty(w.T, none)

		// Their own come after those of the contacts.
		page := store.ForecastPage{Run: "m1", ObjectType: survey.ObjectAccount, Next: second[0].Account, Forecasts: []store.CustomerForecast{
			{Record: first[0].Account, Forecast: first[0].Forecasts[0]},
		}}
		got, err := w.SaveForecasts(w.Context(), page)
		w.must(err)
		require.Equal(w.T, []any{survey.ObjectAccount, second[0].Account, 5}, []any{got.ObjectType, got.Cursor, got.Scored})
		page.After, page.Next = second[0].Account, "z"
		page.ObjectType = survey.ObjectContact
		got, err = w.SaveForecasts(w.Context(), page)
		w.must(err)
		require.Equal(w.T, 5, got.Scored, "no contact's after an account's")
	},
}
