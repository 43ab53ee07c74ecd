package survey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSnoozeEnd(t *testing.T) {
	t.Parallel()
	office := &Calendar{Timezone: "Europe/Berlin", Days: []string{"mon", "tue", "wed", "thu", "fri"}, Hours: "08:30-17:00", Holidays: []string{"12-25"}}
	for name, c := range map[string]struct {
		day, zone string
		team      *Calendar
		want      string
	}{
		"a working day":                     {"2026-11-24", "", office, "2026-11-24T07:30:00Z"},
		"a working day elsewhere":           {"2026-11-24", "America/New_York", office, "2026-11-24T13:30:00Z"},
		"a Saturday":                        {"2026-11-28", "", office, "2026-11-30T07:30:00Z"},
		"a holiday before a weekend":        {"2026-12-25", "", office, "2026-12-28T07:30:00Z"},
		"the day of the change to summer":   {"2027-03-28", "", office, "2027-03-29T06:30:00Z"},
		"no calendar":                       {"2026-11-28", "Asia/Tokyo", nil, "2026-11-28T00:00:00Z"},
		"no calendar, and an unknown place": {"2026-11-28", "Nowhere/Else", nil, "2026-11-28T09:00:00Z"},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		require.NoError(t, err)
		require.Equal(t, c.want, SnoozeEnd(day, c.zone, c.team).Format(time.RFC3339), name)
	}
}

func TestToday(t *testing.T) {
	t.Parallel()
	late := time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC)
	require.Equal(t, "2026-11-21", Today(late, "", nil).Format(time.DateOnly))
	require.Equal(t, "2026-11-22", Today(late, "", &Calendar{Timezone: "Europe/Berlin"}).Format(time.DateOnly))
	require.Equal(t, "2026-11-21", Today(late, "America/New_York", &Calendar{Timezone: "Europe/Berlin"}).Format(time.DateOnly))
}
