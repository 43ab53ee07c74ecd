package chaos

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"time"
)

// process is a cxloop that is started again whenever it ends, as an init system
// would.
type process struct {
	program string
	args    []string
	log     *os.File

	mu      sync.Mutex
	running *os.Process
}

// restartAfter is how long a process that ended is left alone.
const restartAfter = 100 * time.Millisecond

// run keeps it running until the context ends.
func (p *process) run(ctx context.Context) error {
	for ctx.Err() == nil {
		cmd := exec.CommandContext(ctx, p.program, p.args...)
		cmd.Stdout, cmd.Stderr = p.log, p.log
		if err := cmd.Start(); err != nil {
			return err
		}
		p.set(cmd.Process)
		_ = cmd.Wait() // killed, or without its database for a moment: its log says so
		p.set(nil)
		select {
		case <-ctx.Done():
		case <-time.After(restartAfter):
		}
	}
	return nil
}

func (p *process) set(running *os.Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = running
}

// kill ends it without giving it a chance to do anything about it. One that is just
// not there is killed as soon as it is again.
func (p *process) kill(ctx context.Context) error {
	for {
		if killed, err := p.killNow(); killed || err != nil {
			return err
		}
		if !pause(ctx, restartAfter/10) {
			return ctx.Err()
		}
	}
}

func (p *process) killNow() (killed bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return false, nil
	}
	err = p.running.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		return false, nil
	}
	return err == nil, err
}
