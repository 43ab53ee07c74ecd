package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// buyers have n contacts buy in the three years before now: each at gaps of about one length,
// until they leave. Who is overdue is plain, so that models are published whatever the keys
// are, which are chance and part customers for the tests of models. It returns what was told.
func (w *world) buyers(n int) (told []survey.Behaviour) {
	w.Helper()
	w.must(w.store.SaveContacts(w.Context(), people(n), nil))
	random := rand.New(rand.NewPCG(6, 7))
	now := w.clock.Now()
	for i := range n {
		each := 20 + 100*random.Float64() // days between two purchases
		leaves := 0.05 + 0.3*random.Float64()
		worth := 20 + 100*random.Float64()
		at := now.Add(-3 * 365 * day).Add(time.Duration(random.Float64() * 365 * float64(day)))
		for k := 0; at.Before(now); k++ {
			told = append(told, w.order(i, fmt.Sprintf("%d-%d", i, k), at, worth*(0.8+0.4*random.Float64())))
			if random.Float64() < leaves {
				break
			}
			at = at.Add(time.Duration((0.75 + 0.5*random.Float64()) * each * float64(day)))
		}
	}
	w.tell(told)
	return told
}

func (w *world) tell(told []survey.Behaviour) {
	w.Helper()
	for page := range slices.Chunk(told, store.MaxBehaviour) {
		_, err := w.store.SaveBehaviour(w.Context(), page)
		w.must(err)
	}
}

func (w *world) order(contact int, id string, at time.Time, amount float64) survey.Behaviour {
	return survey.Behaviour{
		Kind: survey.PurchaseKind, CRM: crmID, Source: "shop", ID: id, Contact: survey.Tell(person(contact, "").Key, at),
		Start: survey.Tell(survey.Start{At: at}, at), Worth: survey.Tell(survey.Worth{Amount: survey.Hundredths(100 * amount), Currency: "EUR"}, at),
	}
}

// syncs notes which CRMs are to be written to.
type syncs struct {
	Starter
	crms []string
}

func (s *syncs) Sync(_ context.Context, crm string) error {
	s.crms = append(s.crms, crm)
	return nil
}

func (w *world) models(customer string) (*Models, *syncs) {
	woken := &syncs{}
	return &Models{
		Store: w.store, Programs: w.programs, Clock: w.clock, Starter: woken, Log: silent,
		Rules: survey.Forecasting{Customer: customer, Currency: "EUR", Margin: 0.5, DiscountRate: 0.1, StaleAfter: survey.Span(60 * day)},
	}, woken
}

// beginModels begins a run of an id.
func (w *world) beginModels(m *Models, id string) ModelsRef {
	w.Helper()
	run, err := m.BeginModels(w.Context(), ModelsRef{Run: id})
	w.must(err)
	return run
}

func mustRun[T any](w *world, activity, in any) T {
	w.Helper()
	out, err := run[T](w, activity, in)
	w.must(err)
	return out
}

// forecastAll takes a run to its end.
func (w *world) forecastAll(m *Models, ref ModelsRef) store.ModelRun {
	w.Helper()
	mustRun[Fitted](w, m.FitValue, ref)
	mustRun[Fitted](w, m.FitChurn, ref)
	return w.forecastBy(m, ref)
}

// forecastBy takes a run to its end whose models are fitted.
func (w *world) forecastBy(m *Models, ref ModelsRef) store.ModelRun {
	w.Helper()
	for _, step := range []any{m.ForecastCustomers, m.ForecastAccounts} {
		for page := (Forecasted{More: true}); page.More; {
			page = mustRun[Forecasted](w, step, ref)
		}
	}
	w.must(m.EndModels(w.Context(), ref))
	run, err := w.store.ModelRun(w.Context(), ref.Run)
	w.must(err)
	return run
}

// tellCRM returns the values to be written to the CRM, which are then written.
func (w *world) tellCRM() (out []store.SignalRow) {
	w.Helper()
	for {
		rows, err := w.store.DirtySignals(w.Context(), crmID, 1000)
		w.must(err)
		if len(rows) == 0 {
			return out
		}
		out = append(out, rows...)
		w.must(w.store.SignalsPushed(w.Context(), crmID, rows, w.clock.Now()))
	}
}

