package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPeriods(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 23, 30, 0, 0, time.FixedZone("west", -2*3600)) // Monday the 23rd, in UTC
	for period, want := range map[Period]string{Day: "2026-11-23", Week: "2026-11-23", Month: "2026-11-01", Quarter: "2026-10-01"} {
		require.Equal(t, want, period.Start(at).Format(time.DateOnly), period)
		require.NoError(t, period.Check())
	}
	require.Equal(t, "2026-11-16", Week.Start(at.AddDate(0, 0, -1)).Format(time.DateOnly), "a Sunday is of the week before")
	require.True(t, Period("").Start(at).IsZero())
	require.EqualError(t, Period("year").Check(), `period "year": want day, week, month or quarter`)
}
