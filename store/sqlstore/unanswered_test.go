package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
)

// ofEach runs a test on an empty store of each database.
func ofEach(t *testing.T, test func(t *testing.T, s *Store)) {
	for name, newURL := range map[string]func(*testing.T) string{
		"SQLite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "cxloop.db") },
		"Postgres": func(t *testing.T) string { return localtest.PostgresForTests(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys, err := OpenKeys(keysURL(t), testMasters)
			require.NoError(t, err)
			s, err := Open(newURL(t), keys, Options{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			_, err = s.Migrate(t.Context())
			require.NoError(t, err)
			test(t, s)
		})
	}
}

// fill inserts rows of which each has its number in it.
func (s *Store) fill(t *testing.T, n int, insert string, row func(i int) []any) {
	t.Helper()
	require.NoError(t, s.write(t.Context(), func(q session) error {
		rows := make([][]any, n)
		for i := range rows {
			rows[i] = row(i)
		}
		_, err := q.insert(t.Context(), insert, rows, "")
		return err
	}))
}

// A wave expires within moments: it is ended in small steps, so that nobody waits for it.
func TestManyExpireInSteps(t *testing.T) {
	t.Parallel()
	ofEach(t, func(t *testing.T, s *Store) {
		const many = 2*expiredAtOnce + 500
		s.fill(t, many, `INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key,
			state, rule, facts, locale, due_at, created_at, asked_at, sent_at, expires_at)`, func(i int) []any {
			return []any{fmt.Sprint("i", i), "nps", "v1", "b", 0, fmt.Sprint("shop:", i), "", "sent", "", "{}", "en", 0, 0, 0, 0, 1}
		})
		at := time.UnixMilli(2)
		for _, want := range []int{expiredAtOnce, expiredAtOnce, 500, 0} {
			n, err := s.Expire(t.Context(), at)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		for range many / countedAtOnce {
			n, _, err := s.CountUnanswered(t.Context(), at)
			require.NoError(t, err)
			require.Equal(t, countedAtOnce, n)
		}
		n, _, err := s.CountUnanswered(t.Context(), at)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// What is old goes in steps, too, and what is in doubt.
func TestManyAreForgottenInSteps(t *testing.T) {
	t.Parallel()
	ofEach(t, func(t *testing.T, s *Store) {
		s.fill(t, purgeAtOnce+3, `INSERT INTO inbox (topic, lane, source, key, payload, due_at, batch, done_at)`, func(i int) []any {
			return []any{"event", "nps", "s", fmt.Sprint(i), nil, 0, "b", 1}
		})
		s.fill(t, purgeAtOnce+4, `INSERT INTO batch_results (batch, step, result, at)`, func(i int) []any {
			return []any{fmt.Sprint("b", i), "admit", "[]", 1}
		})
		s.fill(t, purgeAtOnce+5, `INSERT INTO visits (item, visitor, contact_key, program, state, evidence, seen_at, left_program)`, func(i int) []any {
			return []any{fmt.Sprint("i", i), "v", "", "nps", visitCounts, "{}", 1, ""}
		})
		s.fill(t, settledAtOnce+6, `INSERT INTO effects (key, vendor, state, ref, at, tried_at)`, func(i int) []any {
			return []any{fmt.Sprint("slack/", i), "slack", "pending", "", 1, 1}
		})
		at := time.UnixMilli(2)
		for name, c := range map[string]struct {
			step  func(context.Context, time.Time) (int, error)
			wants []int
		}{
			"inbox":   {s.PurgeInbox, []int{purgeAtOnce, 3, 0}},
			"results": {s.PurgeBatchResults, []int{purgeAtOnce, 4, 0}},
			"visits":  {s.PurgeVisits, []int{purgeAtOnce, 5, 0}},
			"effects": {func(ctx context.Context, at time.Time) (int, error) {
				settled, unknown, err := s.SettleEffects(ctx, at, at)
				require.Len(t, unknown, settled)
				return settled, err
			}, []int{settledAtOnce, 6, 0}},
		} {
			for _, want := range c.wants {
				n, err := c.step(t.Context(), at)
				require.NoError(t, err, name)
				require.Equal(t, want, n, name)
			}
		}
	})
}
