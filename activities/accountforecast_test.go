package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestForecastOfAccount(t *testing.T) {
	t.Parallel()
	contact := func(risk, value float64) survey.Forecast {
		return survey.Forecast{
			Status: survey.ModelOK, Version: "v", Risk: &risk, RiskLow: new(risk / 2), RiskHigh: new(2 * risk), Decile: 3, Drivers: []string{"silence"},
			Purchase: new(0.5), Orders: new(2.0), Value: &value, ValueLow: new(value / 2), ValueHigh: new(2 * value), AtRisk: new(value / 10),
			ValueSD: value / 2, ValueBias: new(4.0),
		}
	}
	got := forecastOfAccount(start, []survey.Forecast{contact(0.1, 300), contact(0.3, 100), {At: start}})
	require.Equal(t, []any{start, survey.ModelOK, "v", 0, []string(nil)}, []any{got.At, got.Status, got.Version, got.Decile, got.Drivers})
	for name, c := range map[string]struct {
		want float64
		got  *float64
	}{
		"risk": {0.15, got.Risk}, "low": {0.075, got.RiskLow}, "high": {0.3, got.RiskHigh}, "purchase": {0.75, got.Purchase},
		"orders": {4, got.Orders}, "value": {400, got.Value}, "at risk": {40, got.AtRisk}, "bias": {4, got.ValueBias},
	} {
		require.NotNil(t, c.got, name)
		require.InDelta(t, c.want, *c.got, 1e-9, name)
	}
	require.Greater(t, *got.ValueLow, 200.0, "not all have a bad year")
	require.Less(t, *got.ValueHigh, 800.0, "nor a good one")

	contract := survey.Forecast{Status: survey.ModelOK, Value: new(10.0), ValueLow: new(1.0), ValueHigh: new(20.0), AtRisk: new(2.0)}
	got = forecastOfAccount(start, []survey.Forecast{contract, contract})
	require.Equal(t, []float64{20, 4}, []float64{*got.Value, *got.AtRisk})
	require.Nil(t, got.ValueLow)

	worthless := forecastOfAccount(start, []survey.Forecast{contact(0.1, 3), contact(0.5, 0)})
	require.InDelta(t, (3*0.1+0.5)/4, *worthless.Risk, 1e-9, "whoever is worth nothing counts a little")

	alone := contact(0.1, 300)
	alone.At = start
	require.Equal(t, alone, forecastOfAccount(start, []survey.Forecast{contact(0.1, 300), {}}))
	require.Equal(t, survey.Forecast{At: start}, forecastOfAccount(start, nil))
	thin := survey.Forecast{Status: survey.ModelThinData}
	require.Equal(t, survey.Forecast{At: start, Status: survey.ModelThinData}, forecastOfAccount(start, []survey.Forecast{thin, thin}))
	require.Equal(t, survey.ModelThinData, forecastOfAccount(start, []survey.Forecast{thin, alone}).Status)
}