// written are the values to be written to records of a type by the CRM's ids. Those of the
// others are written too.
func (w *world) written(objectType string) map[string]map[string]string {
	w.Helper()
	out := map[string]map[string]string{}
	for _, r := range w.tellCRM() {
		if r.ObjectType == objectType {
			out[r.ObjectID] = r.Values
		}
	}
	return out
}

// eachDatabase runs a test on both databases.
func eachDatabase(t *testing.T, test func(w *world)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(newWorld(t))
	})
	t.Run("Postgres", func(t *testing.T) {
		t.Parallel()
		test(newWorldIn(t, openPostgres(t)))
	})
}

// A night of a shop: who buys is forecast, their companies too, and a night later nearly
// nothing is written anew.
func TestModelsOfBuyers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(w *world) {
		w.buyers(600)
		m, woken := w.models(survey.ObjectContact)
		first := w.forecastAll(m, w.beginModels(m, "1"))
		require.Equal(w.T, []int{720, 720}, []int{first.Scored, first.Written}, "600 contacts and 120 accounts")
		require.Equal(w.T, []string{crmID}, woken.crms)

		for _, kind := range ModelKinds {
			v, err := w.store.PublishedModel(w.Context(), kind.For(m.Rules))
			w.must(err)
			var c card.Card
			w.must(json.Unmarshal(v.Card, &c))
			require.Equal(w.T, string(kind)+"-20260302-090000", c.Version)
			require.True(w.T, c.Published(), c.Reasons)
			require.Equal(w.T, 600, c.Data.Customers)
			require.NotContains(w.T, string(v.Model)+string(v.Card), crmID+":", "of no single customer")
		}

		contacts := w.written(survey.ObjectContact)
		require.Len(w.T, contacts, 600)
		customers, gone := map[string]string{}, map[string]string{}
		for _, values := range contacts {
			if values[survey.SignalChurnRisk] == "" {
				gone = values
			} else {
				customers = values
			}
		}
		said := func(values map[string]string) []string {
			return []string{values[survey.SignalModelStatus], values[survey.SignalValueStatus], values[survey.SignalChurnStatus], values[survey.SignalModelVersion], values[survey.SignalsAsOf]}
		}
		require.Equal(w.T, []string{"ok", "ok", "ok", "value-20260302-090000;churn-20260302-090000", "2026-03-02T09:00:00Z"}, said(customers))
		require.Equal(w.T, []string{"ok", "ok", "", "value-20260302-090000", "2026-03-02T09:00:00Z"}, said(gone), "who left already")
		require.NotContains(w.T, customers, survey.SignalRecencyBand)
		got := contacts["c7"]
		for _, name := range []string{survey.SignalPurchase, survey.SignalOrders, survey.SignalValue, survey.SignalValueLow, survey.SignalValueHigh, survey.SignalValueBias, survey.SignalRevenueAtRisk} {
			require.NotEmpty(w.T, got[name], name)
		}
		deciles := map[string]int{}
		for _, values := range contacts {
			deciles[values[survey.SignalRiskDecile]]++
		}
		require.Len(w.T, deciles, 11, "ten, and those who bought nothing in the last year")

		w.pass(day)
		second := w.forecastAll(m, w.beginModels(m, "2"))
		require.Equal(w.T, 720, second.Scored)
		require.Less(w.T, second.Written, 72, "a day changes little")
	})
}

// A customer who buys is written anew, and their account.
func TestModelsSeeAPurchase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.buyers(300)
	m, _ := w.models(survey.ObjectContact)
	w.forecastAll(m, w.beginModels(m, "1"))
	w.written(survey.ObjectContact)
	var told []survey.Behaviour
	for i := range 4 {
		told = append(told, w.order(7, fmt.Sprintf("new-%d", i), w.clock.Now().Add(time.Duration(i)*day), 900))
	}
	w.tell(told)
	w.pass(5 * day)
	w.forecastAll(m, w.beginModels(m, "2"))
	require.Contains(t, w.written(survey.ObjectContact), "c7")
}

