package storetest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store/sqlstore"
)

// SQLite opens a new and empty store in a file, which is closed with the test.
func SQLite(t *testing.T) *sqlstore.Store {
	t.Helper()
	return SQLiteIn(t, filepath.Join(t.TempDir(), "cxloop.db"))
}

// SQLiteIn is SQLite in a file of a name.
func SQLiteIn(t *testing.T, file string) *sqlstore.Store {
	t.Helper()
	made, err := migrated()
	require.NoError(t, err)
	keys := filepath.Join(t.TempDir(), "keys.db")
	require.NoError(t, os.WriteFile(file, made.store, 0o600))
	require.NoError(t, os.WriteFile(keys, made.keys, 0o600))
	s, err := sqlstore.Open("sqlite:"+file, KeysIn(t, keys), sqlstore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// empty are the files of an empty store and its keystore.
type empty struct{ store, keys []byte }

// migrated makes them once: a test copies files in a fraction of the time of migrations.
var migrated = sync.OnceValues(func() (made empty, err error) {
	folder, err := os.MkdirTemp("", "cxloop-empty-")
	if err != nil {
		return empty{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file, keysFile := filepath.Join(folder, "cxloop.db"), filepath.Join(folder, "keys.db")
	keys, err := openKeys(keysFile)
	if err != nil {
		return empty{}, err
	}
	s, err := sqlstore.Open("sqlite:"+file, keys, sqlstore.Options{})
	if err != nil {
		return empty{}, err
	}
	_, err = s.Migrate(context.Background())
	if err = errors.Join(err, s.Close()); err != nil {
		return empty{}, err
	}
	made.store, err = os.ReadFile(file)
	if err != nil {
		return empty{}, err
	}
	made.keys, err = os.ReadFile(keysFile)
	return made, err
})

// Keys makes a keystore in a file of its own, for a store to close.
func Keys(t *testing.T) *sqlstore.Keys {
	t.Helper()
	return KeysIn(t, filepath.Join(t.TempDir(), "keys.db"))
}

// KeysIn makes a keystore in a file, for a store to close.
func KeysIn(t *testing.T, file string) *sqlstore.Keys {
	t.Helper()
	keys, err := openKeys(file)
	require.NoError(t, err)
	return keys
}

func openKeys(file string) (*sqlstore.Keys, error) {
	masters := []sqlstore.MasterKey{{ID: "test", Secret: bytes.Repeat([]byte{7}, sqlstore.KeySize)}}
	return sqlstore.OpenKeys("sqlite:"+file, masters)
}
