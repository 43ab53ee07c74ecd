package hubspot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// All that a forecast may say has a property that takes it, and that can be emptied.
func TestForecastsFitTheirProperties(t *testing.T) {
	t.Parallel()
	box, client := connect(t, "")
	missing, err := client.EnsureForecasts(t.Context(), survey.ObjectAccount, true)
	require.NoError(t, err)
	require.Len(t, missing, 18, "of companies alone")
	missing, err = client.EnsureForecasts(t.Context(), survey.ObjectContact, false)
	require.NoError(t, err)
	require.Len(t, missing, 36)
	missing, err = client.EnsureForecasts(t.Context(), survey.ObjectContact, false)
	require.NoError(t, err)
	require.Empty(t, missing)

	contact, err := box.CreateContact(map[string]string{"email": "ana@acme.example"}, "")
	require.NoError(t, err)
	half := new(0.5)
	all := survey.Forecast{
		At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Status: survey.ModelOK, Version: "value-1;churn-1",
		Risk: half, RiskLow: half, RiskHigh: half, Decile: 10, Drivers: []string{"silence"}, Purchase: half, Orders: half,
		Value: half, ValueLow: half, ValueHigh: half, ValueBias: half, AtRisk: half,
	}
	for _, status := range []survey.ModelStatus{survey.ModelOK, survey.ModelStale, survey.ModelNoBetter, survey.ModelSuppressed} {
		all.Status, all.ChurnStatus, all.ValueStatus = status, status, status
		values := all.Signals(survey.Forecast{})
		require.Len(t, values, 17, "all but the band")
		refused, err := client.Push(t.Context(), survey.ObjectContact, []crm.Update{{ID: contact.ID, Values: values}})
		require.NoError(t, err)
		require.Empty(t, refused)
	}
	require.Equal(t, "0.500", box.Record(sandbox.Contacts, contact.ID).Get(survey.SignalChurnRisk))
	for _, band := range survey.RecencyBands {
		none := survey.Forecast{At: all.At, Status: survey.ModelThinData, ChurnStatus: survey.ModelThinData, ValueStatus: survey.ModelThinData, Band: band}
		refused, err := client.Push(t.Context(), survey.ObjectContact, []crm.Update{{ID: contact.ID, Values: none.Signals(all)}})
		require.NoError(t, err)
		require.Empty(t, refused)
		require.Empty(t, box.Record(sandbox.Contacts, contact.ID).Get(survey.SignalChurnRisk))
		require.Equal(t, string(band), box.Record(sandbox.Contacts, contact.ID).Get(survey.SignalRecencyBand))
	}
}
