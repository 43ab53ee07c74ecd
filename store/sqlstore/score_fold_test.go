package sqlstore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFoldsGrowUntilTheyTakeLong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dialect        dialect
		atOnce, rolled int
		took           time.Duration
		want           int
	}{
		"quick":           {sqlite, 1000, 1000, 10 * time.Millisecond, 2000},
		"quick for few":   {sqlite, 2000, 700, 10 * time.Millisecond, 2000},
		"as long as good": {sqlite, 2000, 2000, 80 * time.Millisecond, 2000},
		"too long":        {sqlite, 4000, 4000, 200 * time.Millisecond, 2000},
		"never fewer":     {sqlite, 1000, 1000, time.Second, 1000},
		"never more":      {sqlite, 32_000, 32_000, time.Millisecond, 32_000},
		"nobody waits":    {postgres, 4000, 4000, 200 * time.Millisecond, 8000},
		"too long at all": {postgres, 8000, 8000, 2 * time.Second, 4000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, test.dialect.nextFold(test.atOnce, test.rolled, test.took))
		})
	}
}
