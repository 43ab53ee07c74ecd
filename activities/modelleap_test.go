package activities

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// valueSignals are what a model of values makes.
var valueSignals = []string{
	survey.SignalPurchase, survey.SignalOrders, survey.SignalValue, survey.SignalValueLow, survey.SignalValueHigh, survey.SignalValueBias, survey.SignalRevenueAtRisk,
}

// correct has what was told before told anew, with other amounts.
func (w *world) correct(told []survey.Behaviour, factor survey.Hundredths) {
	w.Helper()
	again := slices.Clone(told)
	for i := range again {
		worth := again[i].Worth.Value
		worth.Amount *= factor
		again[i].Worth = survey.Tell(worth, w.clock.Now())
	}
	w.tell(again)
}

func (w *world) fitted(id string) (store.ModelVersion, card.Card) {
	w.Helper()
	v, err := w.store.ModelVersion(w.Context(), id)
	w.must(err)
	var c card.Card
	w.must(json.Unmarshal(v.Card, &c))
	return v, c
}

// A fit that leaps is refused, and the model of before is not given what misled it either:
// values stay as they are, in accounts too, until the purchases are mended or somebody says
// that they are right.
func TestModelsRefuseALeap(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(w *world) {
		orders := w.buyers(300)
		m, _ := w.models(survey.ObjectContact)
		w.forecastAll(m, w.beginModels(m, "1"))
		good := w.written(survey.ObjectContact)
		told := map[string]map[string]string{} // the latest news of records
		// stays takes a run to its end, and returns how many are told to be stale.
		stays := func(run string, forecast func(*Models, ModelsRef) store.ModelRun) (stale int) {
			w.Helper()
			forecast(m, w.beginModels(m, run))
			for _, r := range w.tellCRM() {
				for _, name := range valueSignals {
					require.NotContains(w.T, r.Values, name, "%s %s", r.ObjectType, r.ObjectID)
				}
				if told[r.ObjectID] = r.Values; r.Values[survey.SignalModelStatus] == "stale" {
					stale++
				}
			}
			return stale
		}

		w.pass(day)
		w.correct(orders, 1000)
		require.Zero(w.T, stays("2", w.forecastAll))
		leapt, c := w.fitted("value-20260303-090000")
		require.Equal(w.T, []any{false, survey.ModelStatus(card.Leapt)}, []any{leapt.Published, leapt.Status})
		require.Len(w.T, c.Leaps, 1)
		require.Equal(w.T, "value-20260302-090000", c.Leaps[0].From)
		require.InEpsilon(w.T, 1000, c.Leaps[0].Factor(), 0.02)
		require.Regexp(w.T, `^By value-20260302-090000 the mean purchase was \d+(\.\d+)?, and now it is \d+: \d+ times that\. .*--accept-leap\.$`, c.Reasons[len(c.Reasons)-1])

		w.pass(day)
		colleague := person(300, "")
		colleague.AccountKey = person(0, "").AccountKey
		w.must(w.store.SaveContacts(w.Context(), []survey.Contact{colleague}, nil))
		w.tell([]survey.Behaviour{w.order(300, "first", w.clock.Now().Add(-day), 50_000)})
		require.Zero(w.T, stays("no fit", w.forecastBy))
		require.Equal(w.T, []string{"thin_data", "recent"}, []string{told[colleague.ID][survey.SignalValueStatus], told[colleague.ID][survey.SignalRecencyBand]}, "who came since")

		w.pass(60 * day)
		require.Equal(w.T, 361, stays("3", w.forecastAll), "301 contacts, one by her risk, and 60 accounts")

		w.correct(orders, 1)
		w.pass(day)
		w.forecastAll(m, w.beginModels(m, "4"))
		mended, _ := w.fitted("value-20260504-090000")
		require.True(w.T, mended.Published)

		w.correct(orders, 1000)
		w.pass(day)
		dearest := slices.MaxFunc(slices.Collect(maps.Keys(good)), func(a, b string) int { return cmp.Compare(amountOf(w.T, good[a]), amountOf(w.T, good[b])) })
		ref, err := m.BeginModels(w.Context(), ModelsRef{Run: "5", AcceptLeap: true})
		w.must(err)
		w.forecastAll(m, ref)
		accepted, c := w.fitted("value-20260505-090000")
		require.True(w.T, accepted.Published)
		require.True(w.T, c.LeapAccepted)
		require.Greater(w.T, amountOf(w.T, w.written(survey.ObjectContact)[dearest]), 100*amountOf(w.T, good[dearest]))
	})
}

// Money of another currency is not held against that of before.
func TestAnotherCurrencyIsNoLeap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	told := w.buyers(300)
	m, _ := w.models(survey.ObjectContact)
	mustRun[Fitted](w, m.FitValue, w.beginModels(m, "1"))
	w.pass(day)
	for i := range told {
		told[i].Worth.Value.Currency = "JPY"
	}
	w.correct(told, 180)
	m.Rules.Currency = "JPY"
	require.True(t, mustRun[Fitted](w, m.FitValue, w.beginModels(m, "2")).Published)
}

func TestLeapsAreTold(t *testing.T) {
	t.Parallel()
	leap := card.Leap{Of: "the mean purchase", From: "value-1", Before: 52.3456, Now: 5.2e6}
	for name, c := range map[string]struct {
		status   card.Status
		accepted bool
		want     card.Status
		held     bool
	}{
		"refused":           {card.OK, false, card.Leapt, true},
		"accepted":          {card.OK, true, card.OK, false},
		"refused already":   {card.NotBetterThanBase, false, card.NotBetterThanBase, true},
		"no better, though": {card.NotBetterThanBase, true, card.NotBetterThanBase, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := card.Card{Status: c.status, Leaps: []card.Leap{leap}}
			tellLeaps(&got, c.accepted)
			require.Equal(t, []any{c.want, c.held}, []any{got.Status, got.Held()})
			require.Contains(t, got.Reasons[0], "By value-1 the mean purchase was 52.3, and now it is 5200000: 99300 times that")
		})
	}
	none := card.Card{Status: card.OK}
	tellLeaps(&none, true)
	require.Equal(t, card.Card{Status: card.OK}, none)
}
