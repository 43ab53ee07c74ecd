package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/insight/effect"
)

func between(t *testing.T, text string) *effect.Range {
	t.Helper()
	r, err := effect.ParseRange(text)
	require.NoError(t, err)
	return &r
}

// full are inputs of which each is known.
func full(t *testing.T) config.ROI {
	t.Helper()
	return config.ROI{
		Currency: "EUR", Licence: between(t, "100"), Operation: between(t, "100..300"), Mail: between(t, "0.001"), SMS: between(t, "0.07"),
		CaseMinutes: between(t, "10..25..60"), Hour: between(t, "60"), Margin: between(t, "0.6"), CustomerValue: between(t, "5000"), Kept: between(t, "0.02..0.06"),
	}
}

var someCounts = roiCounts{Last: 365 * oneDay, Cases: 120, Called: 90, Mails: 50_000, Referred: 12_000}

func TestROIReport(t *testing.T) {
	t.Parallel()
	report := roiOf(full(t), someCounts)
	require.InDelta(t, 0.6*12_000, report.Gains[1].Median, 1e-9)
	require.InDelta(t, 0.6*(12_000+90*0.04*5000), report.Gain.Median, 100)
	require.NotNil(t, report.ROI)
	require.Less(t, report.ROI.Low, report.ROI.Median)
	var out bytes.Buffer
	require.NoError(t, report.print(&out))
	for _, want := range []string{
		"Return of the last 365d, in EUR.", "minutes of work on a case 25, 10 to 60 roi.case_minutes", "of them, kept by it 0.04, 0.02 to 0.06 roi.kept, as you assume",
		"mails 50000 counted", "COSTS software 1200 running it", "mails 50 work on cases", "ROI ", "It pays in 100 of 100 cases.",
	} {
		require.Contains(t, strings.Join(strings.Fields(out.String()), " "), want)
	}
	require.NotContains(t, out.String(), "not known")
	require.NotContains(t, out.String(), "SMS", "none was sent, so its price does not matter")
}

// Whatever is not known is named, and no figure is made of it.
func TestROIOfWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	counted := someCounts
	counted.Elsewhere = true
	inputs := full(t)
	inputs.Hour, inputs.Kept, inputs.CustomerValue = nil, nil, nil
	var out bytes.Buffer
	require.NoError(t, roiOf(inputs, counted).print(&out))
	for _, want := range []string{
		"not known: set roi.hour", "No return is told: a cost is not known", "What customers kept brought is not known and counts as nothing.",
		"not known: no difference was seen in contracts; set roi.kept to assume one", "Some referrals were won in other currencies",
	} {
		require.Contains(t, out.String(), want)
	}
	counted.Stayed, counted.Value = &effect.Range{Low: 0.01, Likely: 0.05, High: 0.09}, between(t, "8000")
	report := roiOf(inputs, counted)
	out.Reset()
	require.NoError(t, report.print(&out))
	require.Contains(t, out.String(), "seen by cxloop effect, which is no proof")
	require.Contains(t, out.String(), "the mean of cases.value of those called")
	text, err := json.Marshal(report)
	require.NoError(t, err)
	require.Contains(t, string(text), `{"name":"an hour of it","from":"not known: set roi.hour"}`)
	require.Contains(t, string(text), `{"name":"work on cases"}`)
	require.NotContains(t, string(text), `"roi":`)
}

func TestROIInputsOfTheCommandLine(t *testing.T) {
	t.Parallel()
	roi := full(t)
	require.NoError(t, overrideROI(&roi, []string{"hour=50..80", "currency=USD"}))
	require.Equal(t, "USD", roi.Currency)
	require.Equal(t, "50..80", roi.Hour.String())
	for _, one := range []struct{ set, want string }{
		{"hours=3", "--set hours=3: want one of currency, licence"},
		{"hour", `--set hour: "": want a number from 0 on`},
		{"margin=60", "--set margin=60: want a share of 0 to 1"},
		{"currency=eur", "--set currency=eur: want a currency in three capital letters"},
	} {
		require.ErrorContains(t, overrideROI(&roi, []string{one.set}), one.want)
	}
	require.ErrorContains(t, overrideROI(&config.ROI{}, nil), "roi.currency is not set")
}