// Of too little nothing is told but that, and how recently somebody bought; of who never bought
// nothing at all.
func TestModelsOfTooLittle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.SaveContacts(w.Context(), people(10), nil))
	w.tell([]survey.Behaviour{w.order(3, "1", w.clock.Now().Add(-40*day), 10)})
	m, _ := w.models(survey.ObjectContact)
	ref := w.beginModels(m, "1")
	fitted := mustRun[Fitted](w, m.FitValue, ref)
	require.Equal(t, Fitted{Version: fitted.Version, Status: survey.ModelThinData}, fitted)
	require.Equal(t, fitted, mustRun[Fitted](w, m.FitValue, ref), "a second attempt finds what the first kept")
	require.Equal(t, 2, w.forecastAll(m, ref).Scored)
	require.Equal(t, map[string]map[string]string{
		"c3": {
			survey.SignalModelStatus: "thin_data", survey.SignalValueStatus: "thin_data", survey.SignalChurnStatus: "thin_data",
			survey.SignalRecencyBand: "recent", survey.SignalsAsOf: "2026-03-02T09:00:00Z",
		},
	}, w.written(survey.ObjectContact))
}

// A fit that is refused replaces none, and one that is old is called so.
func TestModelsKeepAGoodFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.buyers(300)
	m, _ := w.models(survey.ObjectContact)
	w.forecastAll(m, w.beginModels(m, "1"))
	good := w.written(survey.ObjectContact)

	refuse := func() {
		for _, kind := range ModelKinds {
			_, err := w.store.SaveModelVersion(w.Context(), store.ModelVersion{
				ID: versionOf(kind, w.clock.Now()), Kind: kind.For(m.Rules), FittedAt: w.clock.Now(), Status: survey.ModelNoBetter, Model: []byte("{}"), Card: []byte("{}"),
			})
			w.must(err)
		}
	}
	w.pass(day)
	refuse()
	m.Rules.Margin *= 2
	w.forecastAll(m, w.beginModels(m, "2"))
	again := w.written(survey.ObjectContact)
	for _, values := range again {
		require.NotContains(t, values, survey.SignalModelStatus)
		require.NotContains(t, values, survey.SignalModelVersion)
	}
	dearest := slices.MaxFunc(slices.Collect(maps.Keys(good)), func(a, b string) int { return cmp.Compare(amountOf(t, good[a]), amountOf(t, good[b])) })
	require.InEpsilon(t, 2*amountOf(t, good[dearest]), amountOf(t, again[dearest]), 0.05, "the margin is what it is now")

	used, err := w.store.PublishedModel(w.Context(), ChurnModel.For(m.Rules))
	w.must(err)
	for drifted, want := range map[bool]survey.ModelStatus{true: survey.ModelStale, false: survey.ModelOK} {
		w.must(w.store.NoteModelDrift(w.Context(), used.ID, []byte("{}"), drifted))
		by, err := m.forecaster(w.Context(), store.ModelRun{At: w.clock.Now(), ObjectType: survey.ObjectContact})
		w.must(err)
		require.Equal(t, []survey.ModelStatus{want, survey.ModelOK}, []survey.ModelStatus{by.ofChurn.status, by.ofValue.status}, "drifted: %t", drifted)
	}
	w.must(w.store.NoteModelDrift(w.Context(), used.ID, nil, false))

	w.pass(60 * day)
	refuse()
	w.forecastAll(m, w.beginModels(m, "3"))
	old := w.written(survey.ObjectContact)["c7"]
	require.Equal(t, []string{"stale", "stale"}, []string{old[survey.SignalModelStatus], old[survey.SignalValueStatus]})
	require.NotContains(t, old, survey.SignalRecencyBand, "the numbers stay")
	require.NotContains(t, old, survey.SignalModelVersion, "it is the same")

	m.Rules.Customer = survey.ObjectAccount
	w.forecastAll(m, w.beginModels(m, "4"))
	for _, values := range w.written(survey.ObjectAccount) {
		require.NotContains(t, values[survey.SignalModelVersion], "20260302", "that was fitted to others")
	}
}

// amountOf is the value that is written.
func amountOf(t *testing.T, values map[string]string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(values[survey.SignalValue], 64)
	require.NoError(t, err)
	return v
}

