package localserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// keptLines is how much of a child's output an error repeats.
	keptLines = 12
	// killGrace is how long a child is waited for after it was killed.
	killGrace = 5 * time.Second
)

// process is a running child.
type process struct {
	name string
	cmd  *exec.Cmd
	tail *tail
	done chan struct{} // closed when the child has ended
	err  error         // how it ended; set before done is closed
}

// start starts the child in a process group of its own, so that a Ctrl-C in the terminal reaches cxloop alone, which
// then stops its children in order. deathSignal is what it gets when this process ends (Linux).
func start(cmd *exec.Cmd, name string, deathSignal syscall.Signal, log io.Writer) (*process, error) {
	p := &process{name: name, cmd: cmd, tail: &tail{next: log}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.tail, p.tail
	cmd.WaitDelay = killGrace // grandchildren may hold the pipe open
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	tieToParent(cmd.SysProcAttr, deathSignal)

	started := make(chan error)
	go func() {
		// The death signal comes when the starting thread ends, not the process (prctl(2)): this one lives as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// failure describes the end of a child that nobody stopped, with the last it said.
func (p *process) failure() error {
	how := "exit status 0"
	if p.err != nil {
		how = p.err.Error()
	}
	if said := p.tail.String(); said != "" {
		return fmt.Errorf("%s ended by itself (%s):\n%s", p.name, how, said)
	}
	return fmt.Errorf("%s ended by itself (%s)", p.name, how)
}

// stop asks the child to end, and kills it when ctx ends first. It returns nil for a child that has ended already.
func (p *process) stop(ctx context.Context, sig syscall.Signal) error {
	if p.ended() {
		return nil
	}
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.name, err)
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	// The whole group: a database server killed alone leaves its workers to find out.
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
	select {
	case <-p.done:
		return fmt.Errorf("stop %s: killed, it did not stop in time: %w", p.name, context.Cause(ctx))
	case <-time.After(killGrace + time.Second):
		return fmt.Errorf("stop %s: process %d is still there", p.name, p.pid())
	}
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// waitReady calls ready until it returns nil. It gives up when the child ends or ctx does.
func (p *process) waitReady(ctx context.Context, ready func(context.Context) error) error {
	const pause = 25 * time.Millisecond
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return p.failure()
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w (%w)%s", p.name, context.Cause(ctx), err, indented(p.tail.String()))
		case <-time.After(pause):
		}
	}
}

func indented(said string) string {
	if said == "" {
		return ""
	}
	return "; its last lines:\n" + said
}

// tail passes on what is written to it, and keeps the last lines.
type tail struct {
	next  io.Writer // may be nil
	mu    sync.Mutex
	lines []string
	rest  []byte
}

// Write never fails: a log that cannot be written must not stop the child.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next != nil {
		_, _ = t.next.Write(b)
	}
	t.rest = append(t.rest, b...)
	for {
		i := bytes.IndexByte(t.rest, '\n')
		if i < 0 {
			break
		}
		t.keep(string(t.rest[:i]))
		t.rest = t.rest[i+1:]
	}
	const longest = 4096
	if len(t.rest) > longest {
		t.keep(string(t.rest))
		t.rest = nil
	}
	return len(b), nil
}

func (t *tail) keep(line string) {
	t.lines = append(t.lines, line)
	if len(t.lines) > keptLines {
		t.lines = t.lines[len(t.lines)-keptLines:]
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := t.lines
	if len(t.rest) > 0 {
		lines = append(lines[:len(lines):len(lines)], string(t.rest))
	}
	return strings.Join(lines, "\n")
}
