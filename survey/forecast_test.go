package survey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestForecastMoves(t *testing.T) {
	t.Parallel()
	written := Forecast{
		Status: ModelOK, ChurnStatus: ModelOK, ValueStatus: ModelOK, Version: "churn-1", Risk: new(0.50), RiskLow: new(0.4), RiskHigh: new(0.6), Decile: 9, Drivers: []string{"silence"},
		Purchase: new(0.2), Orders: new(4.0), Value: new(1000.0), ValueBias: new(3.0), AtRisk: new(5.0),
	}
	for name, c := range map[string]struct {
		change func(*Forecast)
		want   bool
	}{
		"nothing": {func(*Forecast) {}, false},
		"what goes along": {func(f *Forecast) {
			f.Version, f.Drivers, f.ValueBias, f.RiskLow, f.RiskHigh, f.At = "churn-2", nil, new(9.0), new(0.1), new(0.99), time.Now()
			f.ValueLow, f.ValueHigh, f.ValueSD, f.Nothing = new(0.0), new(9e9), 3, 0.4
		}, false},
		"probability by 0.019":   {func(f *Forecast) { f.Risk = new(0.519) }, false},
		"probability by 0.02":    {func(f *Forecast) { f.Risk = new(0.48) }, true},
		"purchase by 0.02":       {func(f *Forecast) { f.Purchase = new(0.22) }, true},
		"decile":                 {func(f *Forecast) { f.Decile = 10 }, true},
		"status":                 {func(f *Forecast) { f.Status = ModelStale }, true},
		"status of churn":        {func(f *Forecast) { f.ChurnStatus = ModelStale }, true},
		"status of value":        {func(f *Forecast) { f.ValueStatus = ModelStale }, true},
		"band":                   {func(f *Forecast) { f.Band = BandCooling }, true},
		"risk gone":              {func(f *Forecast) { f.Risk = nil }, true},
		"purchase by 0.019":      {func(f *Forecast) { f.Purchase = new(0.181) }, false},
		"a little less at risk":  {func(f *Forecast) { f.AtRisk = new(4.1) }, false},
		"few orders by less":     {func(f *Forecast) { f.Orders = new(4.05) }, false},
		"number gone":            {func(f *Forecast) { f.Value = nil }, true},
		"orders by less":         {func(f *Forecast) { f.Orders = new(4.39) }, false},
		"orders by a tenth":      {func(f *Forecast) { f.Orders = new(3.6) }, true},
		"money by less":          {func(f *Forecast) { f.Value = new(1099.0) }, false},
		"money by a tenth":       {func(f *Forecast) { f.Value = new(1100.0) }, true},
		"a little money by less": {func(f *Forecast) { f.AtRisk = new(5.9) }, false},
		"a little money by one":  {func(f *Forecast) { f.AtRisk = new(4.0) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := written
			c.change(&now)
			require.Equal(t, c.want, now.Moved(written))
		})
	}
	require.True(t, written.Moved(Forecast{}), "nothing was written")
}

func TestForecastSignals(t *testing.T) {
	t.Parallel()
	f := Forecast{
		At: time.Date(2026, 3, 2, 10, 0, 0, 0, time.FixedZone("", 3600)), Status: ModelOK, Version: "value-1",
		Decile: 1, Drivers: []string{"a", "b", "c", "d"}, Purchase: new(1.0 / 3), Value: new(12.345), ValueBias: new(-4.26),
	}
	require.Equal(t, map[string]string{
		SignalModelStatus: "ok", SignalModelVersion: "value-1", SignalsAsOf: "2026-03-02T09:00:00Z", SignalRiskDrivers: "a;b;c", SignalRiskDecile: "1",
		SignalPurchase: "0.333", SignalValue: "12.35", SignalValueBias: "-4.3", SignalChurnRisk: "",
	}, f.Signals(Forecast{Status: ModelOK, Risk: new(0.5)}))
	require.Equal(t, ModelThinData, ModelOK.Worse(ModelThinData))
	require.Equal(t, ModelStale, ModelStale.Worse(ModelOK))
	thin := Forecast{At: f.At, Status: ModelThinData, ChurnStatus: ModelNoBetter, ValueStatus: ModelThinData, Band: BandDormant}
	require.Equal(t, map[string]string{
		SignalModelStatus: "thin_data", SignalChurnStatus: "not_better_than_base", SignalValueStatus: "thin_data", SignalRecencyBand: "dormant",
		SignalsAsOf: "2026-03-02T09:00:00Z",
	}, thin.Signals(Forecast{}))
	require.Equal(t, "", f.Signals(thin)[SignalRecencyBand], "numbers take over")
	require.Equal(t, ModelOK, ModelStatus("").Worse(ModelOK))
}

// No number stands beside a status that denies it: reasons count only where there is none.
func TestOverall(t *testing.T) {
	t.Parallel()
	for want, of := range map[ModelStatus][][]ModelStatus{
		"":              {{}, {"", ""}},
		ModelOK:         {{ModelOK}, {ModelOK, ModelOK}, {ModelOK, ""}, {ModelNoBetter, ModelOK}, {ModelOK, ModelThinData}},
		ModelStale:      {{ModelStale, ModelOK}, {ModelThinData, ModelStale}},
		ModelNoBetter:   {{ModelNoBetter, ""}, {ModelNoBetter, ModelNoBetter}},
		ModelThinData:   {{ModelThinData, ModelNoBetter}, {"", ModelThinData}},
		ModelSuppressed: {{ModelSuppressed, ModelSuppressed}},
	} {
		for _, statuses := range of {
			require.Equal(t, want, Overall(statuses...), statuses)
		}
	}
}