// A model is stale before its time where the customers have changed.
func TestModelsWatchDrift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.buyers(300)
	m, _ := w.models(survey.ObjectContact)
	w.forecastAll(m, w.beginModels(m, "1"))
	before, err := w.store.PublishedModel(w.Context(), ChurnModel.For(m.Rules))
	w.must(err)
	var told []survey.Behaviour
	for i := range 300 { // all of them buy as never before
		for k := range 3 {
			told = append(told, w.order(i, fmt.Sprintf("%d-more-%d", i, k), w.clock.Now().Add(time.Duration(k)*day), 5000))
		}
	}
	w.tell(told)
	w.pass(4 * day)
	mustRun[Fitted](w, m.FitChurn, w.beginModels(m, "2"))
	seen, err := w.store.ModelVersion(w.Context(), before.ID)
	w.must(err)
	require.True(t, seen.Stale)
	require.Contains(t, string(seen.Drift), "have moved")
}

// Where accounts are the customers, contacts get nothing.
func TestModelsOfAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.buyers(600)
	m, _ := w.models(survey.ObjectAccount)
	run := w.forecastAll(m, w.beginModels(m, "1"))
	require.Equal(t, 120, run.Scored)
	accounts := w.written(survey.ObjectAccount)
	require.Len(t, accounts, 120)
	require.NotEmpty(t, accounts["a3"][survey.SignalModelStatus])
	require.Empty(t, w.written(survey.ObjectContact))
}

// mortal is a store whose process dies at its nth page of forecasts, after the page is kept.
type mortal struct {
	store.Store
	pages int
}

var errKilled = errors.New("killed")

func (s *mortal) SaveForecasts(ctx context.Context, page store.ForecastPage) (store.ModelRun, error) {
	run, err := s.Store.SaveForecasts(ctx, page)
	if s.pages--; s.pages == 0 {
		return store.ModelRun{}, errKilled
	}
	return run, err
}

// Who was killed goes on where the store says, and counts nobody twice.
func TestModelsGoOnAfterAKill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.buyers(historiesAtOnce + 100)
	m, _ := w.models(survey.ObjectContact)
	ref := w.beginModels(m, "1")
	mustRun[Fitted](w, m.FitValue, ref)
	for pages := 1; pages <= 2; pages++ {
		dying := *m
		dying.Store = &mortal{Store: w.store, pages: 1}
		_, err := run[Forecasted](w, dying.ForecastCustomers, ref)
		require.ErrorContains(t, err, errKilled.Error())
	}
	got := w.forecastAll(m, ref)
	require.Equal(t, historiesAtOnce+100+(historiesAtOnce+100)/5, got.Scored)
	require.Equal(t, got.Scored, got.Written)
	require.False(t, mustRun[Forecasted](w, m.ForecastCustomers, ref).More, "it has ended")
}

// A run under which other models were configured ends as it stands, and the next one does
// all anew.
func TestModelsThatAreConfiguredAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.buyers(300)
	m, _ := w.models(survey.ObjectContact)
	w.forecastAll(m, w.beginModels(m, "1"))
	before := w.written(survey.ObjectContact)
	w.pass(30 * day)
	for name, change := range map[string]func(*survey.Forecasting){
		"customer": func(r *survey.Forecasting) { r.Customer = survey.ObjectAccount },
		"currency": func(r *survey.Forecasting) { r.Currency = "CHF" },
		"contract": func(r *survey.Forecasting) { r.Contracts = true },
		"nothing":  func(r *survey.Forecasting) { *r = survey.Forecasting{} },
	} {
		ref := w.beginModels(m, name)
		mustRun[Fitted](w, m.FitValue, ref)
		other, _ := w.models(survey.ObjectContact)
		change(&other.Rules)
		ended := w.forecastAll(other, ref)
		require.Zero(t, ended.Scored, name)
		require.NotZero(t, ended.EndedAt, name)
		require.Empty(t, w.written(survey.ObjectContact), "what is in the CRM stays")
	}
	m.Rules.Margin = 0.9
	require.Equal(t, len(before)+60, w.forecastAll(m, w.beginModels(m, "last")).Scored)
}

func TestSampleDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	chosen := func(from, to, step int) map[int]bool {
		s := newSample[int](100)
		for i := from; i != to; i += step {
			s.add(fmt.Sprintf("hubspot:%d", i), i)
		}
		got := map[int]bool{}
		for _, i := range s.kept() {
			got[i] = true
		}
		return got
	}
	up := chosen(0, 5000, 1)
	require.Equal(t, up, chosen(4999, -1, -1))
	require.Greater(t, len(up), 40)
	require.LessOrEqual(t, len(up), 100)
	require.Len(t, chosen(0, 100, 1), 100, "all that there are")
}
