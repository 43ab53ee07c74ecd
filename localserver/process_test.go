package localserver

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// helperEnv makes this test program a starter of servers instead, for the tests in which the starter dies.
const helperEnv = "CXLOOP_LOCALSERVER_HELPER"

func TestMain(m *testing.M) {
	switch os.Getenv(helperEnv) {
	case "":
		os.Exit(m.Run())
	case "postgres":
		p, err := StartPostgres(context.Background(), PostgresOptions{})
		helperSays(err, func() string { return p.Address + " " + p.folder })
	case "temporal":
		s, err := StartTemporal(context.Background(), TemporalOptions{Headless: true})
		helperSays(err, func() string { return s.Address })
	}
}

func helperSays(err error, what func() string) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(what())
	select {}
}

type helper struct {
	cmd  *exec.Cmd
	says string
}

func startHelper(t *testing.T, role string) helper {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	h := helper{cmd: cmd}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	h.says = strings.TrimSpace(line)
	return h
}

func (h helper) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, h.cmd.Process.Kill())
	require.ErrorContains(t, h.cmd.Wait(), "killed")
}

func listening(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func shell(t *testing.T, script string, log io.Writer) *process {
	t.Helper()
	p, err := start(exec.Command("sh", "-c", script), "the child", syscall.SIGKILL, log)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.stop(ctx, syscall.SIGKILL)
	})
	return p
}

func TestChildThatDiesIsReportedWithItsLastLines(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ script, want string }{
		"silent":       {"exit 3", "the child ended by itself (exit status 3)"},
		"with success": {"echo enough", "the child ended by itself (exit status 0):\nenough"},
		"talkative":    {"seq 100; printf oops >&2; exit 1", "the child ended by itself (exit status 1):\n89\n90\n91\n92\n93\n94\n95\n96\n97\n98\n99\n100\noops"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := shell(t, tc.script, nil)
			never := func(context.Context) error { return fmt.Errorf("no answer") }
			require.EqualError(t, p.waitReady(t.Context(), never), tc.want)
			require.NoError(t, p.stop(t.Context(), syscall.SIGTERM), "what has ended is stopped")
		})
	}
}

func TestWaitReadyGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	p := shell(t, "echo thinking; exec sleep 60", nil)
	ctx, cancel := context.WithCancelCause(t.Context())
	err := p.waitReady(ctx, func(context.Context) error {
		if p.tail.String() != "" {
			cancel(fmt.Errorf("tired"))
		}
		return fmt.Errorf("no answer")
	})
	require.EqualError(t, err, "the child is not ready: tired (no answer); its last lines:\nthinking")
}

func TestStopKillsWhatDoesNotListen(t *testing.T) {
	t.Parallel()
	p := shell(t, `trap "" TERM; echo deaf; while :; do sleep 60; done`, nil)
	require.NoError(t, p.waitReady(t.Context(), func(context.Context) error {
		if p.tail.String() == "" {
			return fmt.Errorf("silent")
		}
		return nil
	}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	require.EqualError(t, p.stop(ctx, syscall.SIGTERM), "stop the child: killed, it did not stop in time: context deadline exceeded")
	require.Less(t, time.Since(began), killGrace, "the sleep went on, and held the output open")
}

func TestStartNamesTheProgramThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := start(exec.Command("/nowhere/server"), "the server", syscall.SIGTERM, nil)
	require.EqualError(t, err, "start the server: fork/exec /nowhere/server: no such file or directory")
}

func TestTailPassesEverythingOn(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := shell(t, "seq 1000", &log)
	<-p.done
	require.Equal(t, 1000, strings.Count(log.String(), "\n"))
	require.True(t, strings.HasPrefix(p.tail.String(), "989\n"))
}

func TestTailCutsALineWithoutEnd(t *testing.T) {
	t.Parallel()
	var kept tail
	for range 1000 {
		n, err := kept.Write(bytes.Repeat([]byte("x"), 1000))
		require.NoError(t, err)
		require.Equal(t, 1000, n)
	}
	require.Less(t, len(kept.String()), 100_000)
}
