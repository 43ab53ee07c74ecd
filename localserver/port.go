package localserver

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"syscall"
)

// The range of ports that FreePort chooses from. It ends below 32768, where Linux begins to hand out ports to outgoing
// connections: a port found free there may be taken a moment later by anybody's connection.
const firstPort, lastPort = 10000, 19999

const loopback = "127.0.0.1"

var handedOut struct {
	sync.Mutex
	ports map[int]bool
}

// ErrPortInUse is wrapped by the errors about a port that was asked for and is taken.
var ErrPortInUse = errors.New("port is in use")

// FreePort returns a TCP port on 127.0.0.1 on which nothing listens, between 10000 and 19999. It never returns the same
// port twice in one process.
func FreePort() (int, error) {
	handedOut.Lock()
	defer handedOut.Unlock()
	if handedOut.ports == nil {
		handedOut.ports = map[int]bool{}
	}
	for range 500 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		if !handedOut.ports[port] && CheckPort(loopback, port, "") == nil {
			handedOut.ports[port] = true
			return port, nil
		}
	}
	return 0, fmt.Errorf("no free port on %s between %d and %d", loopback, firstPort, lastPort)
}

// CheckPort returns nil if one can listen on the port of that address. Its error names the port and the option by which
// the user can choose another; it wraps ErrPortInUse where that is the reason.
func CheckPort(ip string, port int, option string) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return portError{port: port, option: option}
	case err != nil:
		return fmt.Errorf("cannot listen on %s port %d: %w", ip, port, err)
	}
	return listener.Close()
}

type portError struct {
	port   int
	option string
}

func (e portError) Error() string {
	if e.option == "" {
		return fmt.Sprintf("port %d is in use", e.port)
	}
	return fmt.Sprintf("port %d is in use (choose another with %s)", e.port, e.option)
}

func (portError) Unwrap() error { return ErrPortInUse }
