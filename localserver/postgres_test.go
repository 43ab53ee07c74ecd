package localserver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

const testTimeout = 30 * time.Second

// postgresForTest skips where PostgreSQL is missing, as localtest does, which this package cannot import.
func postgresForTest(t *testing.T, o PostgresOptions) *Postgres {
	t.Helper()
	p, err := StartPostgres(t.Context(), o)
	if errors.Is(err, ErrNoPostgres) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Stop(context.Background())) })
	return p
}

func TestPostgresRoundTrip(t *testing.T) {
	t.Parallel()
	p := postgresForTest(t, PostgresOptions{Settings: map[string]string{"fsync": "on"}})
	require.NoError(t, p.Err())
	require.NoError(t, p.CreateDatabase(t.Context(), "round trip"))
	require.ErrorContains(t, p.CreateDatabase(t.Context(), "round trip"), "already exists")

	conn, err := pgx.Connect(t.Context(), p.URL("round trip"))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	var database, fsync string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT current_database(), current_setting('fsync')").Scan(&database, &fsync))
	require.Equal(t, "round trip", database)
	require.Equal(t, "on", fsync)

	require.NoError(t, p.DropDatabase(t.Context(), "round trip"))
	require.NoError(t, p.DropDatabase(t.Context(), "round trip"))
	require.Error(t, conn.Ping(t.Context()), "the connection outlived its database")
}

func TestPostgresStopLeavesNothing(t *testing.T) {
	t.Parallel()
	p := postgresForTest(t, PostgresOptions{})
	conn, err := pgx.Connect(t.Context(), p.URL(maintenanceDB))
	require.NoError(t, err)
	defer conn.Close(context.Background())

	require.NoError(t, p.Stop(t.Context()), "an open connection held it up")
	<-p.Done()
	require.NoDirExists(t, p.folder)
	require.ErrorIs(t, syscall.Kill(p.process.pid(), 0), syscall.ESRCH)
	require.NoError(t, p.Stop(t.Context()), "stopped twice")
}

func TestPostgresCrashKeepsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	p := postgresForTest(t, PostgresOptions{Settings: map[string]string{"synchronous_commit": "on"}})
	conn, err := pgx.Connect(t.Context(), p.URL(maintenanceDB))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), "CREATE TABLE kept (n INTEGER); INSERT INTO kept VALUES (7)")
	require.NoError(t, err)
	before := p.Done()

	require.NoError(t, p.Crash(t.Context()))
	<-before
	require.NoError(t, p.Err())
	require.Error(t, conn.Ping(t.Context()), "the connection outlived the server")
	again, err := pgx.Connect(t.Context(), p.URL(maintenanceDB))
	require.NoError(t, err)
	defer again.Close(context.Background())
	var n int
	require.NoError(t, again.QueryRow(t.Context(), "SELECT n FROM kept").Scan(&n))
	require.Equal(t, 7, n)
}

func TestPostgresKilledSaysSo(t *testing.T) {
	t.Parallel()
	p := postgresForTest(t, PostgresOptions{})
	require.NoError(t, syscall.Kill(p.process.pid(), syscall.SIGKILL))
	<-p.Done()
	require.ErrorContains(t, p.Err(), "PostgreSQL ended by itself (signal: killed):\n")
	require.ErrorContains(t, p.Err(), "ready to accept connections")
}

func TestPostgresBadSettingRepeatsItsWords(t *testing.T) {
	t.Parallel()
	postgresForTest(t, PostgresOptions{})
	_, err := StartPostgres(t.Context(), PostgresOptions{Settings: map[string]string{"fsync": "perhaps"}})
	require.ErrorContains(t, err, "PostgreSQL ended by itself (exit status 1)")
	require.ErrorContains(t, err, `parameter "fsync" requires a Boolean value`)
}

func TestPostgresGoesWithItsStarter(t *testing.T) {
	t.Parallel()
	postgresForTest(t, PostgresOptions{})
	starter := startHelper(t, "postgres")
	address, folder, _ := strings.Cut(starter.says, " ")
	require.DirExists(t, folder)
	starter.kill(t)
	require.Eventually(t, func() bool { return !listening(address) }, testTimeout, 20*time.Millisecond, "the server is still there")
	require.Eventually(t, func() bool {
		_, err := os.Stat(folder)
		return errors.Is(err, os.ErrNotExist)
	}, testTimeout, 20*time.Millisecond, "the folder is still there")
}

func TestFirstPostgres(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	_, err := firstPostgres(debianFolders(filepath.Join(root, "*/bin")))
	require.ErrorIs(t, err, ErrNoPostgres)

	for _, version := range []string{"9.6", "15", "17"} {
		folder := filepath.Join(root, version, "bin")
		require.NoError(t, os.MkdirAll(folder, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "initdb"), nil, 0o700))
		if version != "17" { // a client without a server
			require.NoError(t, os.WriteFile(filepath.Join(folder, "postgres"), nil, 0o700))
		}
	}
	folder, err := firstPostgres(debianFolders(filepath.Join(root, "*/bin")))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(root, "15", "bin"), folder)
}

func TestReaperWithoutServer(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "left behind")
	require.NoError(t, os.Mkdir(folder, 0o700))
	r, err := startReaper(folder)
	require.NoError(t, err)
	require.NoError(t, r.dismiss())
	require.NoDirExists(t, folder)
	require.NoError(t, r.dismiss())
}
