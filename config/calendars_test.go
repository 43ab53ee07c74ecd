package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestWindowOfAProgram(t *testing.T) {
	t.Parallel()
	const calendars = `calendars:
  - {id: office, timezone: Europe/Paris}
  - id: shop
    timezone: America/New_York
    days: [mon, sat]
    hours: 10:00-24:00
    holidays: [2027-05-14, 12-27, 02-29]
    countries: [us, no]
programs:
`
	for window, want := range map[string]*survey.Calendar{
		"":               nil,
		"window: off":    nil,
		"window: office": {ID: "office", Timezone: "Europe/Paris", Days: []string{"tue", "wed", "thu"}, Hours: "09:00-17:00"},
		"window: shop": {
			ID: "shop", Timezone: "America/New_York", Days: []string{"mon", "sat"}, Hours: "10:00-24:00",
			Holidays: []string{"2027-05-14", "12-27", "02-29"}, Countries: []string{"us", "no"},
		},
	} {
		t.Run(window, func(t *testing.T) {
			t.Parallel()
			cfg := load(t, strings.Replace(strings.Replace(valid, "programs:\n", calendars, 1), "expiry: 14d", window, 1))
			require.Equal(t, want, cfg.Programs[0].Window)
			require.Len(t, cfg.Calendars, 2)
		})
	}
}

func TestWindowIsPartOfAProgramsVersion(t *testing.T) {
	t.Parallel()
	p := load(t, valid).Programs[0]
	before := p.Version()
	calendar := newCalendar()
	p.Window = &calendar
	windowed := p.Version()
	require.NotEqual(t, before, windowed)
	calendar.Hours = "10:00-17:00"
	require.NotEqual(t, windowed, p.Version(), "what is under way keeps its hours")
}
