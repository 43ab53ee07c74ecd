package sqlstore

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func openFile(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open("sqlite:"+path, Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "cxloop.db") }

func TestMigrate(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	pending, err := s.Pending(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"0001_init"}, pending)
	require.EqualError(t, s.CheckSchema(t.Context()), "database schema is at 0, this cxloop needs 1: run cxloop setup")
	require.NoFileExists(t, path, "looking creates nothing")

	applied, err := s.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"0001_init"}, applied)
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
func later(t *testing.T, s *Store, steps ...string) fs.FS {
	t.Helper()
	first, err := fs.ReadFile(s.migrations, "0001_init.sql")
	require.NoError(t, err)
	out := fstest.MapFS{"0001_init.sql": {Data: first}}
	for i, step := range steps {
		out[fmt.Sprintf("%04d_step.sql", i+2)] = &fstest.MapFile{Data: []byte(step)}
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
	require.EqualError(t, newer.CheckSchema(t.Context()), "database schema is at 1, this cxloop needs 2: run cxloop setup")
	applied, err := newer.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"0002_step"}, applied)
	kept, err := newer.Program(t.Context(), "nps", program.Version())
	require.NoError(t, err)
	require.Equal(t, program, kept)

	const tooNew = "database schema is at 2, newer than this cxloop, which knows 1: run the newer cxloop"
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
	require.ErrorContains(t, err, "0002_step")
	s.migrations = good
	applied, err := s.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"0001_init"}, applied)
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
		"postgres://u:secret@h:x/d": "store url",
	} {
		_, err := Open(url, Options{})
		require.ErrorContains(t, err, want, url)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestMissingFolder(t *testing.T) {
	t.Parallel()
	s := openFile(t, filepath.Join(t.TempDir(), "none", "cxloop.db"))
	_, err := s.Migrate(t.Context())
	require.ErrorContains(t, err, "create the database")
	require.Error(t, s.Ping(t.Context()))
}
