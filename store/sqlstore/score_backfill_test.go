package sqlstore

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// What was there before scores were rolled up counts, and whatever deletes it takes it out.
func TestScoresFromBeforeTheyWereRolledUp(t *testing.T) {
	t.Parallel()
	for name, newURL := range map[string]func(*testing.T) string{
		"SQLite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "cxloop.db") },
		"Postgres": func(t *testing.T) string { return localtest.PostgresForTests(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := newURL(t)
			writeBefore(t, url)
			alsoBefore(t, url, `INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key, state, rule, facts, locale, due_at, created_at, asked_at)
				VALUES ('i2', 'nps2', 'v1', 'b0', 2, 'shop/anna@example.com', 'shop/Quimby Ltd', 'sent', '', '{}', 'fr', 1, 1, 1)`)
			keys, err := OpenKeys(keysURL(t), testMasters)
			require.NoError(t, err)
			s, err := Open(url, keys, Options{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			_, err = s.Migrate(t.Context())
			require.NoError(t, err)
			run := func(text string) {
				_, err := s.writer.ExecContext(t.Context(), text)
				require.NoError(t, err)
			}
			run(`INSERT INTO programs (id, version, body) VALUES ('nps', 'v1', '{"id": "nps", "metric": "nps"}'), ('nps2', 'v1', '{"id": "nps2", "metric": "nps"}')`)
			answered := store.ScoreCell{
				Key: []string{"nps"}, Period: time.Unix(0, 0).UTC(),
				Asked: 1, Answered: 1, Scores: map[int]int{3: 1}, Bands: map[survey.Band]int{survey.Detractor: 1},
			}
			asked := store.ScoreCell{Key: []string{"nps2"}, Period: answered.Period, Asked: 1, Scores: map[int]int{}, Bands: map[survey.Band]int{}}
			all := answered
			all.Key, all.Asked = []string{"mail"}, 2
			for range 2 {
				for by, want := range map[string][]store.ScoreCell{
					store.DimensionProgram: {answered, asked}, store.DimensionTouchpoint: {answered, asked}, // rolled up
					store.DimensionChannel: {all}, // by a scan
				} {
					cells, err := s.ScoreCells(t.Context(), store.ScoreQuery{Metric: survey.NPS, By: []string{by}, Period: store.Day})
					require.NoError(t, err)
					require.Equal(t, want, cells)
				}
				_, err = s.RollUpScores(t.Context(), 1)
				require.NoError(t, err)
			}
			run(`DELETE FROM responses`)
			run(`DELETE FROM invitations`)
			cells, err := s.ScoreCells(t.Context(), store.ScoreQuery{Metric: survey.NPS})
			require.NoError(t, err)
			require.Empty(t, cells)
		})
	}
}

// alsoBefore changes what writeBefore made.
func alsoBefore(t *testing.T, url, text string) {
	t.Helper()
	db, err := openDatabase(url, "database", "migrations/store", 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.writer.ExecContext(t.Context(), text)
	require.NoError(t, err)
}
