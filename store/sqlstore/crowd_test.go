package sqlstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/store/sqlstore"
	"github.com/cxloop/cxloop/store/storetest"
)

// crowdConns let all of the crowd be in a transaction at once.
const crowdConns = 64

// These have the machine to themselves: they do not run beside the other tests.

func TestCrowdOnSQLite(t *testing.T) { //nolint:paralleltest // see above
	storetest.CrowdIsAskedByTheRules(t, crowded(t, sqliteURL(t)))
}

func TestCrowdOnPostgres(t *testing.T) { //nolint:paralleltest // see above
	storetest.CrowdIsAskedByTheRules(t, crowded(t, inOwnSchema(t, localtest.PostgresForTests(t))))
}

func crowded(t *testing.T, url string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(url, storetest.Keys(t), sqlstore.Options{MaxConns: crowdConns})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = s.Migrate(t.Context())
	require.NoError(t, err)
	return s
}
