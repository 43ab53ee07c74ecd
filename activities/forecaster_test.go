package activities

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/churn"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// requireHonest holds that no number stands beside a status that denies it, and no status
// beside numbers that are not there.
func requireHonest(t *testing.T, f survey.Forecast, of string) {
	t.Helper()
	none := func(numbers ...*float64) bool {
		return !slices.ContainsFunc(numbers, func(v *float64) bool { return v != nil })
	}
	noRisk := none(f.Risk, f.RiskLow, f.RiskHigh) && f.Decile == 0 && len(f.Drivers) == 0
	noValue := none(f.Purchase, f.Orders, f.Value, f.ValueLow, f.ValueHigh, f.ValueBias, f.AtRisk)
	require.Equal(t, f.ChurnStatus.Told(), !noRisk, "%s: %+v", of, f)
	require.Equal(t, f.ValueStatus.Told(), !noValue, "%s: %+v", of, f)
	require.Equal(t, f.Status.Told(), !noRisk || !noValue, "%s: %+v", of, f)
	require.Equal(t, survey.Overall(f.ChurnStatus, f.ValueStatus), f.Status, of)
	require.Equal(t, f.ValueStatus.Told(), strings.Contains(f.Version, "value-"), of)
	require.Equal(t, f.ChurnStatus.Told(), strings.Contains(f.Version, "churn-"), of)
	require.False(t, f.Band != "" && f.ValueStatus.Told(), "%s: a band beside numbers", of)
}

// Whatever there is to say of the two models, and whoever the customer is: statuses and numbers
// agree.
func TestStatusesOfTwoModels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.buyers(300)
	m, _ := w.models(survey.ObjectContact)
	run := w.forecastAll(m, w.beginModels(m, "1"))
	whole, err := m.forecaster(t.Context(), run)
	w.must(err)
	require.NotNil(t, whole.churn)
	require.NotNil(t, whole.purchases)

	now := w.clock.Now()
	bought := func(at time.Time) survey.Purchase {
		return survey.Purchase{At: at, Worth: &survey.Worth{Amount: 50_00, Currency: "EUR"}}
	}
	rich := bought(now.Add(-30 * day))
	rich.Worth = &survey.Worth{Amount: math.MaxInt64, Currency: "EUR"}
	histories := []store.CustomerHistory{
		{Key: "recent", Purchases: []survey.Purchase{bought(now.Add(-100 * day)), bought(now.Add(-5 * day))}},
		{Key: "left", Purchases: []survey.Purchase{bought(now.Add(-500 * day))}},
		{Key: "never"},
		{Key: "rich", Purchases: []survey.Purchase{rich}},
		{Key: "unpriced", Purchases: []survey.Purchase{{At: now.Add(-100 * day)}}},
		{Key: "answered before 1970", Purchases: []survey.Purchase{bought(now.Add(-5 * day))}, Answers: []store.PastAnswer{{Metric: survey.NPS, Score: 9}}},
	}
	const ok, stale, noBetter, thin, unfitted = survey.ModelOK, survey.ModelStale, survey.ModelNoBetter, survey.ModelThinData, survey.ModelStatus("")
	all := []survey.ModelStatus{ok, stale, noBetter, thin, unfitted}
	// The status of who is neither gone nor odd, by that of value (down) and that of churn
	// (across), in the order above.
	want := [][]survey.ModelStatus{
		{ok, stale, ok, ok, ok},
		{stale, stale, stale, stale, stale},
		{ok, stale, noBetter, thin, noBetter},
		{ok, stale, thin, thin, thin},
		{ok, stale, noBetter, thin, unfitted},
	}
	for i, ofValue := range all {
		for j, ofChurn := range all {
			f := *whole
			f.ofValue, f.ofChurn = verdict{status: ofValue}, verdict{status: ofChurn}
			if f.churn = nil; ofChurn.Told() {
				f.churn, f.ofChurn.version = whole.churn, "churn-1"
			}
			if ofValue.Told() {
				f.ofValue.version = "value-1"
			}
			of := map[string]survey.Forecast{}
			forecasts, err := f.forecasts(t.Context(), histories)
			require.NoError(t, err)
			for _, c := range forecasts {
				requireHonest(t, c.Forecast, string(ofValue+"/"+ofChurn+" of ")+c.Record)
				of[c.Record] = c.Forecast
			}
			recent := of["recent"]
			require.Equal(t, []survey.ModelStatus{want[i][j], ofChurn, ofValue}, []survey.ModelStatus{recent.Status, recent.ChurnStatus, recent.ValueStatus})
			require.Equal(t, []survey.ModelStatus{ofValue, "", ofValue}, []survey.ModelStatus{of["left"].Status, of["left"].ChurnStatus, of["left"].ValueStatus})
			require.Equal(t, survey.Forecast{At: run.At}, of["never"])
			require.Nil(t, of["unpriced"].Value)
			if ofValue.Told() {
				require.Equal(t, thin, of["rich"].ValueStatus)
				require.NotNil(t, of["unpriced"].Orders)
			} else {
				require.Equal(t, []survey.RecencyBand{survey.BandRecent, survey.BandDormant}, []survey.RecencyBand{recent.Band, of["left"].Band})
			}
			if ofChurn.Told() {
				require.Equal(t, thin, of["answered before 1970"].ChurnStatus)
			}
		}
	}
}

