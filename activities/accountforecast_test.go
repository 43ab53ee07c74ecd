package activities

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestForecastOfAccount(t *testing.T) {
	t.Parallel()
	contact := func(risk, value float64) survey.Forecast {
		return survey.Forecast{
			Status: survey.ModelOK, ChurnStatus: survey.ModelOK, ValueStatus: survey.ModelOK, Version: "value-1;churn-1", Risk: &risk, RiskLow: new(risk / 2), RiskHigh: new(2 * risk), Decile: 3, Drivers: []string{"silence"},
			Purchase: new(0.5), Orders: new(2.0), Value: &value, ValueLow: new(value / 2), ValueHigh: new(2 * value), AtRisk: new(value / 10),
			ValueSD: value / 2, ValueBias: new(4.0),
		}
	}
	got := forecastOfAccount(start, []survey.Forecast{contact(0.1, 300), contact(0.3, 100), {At: start}})
	require.Equal(t, []any{start, survey.ModelOK, survey.ModelOK, survey.ModelOK, "value-1;churn-1", 0, []string(nil)},
		[]any{got.At, got.Status, got.ChurnStatus, got.ValueStatus, got.Version, got.Decile, got.Drivers})
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

	contract := survey.Forecast{Status: survey.ModelOK, ValueStatus: survey.ModelOK, Version: "value-1", Value: new(10.0), ValueLow: new(1.0), ValueHigh: new(20.0), AtRisk: new(2.0)}
	got = forecastOfAccount(start, []survey.Forecast{contract, contract})
	require.Equal(t, []float64{20, 4}, []float64{*got.Value, *got.AtRisk})
	require.Nil(t, got.ValueLow)

	worthless := forecastOfAccount(start, []survey.Forecast{contact(0.1, 3), contact(0.5, 0)})
	require.InDelta(t, (3*0.1+0.5)/4, *worthless.Risk, 1e-9, "whoever is worth nothing counts a little")

	alone := contact(0.1, 300)
	alone.At = start
	require.Equal(t, alone, forecastOfAccount(start, []survey.Forecast{contact(0.1, 300), {}}))
	require.Equal(t, survey.Forecast{At: start}, forecastOfAccount(start, nil))
}

// A sum from which one is missing is not told, and the status of each kind is that of its
// numbers.
func TestForecastOfAccountInPart(t *testing.T) {
	t.Parallel()
	const ok, stale, thin, noBetter = survey.ModelOK, survey.ModelStale, survey.ModelThinData, survey.ModelNoBetter
	of := func(churn, value survey.ModelStatus, band survey.RecencyBand) survey.Forecast {
		f := survey.Forecast{Status: survey.Overall(churn, value), ChurnStatus: churn, ValueStatus: value, Band: band}
		var versions []string
		if value.Told() {
			versions = append(versions, "value-1")
			f.Orders, f.Purchase, f.Value, f.ValueLow, f.ValueHigh, f.AtRisk, f.ValueBias = new(1.0), new(0.5), new(9.0), new(1.0), new(20.0), new(2.0), new(3.0)
		}
		if churn.Told() {
			versions = append(versions, "churn-1")
			f.Risk, f.RiskLow, f.RiskHigh = new(0.2), new(0.1), new(0.3)
		}
		f.Version = strings.Join(versions, ";")
		return f
	}
	for name, c := range map[string]struct {
		contacts             []survey.Forecast
		status, churn, value survey.ModelStatus
		band                 survey.RecencyBand
		version              string
	}{
		"one left":           {[]survey.Forecast{of("", ok, ""), of(ok, ok, "")}, ok, ok, ok, "", "value-1;churn-1"},
		"all left":           {[]survey.Forecast{of("", ok, ""), of("", ok, "")}, ok, "", ok, "", "value-1"},
		"one cannot be":      {[]survey.Forecast{of(ok, ok, ""), of(thin, thin, "")}, ok, ok, thin, "", "churn-1"},
		"no value":           {[]survey.Forecast{of(stale, thin, "dormant"), of(stale, thin, "cooling")}, stale, stale, thin, "cooling", "churn-1"},
		"neither":            {[]survey.Forecast{of(noBetter, thin, "dormant"), of(noBetter, thin, "recent")}, thin, noBetter, thin, "recent", ""},
		"a contract that is": {[]survey.Forecast{of(noBetter, ok, ""), of(noBetter, "", "")}, ok, noBetter, ok, "", "value-1"},
		"nobody":             {nil, "", "", "", "", ""},
	} {
		got := forecastOfAccount(start, c.contacts)
		require.Equal(t, []any{c.status, c.churn, c.value, c.band, c.version}, []any{got.Status, got.ChurnStatus, got.ValueStatus, got.Band, got.Version}, name)
		requireHonest(t, got, name)
	}
}
