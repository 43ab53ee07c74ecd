package storetest

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store/sqlstore"
)

// SQLite opens a new and empty store in a file, which is closed with the test.
func SQLite(t *testing.T) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open("sqlite:"+filepath.Join(t.TempDir(), "cxloop.db"), Keys(t), sqlstore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = s.Migrate(t.Context())
	require.NoError(t, err)
	return s
}

// Keys makes a keystore in a file of its own, for a store to close.
func Keys(t *testing.T) *sqlstore.Keys {
	t.Helper()
	return KeysIn(t, filepath.Join(t.TempDir(), "keys.db"))
}

// KeysIn makes a keystore in a file, for a store to close.
func KeysIn(t *testing.T, file string) *sqlstore.Keys {
	t.Helper()
	masters := []sqlstore.MasterKey{{ID: "test", Secret: bytes.Repeat([]byte{7}, sqlstore.KeySize)}}
	keys, err := sqlstore.OpenKeys("sqlite:"+file, masters)
	require.NoError(t, err)
	return keys
}
