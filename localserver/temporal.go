package localserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

const (
	// TemporalServerEnv names the environment variable with the path of the Temporal server to start.
	TemporalServerEnv = "CXLOOP_TEMPORAL_SERVER"

	devserverName  = "cxloop-devserver"
	modulePath     = "github.com/cxloop/cxloop"
	defaultTimeout = 30 * time.Second
)

// ErrNoTemporal is wrapped by the error for a machine that has no Temporal server to start.
var ErrNoTemporal = errors.New("no Temporal server found: run make build-devserver, or install the temporal command")

// TemporalOptions say what server to start. The zero value is one in memory, on free ports, with its UI.
type TemporalOptions struct {
	Path             string            // the program; empty: FindTemporal
	IP               string            // address to listen on; empty: 127.0.0.1
	Port             int               // gRPC port; 0: a free one
	UIPort           int               // UI port; 0: a free one
	Namespace        string            // created when missing; empty: default
	DBFile           string            // kept there; empty: in memory, lost at the end
	Headless         bool              // no UI
	UICodecEndpoint  string            // where the UI has payloads decrypted, a URL; empty: nowhere
	SearchAttributes map[string]string // name to type: Bool, Datetime, Double, Int, Keyword, KeywordList or Text
	DynamicConfig    map[string]string // key to JSON value
	LogLevel         string            // debug, info, warn, error or never; empty: error
	LogWriter        io.Writer         // gets the server's output; nil: none
	ReadyTimeout     time.Duration     // 0: 30 seconds
}

// Temporal is a running Temporal server.
type Temporal struct {
	Address   string // host:port of the gRPC service
	UIAddress string // host:port of the UI, plain HTTP; empty when headless
	Namespace string
	PID       int

	process *process
}

// FindTemporal returns the path of a Temporal server: CXLOOP_TEMPORAL_SERVER, else cxloop-devserver beside the running
// program, else bin/cxloop-devserver of the checkout that the working directory is in, else temporal on the PATH. Its
// error wraps ErrNoTemporal and says how to get one.
func FindTemporal() (string, error) {
	if path := os.Getenv(TemporalServerEnv); path != "" {
		if !isProgram(path) {
			return "", fmt.Errorf("%s: %s is not a program", TemporalServerEnv, path)
		}
		return path, nil
	}
	var candidates []string
	if self, err := os.Executable(); err == nil {
		candidates = append(candidates, filepath.Join(filepath.Dir(self), devserverName))
	}
	if dir, err := os.Getwd(); err == nil {
		if root, ok := moduleRoot(dir); ok {
			candidates = append(candidates, filepath.Join(root, "bin", devserverName))
		}
	}
	for _, path := range candidates {
		if isProgram(path) {
			return path, nil
		}
	}
	if path, err := exec.LookPath("temporal"); err == nil {
		return path, nil
	}
	return "", ErrNoTemporal
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// moduleRoot walks up from dir to the folder of cxloop's go.mod.
func moduleRoot(dir string) (string, bool) {
	for {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			first, _, _ := strings.Cut(string(content), "\n")
			if strings.TrimSpace(first) == "module "+modulePath {
				return dir, true
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// StartTemporal starts a Temporal server and returns when it answers for its namespace. Its errors name the port that is
// in use (ErrPortInUse), or repeat the last lines the server said. The server runs until Stop, whatever becomes of ctx.
func StartTemporal(ctx context.Context, o TemporalOptions) (*Temporal, error) {
	if o.Path == "" {
		path, err := FindTemporal()
		if err != nil {
			return nil, err
		}
		o.Path = path
	}
	if o.IP == "" {
		o.IP = loopback
	}
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if o.ReadyTimeout == 0 {
		o.ReadyTimeout = defaultTimeout
	}
	if err := o.choosePorts(); err != nil {
		return nil, err
	}
	p, err := start(exec.Command(o.Path, o.arguments()...), "the Temporal server", syscall.SIGTERM, o.LogWriter)
	if err != nil {
		return nil, err
	}
	t := &Temporal{Address: net.JoinHostPort(o.dialIP(), strconv.Itoa(o.Port)), Namespace: o.Namespace, PID: p.pid(), process: p}
	if !o.Headless {
		t.UIAddress = net.JoinHostPort(o.dialIP(), strconv.Itoa(o.UIPort))
	}
	if err := t.waitReady(ctx, o.ReadyTimeout); err != nil {
		// Not ctx: it may be over, and the child has to go all the same.
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), killGrace)
		defer cancel()
		return nil, errors.Join(err, t.Stop(stopCtx))
	}
	return t, nil
}

func (o *TemporalOptions) choosePorts() (err error) {
	if o.Port != 0 {
		err = CheckPort(o.IP, o.Port, "--temporal-port")
	} else {
		o.Port, err = FreePort()
	}
	if err != nil || o.Headless {
		return err
	}
	if o.UIPort != 0 {
		return CheckPort(o.IP, o.UIPort, "--temporal-ui-port")
	}
	o.UIPort, err = FreePort()
	return err
}

func (o *TemporalOptions) dialIP() string {
	if ip := net.ParseIP(o.IP); ip != nil && ip.IsUnspecified() {
		return loopback
	}
	return o.IP
}

// arguments are those that cxloop-devserver and the temporal command have in common.
func (o *TemporalOptions) arguments() []string {
	level := o.LogLevel
	if level == "" {
		level = "error"
	}
	args := []string{
		"server", "start-dev", "--ip", o.IP, "--port", strconv.Itoa(o.Port), "--namespace", o.Namespace,
		"--log-level", level, "--log-format", "text",
	}
	if o.Headless {
		args = append(args, "--headless")
	} else {
		args = append(args, "--ui-port", strconv.Itoa(o.UIPort))
		if o.UICodecEndpoint != "" {
			args = append(args, "--ui-codec-endpoint", o.UICodecEndpoint)
		}
	}
	if o.DBFile != "" {
		args = append(args, "--db-filename", o.DBFile)
	}
	for _, name := range slices.Sorted(maps.Keys(o.SearchAttributes)) {
		args = append(args, "--search-attribute", name+"="+o.SearchAttributes[name])
	}
	for _, key := range slices.Sorted(maps.Keys(o.DynamicConfig)) {
		args = append(args, "--dynamic-config-value", key+"="+o.DynamicConfig[key])
	}
	return args
}

func (t *Temporal) waitReady(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c, err := client.NewLazyClient(client.Options{HostPort: t.Address, Namespace: t.Namespace, Logger: silent()})
	if err != nil {
		return fmt.Errorf("create Temporal client: %w", err)
	}
	defer c.Close()
	return t.process.waitReady(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
			return err
		}
		_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: t.Namespace})
		return err
	})
}

func silent() log.Logger { return log.NewStructuredLogger(slog.New(slog.DiscardHandler)) }

// Stop ends the server in order, and kills it when ctx ends first, which is then an error.
func (t *Temporal) Stop(ctx context.Context) error { return t.process.stop(ctx, syscall.SIGTERM) }

// Done is closed when the server has ended, by Stop or by itself.
func (t *Temporal) Done() <-chan struct{} { return t.process.done }

// Err says how a server ended that has not been stopped, with its last lines; nil while it runs.
func (t *Temporal) Err() error {
	if !t.process.ended() {
		return nil
	}
	return t.process.failure()
}