// Somebody whose data cannot be is left out of both fits, and their cards say so.
func TestModelsLeaveOutWhoCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.buyers(300)
	rich := w.order(7, "rich", w.clock.Now().Add(-30*day), 0)
	rich.Worth.Value.Amount = math.MaxInt64
	w.tell([]survey.Behaviour{rich})
	m, _ := w.models(survey.ObjectContact)
	w.forecastAll(m, w.beginModels(m, "1"))
	v, err := w.store.PublishedModel(t.Context(), ValueModel.For(m.Rules))
	w.must(err)
	require.Contains(t, string(v.Card), "Customers left out: 1 for an amount that cannot be.")
	values := w.written(survey.ObjectContact)
	require.Equal(t, "thin_data", values["c7"][survey.SignalValueStatus])
	require.Equal(t, "ok", values["c8"][survey.SignalValueStatus])
}

// What is written, and what is not, over three nights: by the rule, number for number.
func TestOnlyWhatMovedIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.buyers(600)
	m, _ := w.models(survey.ObjectContact)
	w.forecastAll(m, w.beginModels(m, "1"))
	inCRM := w.writtenOfAll()
	require.Len(t, inCRM, 720)
	again := w.forecastAll(m, w.beginModels(m, "the same moment"))
	require.Equal(t, []int{720, 0}, []int{again.Scored, again.Written}, "nothing has changed")
	rows, err := w.store.DirtySignals(t.Context(), crmID, 1)
	w.must(err)
	require.Empty(t, rows)

	for night := range 3 {
		w.pass(day)
		run := w.forecastAll(m, w.beginModels(m, fmt.Sprint("night ", night)))
		written := w.writtenOfAll()
		for id, values := range written {
			require.True(t, movedInCRM(t, inCRM[id], values), "%s of %v", id, values)
			maps.Copy(inCRM[id], values)
		}
		require.Len(t, written, run.Written)
		require.NotEmpty(t, written)
		require.Less(t, len(written), 100)
	}
}

// writtenOfAll is written of contacts and accounts.
func (w *world) writtenOfAll() map[string]map[string]string {
	w.Helper()
	out := map[string]map[string]string{}
	for {
		rows, err := w.store.DirtySignals(w.Context(), crmID, 1000)
		w.must(err)
		if len(rows) == 0 {
			return out
		}
		for _, r := range rows {
			out[r.ObjectType+" "+r.ObjectID] = r.Values
		}
		w.must(w.store.SignalsPushed(w.Context(), crmID, rows, w.clock.Now()))
	}
}

