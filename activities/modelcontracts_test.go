package activities

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/survey"
)

// subscribers have contacts 0 to n−1 subscribe by the year in the eight years before now:
// the small ones end three times as often as the large ones.
func (w *world) subscribers(n int) {
	w.Helper()
	w.must(w.store.SaveContacts(w.Context(), people(n), nil))
	random := rand.New(rand.NewPCG(4, 2))
	now := w.clock.Now()
	var told []survey.Behaviour
	for i := range n {
		at := now.AddDate(-8, 0, random.IntN(7*365))
		worth, leaves := 1_000.0, 0.4
		if i%2 == 0 {
			worth, leaves = 20_000, 0.1
		}
		end := at.AddDate(1, 0, 0)
		for end.Before(now) && random.Float64() > leaves {
			end = end.AddDate(1, 0, 0)
		}
		s := survey.Behaviour{
			Kind: survey.SubscriptionKind, CRM: crmID, Source: "billing", ID: fmt.Sprint(i), Contact: survey.Tell(person(i, "").Key, at),
			Start: survey.Tell(survey.Start{At: at}, at), Worth: survey.Tell(survey.Worth{Amount: survey.Hundredths(100 * worth), Currency: "EUR"}, at),
			Months: survey.Tell(12, at),
		}
		if end.Before(now) {
			s.End = survey.Tell(end, end)
		}
		told = append(told, s)
	}
	w.tell(told)
}

// Where customers have contracts, they are worth what these bring, and leave by ending them.
func TestModelsOfContracts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribers(600)
	m, _ := w.models(survey.ObjectContact)
	m.Rules.Contracts = true
	w.forecastAll(m, w.beginModels(m, "1"))
	v, err := w.store.PublishedModel(t.Context(), ValueModel.For(m.Rules))
	w.must(err)
	var c card.Card
	w.must(json.Unmarshal(v.Card, &c))
	require.True(t, c.Published(), c.Reasons)
	require.NotEmpty(t, c.Lasting.Terms)
	require.Greater(t, len(c.Lasting.Cohorts), 3)
	require.Equal(t, []any{"contracts", 600, 600}, []any{c.Kind, c.Data.Customers, c.Data.Counts["contracts"]})

	told := w.written(survey.ObjectContact)
	require.Greater(t, len(told), 100)
	require.Less(t, len(told), 500, "of whose contract ended nothing is said")
	for i, values := range told {
		require.Empty(t, values[survey.SignalOrders], i)
		require.Equal(t, "ok", values[survey.SignalValueStatus])
		for _, name := range []string{survey.SignalValue, survey.SignalValueLow, survey.SignalValueHigh, survey.SignalRevenueAtRisk, survey.SignalValueBias} {
			require.NotEmpty(t, values[name], name)
		}
	}

	// One that is given notice is worth what it brings until then, and one that has ended nothing;
	// another of which the price is not known leaves the sum unknown.
	ids := slices.Sorted(maps.Keys(told))
	now := w.clock.Now()
	number := func(id string) int {
		n, err := strconv.Atoi(strings.TrimPrefix(id, "c"))
		w.must(err)
		return n
	}
	end := func(id string, at time.Time) survey.Behaviour {
		return survey.Behaviour{
			Kind: survey.SubscriptionKind, CRM: crmID, Source: "billing", ID: fmt.Sprint(number(id)), End: survey.Tell(at, now.Add(time.Hour)),
		}
	}
	w.tell([]survey.Behaviour{end(ids[0], now.Add(74*day)), end(ids[1], now.Add(time.Hour)), {
		Kind: survey.SubscriptionKind, CRM: crmID, Source: "billing", ID: "more", Contact: survey.Tell(person(number(ids[2]), "").Key, now),
		Start: survey.Tell(survey.Start{At: now}, now), Months: survey.Tell(12, now),
	}})
	w.pass(day)
	w.forecastAll(m, w.beginModels(m, "2"))
	again := w.written(survey.ObjectContact)
	worth := 1000.0
	if number(ids[0])%2 == 0 {
		worth = 20_000
	}
	require.InEpsilon(t, 0.5*worth*73/365, amountOf(t, again[ids[0]]), 0.02)
	require.Equal(t, again[ids[0]][survey.SignalValue], again[ids[0]][survey.SignalValueLow])
	for name := range told[ids[1]] {
		require.Empty(t, again[ids[1]][name], name)
	}
	require.Equal(t, []string{"thin_data", ""}, []string{again[ids[2]][survey.SignalValueStatus], again[ids[2]][survey.SignalValue]})
}

// What cannot be is left out, and two contracts have no quantiles.
func TestAgreements(t *testing.T) {
	t.Parallel()
	m := &Models{Rules: survey.Forecasting{Currency: "EUR"}}
	s := survey.Subscription{StartedAt: start, Months: 3, Worth: &survey.Worth{Amount: 100_00, Currency: "EUR"}, EndsAt: start.Add(-time.Hour)}
	a, ok := m.agreement("key", 0, s)
	require.True(t, ok)
	require.InDelta(t, 400, a.RevenueYear, 1e-9)
	require.InDelta(t, 91.3, a.TermDays, 0.1)
	require.InDelta(t, a.Start, a.End, 1e-9, "not before it began")
	s.Worth = &survey.Worth{Amount: 100_00, Currency: "USD"}
	a, ok = m.agreement("key", 0, s)
	require.True(t, ok)
	require.Zero(t, a.RevenueYear)
	s.Months = 0
	_, ok = m.agreement("key", 0, s)
	require.False(t, ok)
	_, ok = m.agreement("key", 0, survey.Subscription{Months: 1, StartedAt: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.False(t, ok)
}
