package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/localserver"
)

func newDevOptions(t *testing.T, data string) devOptions {
	t.Helper()
	var ports [2]int
	for i := range ports {
		port, err := localserver.FreePort()
		require.NoError(t, err)
		ports[i] = port
	}
	return devOptions{
		listen: freeAddress(t), sandboxListen: freeAddress(t), temporalPort: ports[0], temporalUIPort: ports[1],
		data: data, timeScale: config.DevTimeScale,
	}
}

// addresses are what cxloop dev listens on, by flag.
func (o devOptions) addresses() map[string]string {
	return map[string]string{
		"--listen": o.listen, "--sandbox-listen": o.sandboxListen,
		"--temporal-port":    fmt.Sprintf("127.0.0.1:%d", o.temporalPort),
		"--temporal-ui-port": fmt.Sprintf("127.0.0.1:%d", o.temporalUIPort),
	}
}

// left says what cannot be used again: an address, or a locked file.
func (o devOptions) left() (err error) {
	// A process that another test is just starting holds every socket of this one until
	// its program runs.
	for range 50 {
		if err = o.held(); err == nil {
			return nil
		}
		<-time.After(100 * time.Millisecond)
	}
	return err
}

// held returns an error for a port or a lock that is held now.
func (o devOptions) held() error {
	for flag, address := range o.addresses() {
		if err := checkAddress(address, flag); err != nil {
			return err
		}
	}
	for _, name := range []string{"lock", "temporal.db.lock"} {
		lock, err := lockFile(filepath.Join(o.data, name))
		if err != nil {
			return err
		}
		if err := lock.Close(); err != nil {
			return err
		}
	}
	return nil
}

// startDev runs cxloop dev until stop, which returns what it printed.
func startDev(t *testing.T, o devOptions) (stop func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var out lockedBuffer
	done := make(chan error, 1)
	go func() { done <- runDev(ctx, o, &out) }()
	t.Cleanup(cancel)
	running := regexp.MustCompile(`cxloop runs \(started in \S+\)`)
	require.True(t, eventually(func() bool {
		select {
		case err := <-done:
			require.FailNow(t, "cxloop dev ended", "%v\n%s", err, out.String())
		default:
		}
		return running.MatchString(out.String())
	}), "cxloop dev does not start")
	return func() string {
		t.Helper()
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, o.left())
		return out.String()
	}
}

func TestDevKeepsItsData(t *testing.T) {
	t.Parallel()
	needTemporal(t)
	o := newDevOptions(t, filepath.Join(t.TempDir(), "data"))
	stop := startDev(t, o)

	secrets, err := os.ReadFile(filepath.Join(o.data, "secrets.env"))
	require.NoError(t, err)
	token := regexp.MustCompile(`CXLOOP_API_TOKEN='(.*)'`).FindStringSubmatch(string(secrets))
	require.NotNil(t, token)
	const order = `{"id":"1","source":"test","type":"order.delivered","data":{"contact":{"id":"1","email":"ada@shop.example"}}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+o.listen+"/v1/events?crm=shop", strings.NewReader(order))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token[1])
	require.Equal(t, http.StatusOK, fetch(t, req).status)
	awaitMailInPlayground(t, o)

	other := newDevOptions(t, o.data)
	err = runDev(t.Context(), other, io.Discard)
	require.ErrorContains(t, err, fmt.Sprintf("another cxloop dev (process %d)", os.Getpid()))
	for flag, address := range other.addresses() {
		require.NoError(t, checkAddress(address, flag))
	}

	said := stop()
	for _, address := range []string{o.listen, o.sandboxListen, o.addresses()["--temporal-ui-port"], o.data} {
		require.Contains(t, said, address)
	}
	require.Contains(t, said, "Stopped. Everything is kept in "+o.data)

	stop = startDev(t, o)
	awaitMailInPlayground(t, o)
	require.Equal(t, http.StatusOK, fetch(t, req.Clone(t.Context())).status)
	stop()
}

func fetch(t *testing.T, req *http.Request) answer {
	t.Helper()
	if req.GetBody != nil {
		body, err := req.GetBody()
		require.NoError(t, err)
		req.Body = body
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, string(body), resp.Header}
}

func awaitMailInPlayground(t *testing.T, o devOptions) {
	t.Helper()
	require.True(t, eventually(func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+o.sandboxListen+"/playground/state", nil)
		require.NoError(t, err)
		return strings.Contains(fetch(t, req).body, "ada@shop.example")
	}), "the playground shows no mail")
}

func TestDevPortInUse(t *testing.T) {
	t.Parallel()
	needTemporal(t)
	o := newDevOptions(t, t.TempDir())
	for flag, address := range o.addresses() {
		taken, err := net.Listen("tcp", address)
		require.NoError(t, err)
		err = runDev(t.Context(), o, io.Discard)
		require.ErrorContains(t, err, "in use")
		require.ErrorContains(t, err, flag)
		require.NoError(t, taken.Close())
		require.NoError(t, o.left())
	}
}

func TestDevDamagedFiles(t *testing.T) {
	t.Parallel()
	needTemporal(t)
	for file, says := range map[string]string{
		"key":          "does not hold a key of 32 bytes in hexadecimal: delete it for a new one",
		"sandbox.json": "is damaged (move it away to start afresh)",
		"cxloop.db":    "file is not a database",
		"temporal.db":  "file is not a database",
	} {
		o := newDevOptions(t, t.TempDir())
		path := filepath.Join(o.data, file)
		require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("damaged\n", 200)), 0o600))
		err := runDev(t.Context(), o, io.Discard)
		require.ErrorContains(t, err, says, file)
		require.ErrorContains(t, err, path)
		require.NoError(t, o.left())
	}
}

// TestDevEndsWithItsProcess stops cxloop dev in every way: the Temporal server goes
// with it, and the next start needs no tidying up.
func TestDevEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	needTemporal(t)
	o := newDevOptions(t, t.TempDir())
	for _, c := range []struct {
		name   string
		when   string
		signal os.Signal
		code   int
	}{
		{"Ctrl-C at the start", "Starting", os.Interrupt, 0},
		{"Ctrl-C", "cxloop runs", os.Interrupt, 0},
		{"closed terminal", "cxloop runs", syscall.SIGHUP, 0},
		{"killed", "cxloop runs", os.Kill, -1},
		{"Ctrl-C right after that", "cxloop runs", os.Interrupt, 0},
	} {
		out := &lockedBuffer{}
		cmd := command(t, "dev", "--data", o.data, "--listen", o.listen, "--sandbox-listen", o.sandboxListen,
			"--temporal-port", strconv.Itoa(o.temporalPort), "--temporal-ui-port", strconv.Itoa(o.temporalUIPort))
		cmd.Stdout, cmd.Stderr = out, out
		require.NoError(t, cmd.Start())
		if !eventually(func() bool { return strings.Contains(out.String(), c.when) }) {
			t.Fatalf("%s: %q is not said:\n%s", c.name, c.when, out)
		}
		require.NoError(t, cmd.Process.Signal(c.signal))
		_ = cmd.Wait()
		require.Equal(t, c.code, cmd.ProcessState.ExitCode(), "%s:\n%s", c.name, out)
		if c.signal != os.Kill { // after which the next start finds its Temporal server still stopping
			require.NoError(t, o.left(), c.name)
		}
	}
}
