package sqlstore

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
)

// A wave expires within moments: housekeeping ends it in small steps and for a few seconds
// at a time, so that nobody waits for it and it is never given up half-way.
func TestManyExpireInSteps(t *testing.T) {
	t.Parallel()
	for name, newURL := range map[string]func(*testing.T) string{
		"SQLite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "cxloop.db") },
		"Postgres": func(t *testing.T) string { return localtest.PostgresForTests(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys, err := OpenKeys(keysURL(t), testMasters)
			require.NoError(t, err)
			// Each look at the clock is more than half of the time that there is.
			now := time.Unix(1_700_000_000, 0)
			s, err := Open(newURL(t), keys, Options{Now: func() time.Time { now = now.Add(sweepFor/2 + time.Second); return now }})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			_, err = s.Migrate(t.Context())
			require.NoError(t, err)
			const many = 2*expiredAtOnce + 500
			require.NoError(t, s.write(t.Context(), func(q session) error {
				var rows [][]any
				for i := range many {
					rows = append(rows, []any{fmt.Sprint("i", i), "nps", "v1", "b", 0, fmt.Sprint("shop:", i), "", "sent", "", "{}", "en", 0, 0, 0, 0, 1})
				}
				_, err := q.insert(t.Context(), `INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key,
					state, rule, facts, locale, due_at, created_at, asked_at, sent_at, expires_at)`, rows, "")
				return err
			}))
			at := time.UnixMilli(2)
			for _, want := range []int{expiredAtOnce, expiredAtOnce, 500, 0} {
				n, err := s.Expire(t.Context(), at)
				require.NoError(t, err)
				require.Equal(t, want, n)
			}
			for range 2 {
				n, _, err := s.CountUnanswered(t.Context(), at)
				require.NoError(t, err)
				require.Equal(t, 2*countedAtOnce, n)
			}
			n, _, err := s.CountUnanswered(t.Context(), at)
			require.NoError(t, err)
			require.Equal(t, many-4*countedAtOnce, n)
		})
	}
}
