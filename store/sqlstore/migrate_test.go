package sqlstore

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

var testMasters = []MasterKey{{ID: "test", Secret: bytes.Repeat([]byte{7}, KeySize)}}

func openFile(t *testing.T, path string) *Store {
	t.Helper()
	keys, err := OpenKeys("sqlite:"+path+".keys", testMasters)
	require.NoError(t, err)
	s, err := Open("sqlite:"+path, keys, Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// steps are the names of the schema's steps.
func steps(t *testing.T, d *database) []string {
	t.Helper()
	all, err := migrationsIn(d.migrations)
	require.NoError(t, err)
	var names []string
	for _, m := range all {
		names = append(names, m.name)
	}
	return names
}

func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "cxloop.db") }

func TestMigrate(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	all := slices.Concat(steps(t, s.keys.database), steps(t, s.database))
	pending, err := s.Pending(t.Context())
	require.NoError(t, err)
	require.Equal(t, all, pending)
	require.EqualError(t, s.CheckSchema(t.Context()), "keystore schema is at 0, this cxloop needs 1: run cxloop setup")
	require.EqualError(t, s.checkSchema(t.Context()),
		fmt.Sprintf("database schema is at 0, this cxloop needs %d: run cxloop setup", len(steps(t, s.database))))
	require.NoFileExists(t, path, "looking creates nothing")

	applied, err := s.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, all, applied)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), "it holds personal data")

	applied, err = s.Migrate(t.Context())
	require.NoError(t, err)
	require.Empty(t, applied)
	pending, err = s.Pending(t.Context())
	require.NoError(t, err)
	require.Empty(t, pending)
	require.NoError(t, s.CheckSchema(t.Context()))
}

// later is the schema of this cxloop with steps of later ones.
func later(t *testing.T, s *Store, more ...string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range steps(t, s.database) {
		script, err := fs.ReadFile(s.migrations, name+".sql")
		require.NoError(t, err)
		out[name+".sql"] = &fstest.MapFile{Data: script}
	}
	for _, step := range more {
		out[fmt.Sprintf("%04d_step.sql", len(out)+1)] = &fstest.MapFile{Data: []byte(step)}
	}
	return out
}

func TestUpgradeKeepsTheData(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	old := openFile(t, path)
	_, err := old.Migrate(t.Context())
	require.NoError(t, err)
	program := survey.Program{ID: "nps"}
	require.NoError(t, old.SaveProgram(t.Context(), program))

	newer := openFile(t, path)
	newer.migrations = later(t, newer, `ALTER TABLE programs ADD COLUMN note TEXT NOT NULL DEFAULT ''; CREATE TABLE more (id INTEGER);`)
	have := len(steps(t, old.database))
	require.EqualError(t, newer.CheckSchema(t.Context()),
		fmt.Sprintf("database schema is at %d, this cxloop needs %d: run cxloop setup", have, have+1))
	applied, err := newer.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{fmt.Sprintf("%04d_step", have+1)}, applied)
	kept, err := newer.Program(t.Context(), "nps", program.Version())
	require.NoError(t, err)
	require.Equal(t, program, kept)

	tooNew := fmt.Sprintf("database schema is at %d, newer than this cxloop, which knows %d: run the newer cxloop", have+1, have)
	require.EqualError(t, old.CheckSchema(t.Context()), tooNew)
	_, err = old.Migrate(t.Context())
	require.ErrorContains(t, err, tooNew)
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	good := s.migrations
	s.migrations = later(t, s, `CREATE TABLE half (id INTEGER); CREATE NONSENSE;`)
	_, err := s.Migrate(t.Context())
	require.ErrorContains(t, err, "_step")
	s.migrations = good
	applied, err := s.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, steps(t, s.database), applied)
}

func TestMigrationsWithoutGaps(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"0002_b.sql"}, {"0001_a.sql", "0003_c.sql"}, {"init.sql"}} {
		scripts := fstest.MapFS{}
		for _, name := range names {
			scripts[name] = &fstest.MapFile{}
		}
		_, err := migrationsIn(scripts)
		require.ErrorContains(t, err, names[len(names)-1])
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                          "want sqlite:PATH or postgres://",
		"mysql://root:secret@h/db":  "want sqlite:PATH or postgres://",
		"cxloop.db":                 "want sqlite:PATH or postgres://",
		"sqlite:":                   "want the path of a file",
		"sqlite::memory:":           "want the path of a file",
		"postgres://u:secret@h:x/d": "database url",
	} {
		_, err := Open(url, nil, Options{})
		require.ErrorContains(t, err, want, url)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestMissingFolder(t *testing.T) {
	t.Parallel()
	s := openFile(t, filepath.Join(t.TempDir(), "none", "cxloop.db"))
	_, err := s.Migrate(t.Context())
	require.ErrorContains(t, err, "create the keystore")
	require.Error(t, s.Ping(t.Context()))
}
