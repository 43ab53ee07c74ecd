package survey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWarmUp(t *testing.T) {
	t.Parallel()
	var from Date
	require.NoError(t, from.UnmarshalText([]byte("2026-12-01")))
	w := WarmUp{From: from, FirstDay: 50, Growth: 1.5, Until: 10000}
	for day, most := range map[string]int{
		"2026-11-01T12:00:00Z": 50, "2026-12-01T00:00:00Z": 50, "2026-12-01T23:59:59Z": 50, "2026-12-02T00:00:00Z": 75,
		"2026-12-03T12:00:00Z": 112, "2026-12-14T12:00:00Z": 9730, "2026-12-15T00:00:00Z": 0, "2036-12-15T00:00:00Z": 0,
	} {
		at, err := time.Parse(time.RFC3339, day)
		require.NoError(t, err)
		require.Equal(t, most, w.Most(at), day)
	}
	require.Equal(t, 40, w.MostBeforeWave(from.Time))
	require.Equal(t, 1, WarmUp{From: from, FirstDay: 1, Growth: 1.5, Until: 10}.MostBeforeWave(from.Time))
	require.Zero(t, w.MostBeforeWave(from.AddDate(1, 0, 0)))
	require.Zero(t, WarmUp{FirstDay: 50, Growth: 1.5, Until: 10000}.Most(from.Time))
	require.Equal(t, from.Add(24*time.Hour), NextDay(from.Add(23*time.Hour)))
	require.Error(t, from.UnmarshalText([]byte("1 December")))
}
