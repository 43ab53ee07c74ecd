package config

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/effect"
)

func TestROI(t *testing.T) {
	t.Parallel()
	roi := load(t, valid+"roi: {currency: EUR, licence: 99, case_minutes: 10..25..60, hour: 50..70, margin: 0.6}\n").ROI
	exactly := effect.Exactly
	licence, margin := exactly(99), exactly(0.6)
	require.Equal(t, ROI{
		Currency: "EUR", Licence: &licence, CaseMinutes: &effect.Range{Low: 10, Likely: 25, High: 60},
		Hour: &effect.Range{Low: 50, Likely: 60, High: 70}, Margin: &margin,
	}, roi)
	require.Equal(t, ROI{}, load(t, valid).ROI)
	cfg, err := LoadBytes("f", []byte(valid+"roi: {currency: EUR, hour: 1}\n"), env("CXLOOP_ROI_HOUR", "50..70", "CXLOOP_ROI_MAIL", "0.001"))
	require.NoError(t, err)
	require.Equal(t, effect.Range{Low: 50, Likely: 60, High: 70}, *cfg.ROI.Hour)
	require.Equal(t, effect.Exactly(0.001), *cfg.ROI.Mail)
}
