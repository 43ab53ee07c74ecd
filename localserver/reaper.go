package localserver

import (
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
)

// reapScript waits for the end of its standard input, which is the end of the process that holds the other side. A
// folder that is still there then was left behind, and so may its server be: postmaster.pid begins with its process id,
// and SIGQUIT makes it drop everything at once.
const reapScript = `
cat
[ -d "$1" ] || exit 0
if pid=$(head -n 1 "$1/postmaster.pid"); then
	kill -QUIT "$pid"
	for _ in $(seq 100); do kill -0 "$pid" || break; sleep 0.1; done
fi
rm -rf -- "$1"`

// reaper is a child that outlives this process, to clear away a folder of PostgreSQL that was not stopped: tests end by
// os.Exit, a panic or a kill.
type reaper struct {
	end  io.Closer
	wait func() error
}

func startReaper(folder string) (*reaper, error) {
	cmd := exec.Command("sh", "-c", reapScript, "reap", folder)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // out of reach of a Ctrl-C
	end, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("watch over PostgreSQL's folder: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("watch over PostgreSQL's folder: %w", err)
	}
	return &reaper{end: end, wait: sync.OnceValue(cmd.Wait)}, nil
}

// dismiss ends the reaper. A folder that is still there goes first.
func (r *reaper) dismiss() error {
	_ = r.end.Close() // closed already when dismissed twice
	if err := r.wait(); err != nil {
		return fmt.Errorf("clear PostgreSQL's folder away: %w", err)
	}
	return nil
}
