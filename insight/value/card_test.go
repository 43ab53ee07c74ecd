package value

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
)

func TestCardOfCDNOW(t *testing.T) {
	t.Parallel()
	holdouts := cdnowHoldout(t)
	b, err := Backtest(holdouts, 39*week, usual)
	require.NoError(t, err)
	got := b.Model.Card(10_000, &b, holdouts)
	require.True(t, got.Published(), got.Reasons)
	for name, want := range map[string]float64{card.AUC: b.Active.AUC, card.Brier: b.Active.Brier, card.Bias: b.Orders.BiasPct / 100} {
		m, ok := got.Metric(name)
		require.True(t, ok, name)
		require.InDelta(t, want, m.Value, 1e-12, name)
		require.Less(t, m.Low, m.Value, name)
		require.Less(t, m.Value, m.High, name)
	}
	skill, _ := got.Metric(card.BrierSkill)
	require.Greater(t, skill.Low, 0.15)
	auc, _ := got.Metric(card.AUC)
	require.InDelta(t, 0.046, auc.High-auc.Low, 0.02, "about as Hanley and McNeil have it")
}

// A model is not used that has nothing to be tested on, or that fails its test.
func TestCardRefuses(t *testing.T) {
	t.Parallel()
	thin, err := FitValue(nil, usual)
	require.NoError(t, err)
	require.Equal(t, card.ThinData, thin.Card(10_000, nil, nil).Status)

	m := ValueModel{Status: card.OK, Options: usual, Params: Params{MBG, 0.52, 43, 0.89, 1.61}}
	untested := m.Card(10_000, nil, nil)
	require.Equal(t, card.ThinData, untested.Status)
	require.NotEmpty(t, untested.Reasons)

	var holdouts []Holdout
	for i := range 400 { // those who bought most stop, others come back
		h := Holdout{Customer: Customer{History: History{X: 9, Recency: 300, Age: 301}}}
		if i%2 == 0 {
			h.Customer.History = History{Age: 400}
			h.Orders = 5
		}
		holdouts = append(holdouts, h)
	}
	b := BacktestResult{Model: m, SpanDays: 365, Customers: len(holdouts)}
	b.measure(holdouts)
	got := m.Card(10_000, &b, holdouts)
	require.Equal(t, card.NotBetterThanBase, got.Status)
	for _, metric := range got.Metrics {
		require.True(t, known(metric.Low) && known(metric.High), metric)
	}
}
