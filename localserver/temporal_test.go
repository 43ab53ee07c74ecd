package localserver

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
)

func temporalForTest(t *testing.T, o TemporalOptions) *Temporal {
	t.Helper()
	s, err := StartTemporal(t.Context(), o)
	if errors.Is(err, ErrNoTemporal) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	return s
}

func TestTemporalServesUntilStopped(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "temporal.db")
	s := temporalForTest(t, TemporalOptions{
		Namespace: "cxloop", DBFile: file, SearchAttributes: map[string]string{"Program": "Keyword"},
		DynamicConfig: map[string]string{"limit.maxIDLength": "255"},
	})
	require.NoError(t, s.Err())
	require.FileExists(t, file)
	c, err := client.Dial(client.Options{HostPort: s.Address, Namespace: "cxloop", Logger: silent()})
	require.NoError(t, err)
	defer c.Close()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "one", TaskQueue: "nobody"}, "Any")
	require.NoError(t, err)
	require.NotEmpty(t, run.GetRunID())
	require.Eventually(t, func() bool { return fetches(t, "http://"+s.UIAddress) }, testTimeout, 20*time.Millisecond)

	require.NoError(t, s.Stop(t.Context()))
	<-s.Done()
	require.False(t, listening(s.Address))
	require.False(t, listening(s.UIAddress))
}

func fetches(t *testing.T, url string) bool {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func TestTemporalNamesThePortInUse(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port

	for option, o := range map[string]TemporalOptions{
		"--temporal-port":    {Path: "/nowhere", Port: port},
		"--temporal-ui-port": {Path: "/nowhere", UIPort: port},
	} {
		_, err := StartTemporal(t.Context(), o)
		require.ErrorIs(t, err, ErrPortInUse)
		require.EqualError(t, err, "port "+strconv.Itoa(port)+" is in use (choose another with "+option+")")
	}
}

func TestTemporalThatCannotStartRepeatsItsWords(t *testing.T) {
	t.Parallel()
	temporalForTest(t, TemporalOptions{Headless: true})
	file := filepath.Join(t.TempDir(), "temporal.db")
	require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte("no"), 4000), 0o600))
	_, err := StartTemporal(t.Context(), TemporalOptions{Headless: true, DBFile: file})
	require.ErrorContains(t, err, "the Temporal server ended by itself (exit status 1):\n")
	require.ErrorContains(t, err, file)
}

func TestTemporalKilledSaysSo(t *testing.T) {
	t.Parallel()
	s := temporalForTest(t, TemporalOptions{Headless: true})
	require.NoError(t, syscall.Kill(s.PID, syscall.SIGKILL))
	<-s.Done()
	require.ErrorContains(t, s.Err(), "the Temporal server ended by itself (signal: killed)")
}

func TestTemporalGoesWithItsStarter(t *testing.T) {
	t.Parallel()
	temporalForTest(t, TemporalOptions{Headless: true})
	starter := startHelper(t, "temporal")
	require.True(t, listening(starter.says))
	starter.kill(t)
	require.Eventually(t, func() bool { return !listening(starter.says) }, testTimeout, 20*time.Millisecond)
}

func TestFindTemporal(t *testing.T) { // not parallel: it sets the environment
	server := filepath.Join(t.TempDir(), "server")
	t.Setenv(TemporalServerEnv, server)
	_, err := FindTemporal()
	require.EqualError(t, err, TemporalServerEnv+": "+server+" is not a program")
	require.NoError(t, os.WriteFile(server, nil, 0o600))
	_, err = FindTemporal()
	require.Error(t, err, "it is not executable")
	require.NoError(t, os.Chmod(server, 0o700))
	path, err := FindTemporal()
	require.NoError(t, err)
	require.Equal(t, server, path)

	t.Setenv(TemporalServerEnv, "")
	empty := t.TempDir()
	t.Setenv("PATH", empty)
	t.Chdir(empty)
	_, err = FindTemporal()
	require.ErrorIs(t, err, ErrNoTemporal)

	require.NoError(t, os.WriteFile(filepath.Join(empty, "go.mod"), []byte("module "+modulePath+"\n"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(empty, "bin"), 0o700))
	built := filepath.Join(empty, "bin", devserverName)
	require.NoError(t, os.WriteFile(built, nil, 0o700))
	inside := filepath.Join(empty, "some", "package")
	require.NoError(t, os.MkdirAll(inside, 0o700))
	t.Chdir(inside)
	path, err = FindTemporal()
	require.NoError(t, err)
	require.Equal(t, built, path)
}
