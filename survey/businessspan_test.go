package survey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBusinessSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0h": 0, "4h": 4 * time.Hour, "90m": 90 * time.Minute, "24h": 24 * time.Hour, "1d": 8 * time.Hour,
		"5d": 40 * time.Hour, "1d4h": 12 * time.Hour, "2d1h30m": 17*time.Hour + 30*time.Minute, "1000d": 8000 * time.Hour,
	} {
		span, err := ParseBusinessSpan(text)
		require.NoError(t, err, text)
		require.Equal(t, want, span.In(desk), text)
	}
	off, err := ParseBusinessSpan("off")
	require.NoError(t, err)
	require.Zero(t, off.In(desk))
	require.Equal(t, "off", off.String())
	for _, text := range []string{"", "d", "1", "-1d", "-4h", "1d-4h", "1d1d", "4h1d", "1w", "1.5d", "90s", "1001d", "9999999h", "on", "1d ", "99999d"} {
		_, err := ParseBusinessSpan(text)
		require.ErrorContains(t, err, "want business time such as 4h", text)
	}
}

func FuzzBusinessSpan(f *testing.F) {
	for _, seed := range []string{"4h", "5d", "1d4h30m", "off", "0h", "24h", "1d0s", "+1h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		span, err := ParseBusinessSpan(text)
		if err != nil {
			return
		}
		again, err := ParseBusinessSpan(span.String())
		if err != nil || again != span {
			t.Fatalf("%q is %+v, written %q and read as %+v: %v", text, span, span, again, err)
		}
	})
}
