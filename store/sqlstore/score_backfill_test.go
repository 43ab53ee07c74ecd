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
			run(`INSERT INTO programs (id, version, body) VALUES ('nps', 'v1', '{"id": "nps", "metric": "nps"}')`)
			for range 2 {
				for _, by := range []string{store.DimensionTouchpoint, store.DimensionChannel} { // rolled up, and by a scan
					cells, err := s.ScoreCells(t.Context(), store.ScoreQuery{Metric: survey.NPS, By: []string{by}, Period: store.Day})
					require.NoError(t, err)
					require.Equal(t, []store.ScoreCell{{
						Key: []string{map[string]string{store.DimensionTouchpoint: "nps", store.DimensionChannel: "mail"}[by]}, Period: time.Unix(0, 0).UTC(),
						Asked: 1, Answered: 1, Scores: map[int]int{3: 1}, Bands: map[survey.Band]int{survey.Detractor: 1},
					}}, cells)
				}
				_, err = s.RollUpScores(t.Context())
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
