package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clockTicks is what /proc counts CPU time in: 100 a second on every Linux that Go
// runs on (proc(5), sysconf(_SC_CLK_TCK)).
const clockTicks = 100

func canMeasure() error {
	if _, err := cpuOf(os.Getpid()); err != nil {
		return fmt.Errorf("the CPU and memory of processes are read from Linux's /proc: %w", err)
	}
	return nil
}

// cpuOf returns the CPU time that a process has used, its threads included.
func cpuOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the program's name in brackets, which may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const user, system = 11, 12
	if len(fields) <= system {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	var ticks int64
	for _, field := range []int{user, system} {
		n, err := strconv.ParseInt(fields[field], 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / clockTicks, nil
}

// residentMB returns the memory of a process in millions of bytes, peakMB the most
// that it has had.
func residentMB(pid int) (float64, error) { return memoryMB(pid, "VmRSS:") }
func peakMB(pid int) (float64, error)     { return memoryMB(pid, "VmHWM:") }

func memoryMB(pid int, field string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, field); ok {
			kb, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kb * 1024 / 1e6, err
		}
	}
	return 0, fmt.Errorf("/proc/%d/status has no %s", pid, field)
}

// child is a cxloop process under measurement.
type child struct {
	cmd    *exec.Cmd
	output *bytes.Buffer
}

func startChild(program string, args ...string) (*child, error) {
	c := &child{cmd: exec.Command(program, args...), output: &bytes.Buffer{}}
	c.cmd.Stdout, c.cmd.Stderr = c.output, c.output
	return c, c.cmd.Start()
}

// stop asks it to end and returns what it said if it did not end well.
func (c *child) stop() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c.cmd.Path, err, c.output)
	}
	return nil
}
