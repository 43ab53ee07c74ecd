package sqlstore_test

import (
	"fmt"
	"path/filepath"
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
	storetest.Run(t, func(t *testing.T) store.Store { return migrated(t, sqliteURL(t)) })
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

func sqliteURL(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "cx loop?#%.db") }

func opened(t *testing.T, url string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(url, sqlstore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func migrated(t *testing.T, url string) *sqlstore.Store {
	t.Helper()
	s := opened(t, url)
	_, err := s.Migrate(t.Context())
	require.NoError(t, err)
	return s
}
