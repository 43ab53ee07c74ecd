package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
)

// TestChaos is the small twin of make chaos.
func TestChaos(t *testing.T) {
	t.Parallel()
	needTemporal(t)
	localtest.PostgresForTests(t) // that there is one to start
	self, err := os.Executable()
	require.NoError(t, err)
	// Longer than it waits before it says what did not come to its end.
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "chaos", "--seed", "1", "--loops", "40", "--kills", "4")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	cmd.Env = append(os.Environ(), commandEnv+"=1")
	var out, progress bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &progress
	require.NoError(t, cmd.Run(), "%s%s", &progress, &out)
	require.Contains(t, out.String(), "chaos: seed 1: all promises kept")
}