// movedInCRM reports whether what is written differs enough from what a CRM has.
func movedInCRM(t *testing.T, before, now map[string]string) bool {
	t.Helper()
	for _, name := range []string{survey.SignalRiskDecile, survey.SignalModelStatus, survey.SignalChurnStatus, survey.SignalValueStatus, survey.SignalRecencyBand} {
		if v, written := now[name]; written && v != before[name] {
			return true
		}
	}
	by := func(name string, enough func(then float64) float64) bool {
		v, written := now[name]
		if !written || v == "" || before[name] == "" {
			return written && v != before[name]
		}
		number, err := strconv.ParseFloat(v, 64)
		require.NoError(t, err)
		then, err := strconv.ParseFloat(before[name], 64)
		require.NoError(t, err)
		return math.Abs(number-then) >= enough(then)
	}
	const digits = 0.0011 // three are written
	probability := func(float64) float64 { return 0.02 - digits }
	money := func(then float64) float64 { return max(1, then/10) - 0.011 }
	orders := func(then float64) float64 { return max(0.1, then/10) - 0.011 }
	return by(survey.SignalChurnRisk, probability) || by(survey.SignalPurchase, probability) || by(survey.SignalOrders, orders) ||
		by(survey.SignalValue, money) || by(survey.SignalRevenueAtRisk, money)
}

// A night whose fit failed says what the one before it said.
func TestRefusalsAreRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.SaveContacts(w.Context(), people(10), nil))
	w.tell([]survey.Behaviour{w.order(3, "1", w.clock.Now().Add(-40*day), 10)})
	m, _ := w.models(survey.ObjectContact)
	w.forecastAll(m, w.beginModels(m, "1"))
	w.written(survey.ObjectContact)
	w.pass(day)
	ref := w.beginModels(m, "2")
	mustRun[Forecasted](w, m.ForecastCustomers, ref)
	require.Empty(t, w.written(survey.ObjectContact))

	w.pass(day)
	_, err := w.store.SaveModelVersion(t.Context(), store.ModelVersion{
		ID: versionOf(ChurnModel, w.clock.Now()), Kind: ChurnModel.For(m.Rules), FittedAt: w.clock.Now(), Status: survey.ModelStale, Model: []byte("{}"), Card: []byte("{}"),
	})
	w.must(err)
	f, err := m.forecaster(t.Context(), store.ModelRun{At: w.clock.Now()})
	w.must(err)
	require.Equal(t, []survey.ModelStatus{survey.ModelThinData, survey.ModelThinData}, []survey.ModelStatus{f.ofChurn.status, f.ofValue.status},
		"stale is said beside numbers alone")

	var fit churn.Model
	v, err := w.store.ModelVersion(t.Context(), "churn-20260302-090000")
	w.must(err)
	w.must(json.Unmarshal(v.Model, &fit))
	require.False(t, fit.Fitted())
}

// What is forecast of nobody any more is taken back, and what is wanted stays.
func TestForecastsAreTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.SaveContacts(w.Context(), people(10), nil))
	w.tell([]survey.Behaviour{w.order(3, "1", w.clock.Now().Add(-40*day), 10)})
	m, _ := w.models(survey.ObjectContact)
	w.forecastAll(m, w.beginModels(m, "1"))
	w.written(survey.ObjectContact)
	w.written(survey.ObjectAccount)
	woken := &syncs{}
	keep := &Housekeeping{Store: w.store, Clock: w.clock, Starter: woken, Forecasting: m.Rules}
	tidy := func() {
		t.Helper()
		_, err := keep.KeepHouse(t.Context())
		w.must(err)
	}
	tidy()
	require.Empty(t, woken.crms)
	keep.Forecasting = survey.Forecasting{}
	tidy()
	require.Contains(t, woken.crms, "hubspot")
	require.Equal(t, map[string]string{
		survey.SignalModelStatus: "suppressed", survey.SignalChurnStatus: "suppressed", survey.SignalValueStatus: "suppressed",
		survey.SignalRecencyBand: "",
	}, w.written(survey.ObjectContact)["c3"])
	woken.crms = nil
	tidy()
	require.Empty(t, woken.crms)
}
