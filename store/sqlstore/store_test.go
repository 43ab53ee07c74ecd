package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/store/sqlstore"
	"github.com/cxloop/cxloop/store/storetest"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return storetest.SQLiteIn(t, sqliteFile(t)) })
}

func TestPostgres(t *testing.T) {
	url := localtest.PostgresForTests(t)
	storetest.Run(t, func(t *testing.T) store.Store { return migrated(t, inOwnSchema(t, url)) })
}

var schemas atomic.Int64

// inOwnSchema makes an empty place in a database: a schema is made in a fraction
// of the time of a database.
func inOwnSchema(t *testing.T, url string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	name := fmt.Sprintf("test_%d", schemas.Add(1))
	_, err = conn.Exec(t.Context(), "CREATE SCHEMA "+name)
	require.NoError(t, err)
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	return url + separator + "search_path=" + name
}

func sqliteFile(t *testing.T) string { return filepath.Join(t.TempDir(), "cx loop?#%.db") }

func sqliteURL(t *testing.T) string { return "sqlite:" + sqliteFile(t) }

func opened(t *testing.T, url string, keys *sqlstore.Keys) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(url, keys, sqlstore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func migrated(t *testing.T, url string) *sqlstore.Store {
	t.Helper()
	s := opened(t, url, storetest.Keys(t))
	_, err := s.Migrate(t.Context())
	require.NoError(t, err)
	return s
}

func TestMigrateByManyAtOnce(t *testing.T) {
	t.Parallel()
	for name, newURL := range map[string]func(*testing.T) string{
		"SQLite":   sqliteURL,
		"Postgres": func(t *testing.T) string { return inOwnSchema(t, localtest.PostgresForTests(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, keys := newURL(t), filepath.Join(t.TempDir(), "keys.db")
			const n = 4
			type result struct {
				applied []string
				err     error
			}
			results := make(chan result, n)
			for range n {
				s := opened(t, url, storetest.KeysIn(t, keys))
				go func() {
					applied, err := s.Migrate(t.Context())
					results <- result{applied, err}
				}()
			}
			var applied []string
			for range n {
				r := <-results
				require.NoError(t, r.err)
				applied = append(applied, r.applied...)
			}
			require.Contains(t, applied, "0001_init")
			require.Len(t, applied, len(slices.Compact(slices.Sorted(slices.Values(applied)))), "each step is taken once")
			require.NoError(t, opened(t, url, storetest.KeysIn(t, keys)).CheckSchema(t.Context()))
		})
	}
}
