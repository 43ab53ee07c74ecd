package localserver

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFreePortNeverRepeats(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 100 {
		port, err := FreePort()
		require.NoError(t, err)
		require.False(t, seen[port], port)
		require.GreaterOrEqual(t, port, firstPort)
		require.LessOrEqual(t, port, lastPort)
		seen[port] = true
	}
}

func TestCheckPort(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port

	err = CheckPort(loopback, port, "--listen")
	require.ErrorIs(t, err, ErrPortInUse)
	require.ErrorContains(t, err, "is in use (choose another with --listen)")
	require.NotContains(t, CheckPort(loopback, port, "").Error(), "choose")

	err = CheckPort("192.0.2.1", 80, "--listen") // an address of documentation, which no machine has
	require.ErrorContains(t, err, "cannot listen on 192.0.2.1 port 80: ")
	require.NotErrorIs(t, err, ErrPortInUse)
}
