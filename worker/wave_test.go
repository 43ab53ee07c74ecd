package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWave is the small twin of make bench ARGS="--only wave --kill".
func TestWave(t *testing.T) {
	t.Parallel()
	needTemporal(t)
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "bench", "--json", "--only", "wave", "--kill", "--contacts", "400")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	cmd.Env = append(os.Environ(), commandEnv+"=1")
	var out, progress bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &progress
	require.NoError(t, cmd.Run(), "%s%s", &progress, &out)
	for _, name := range []string{"wave.contacts_per_s", "wave.transitions_per_1000", "wave.mails_per_call", "wave.rss_mb", "wave.lost"} {
		require.Contains(t, out.String(), `{"name":"`+name+`","value":`)
	}
	require.Contains(t, progress.String(), "suppressed: 10 no_address")
}
