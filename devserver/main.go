// Command cxloop-devserver is a Temporal server with its web UI in one process, for development and tests.
//
// It takes the options of the temporal command's "server start-dev", so that either can stand in for the other and the
// SDK's testsuite.StartDevServer can drive it. It is a module of its own because the server brings several hundred
// modules that cxloop itself does not need.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	uiversion "github.com/temporalio/ui-server/v2/server/version"
	"go.temporal.io/server/common/headers"
)

const (
	// stopTimeout bounds an orderly stop, after which the process ends regardless.
	stopTimeout = 15 * time.Second
	// parentCheckInterval is how often an orphaned server notices that its starter is gone.
	parentCheckInterval = time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := newCommand(os.Stdout).ExecuteContext(withParent(ctx)); err != nil {
		fmt.Fprintf(os.Stderr, "cxloop-devserver: %v\n", err)
		os.Exit(1)
	}
}

// newCommand returns the command line; what it reports to a reader goes to out.
func newCommand(out io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           "cxloop-devserver",
		Short:         "A Temporal server with its web UI, for development and tests",
		Version:       fmt.Sprintf("(Temporal server %s, UI %s)", headers.ServerVersion, uiversion.UIVersion),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetOut(out)
	server := &cobra.Command{Use: "server", Short: "Run a server", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}

	var raw rawOptions
	start := &cobra.Command{
		Use:   "start-dev",
		Short: "Start the server, and stop it on SIGINT, SIGTERM or when the process that started it ends",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts, err := raw.parse()
			if err != nil {
				return err
			}
			return serve(cmd.Context(), opts, out)
		},
	}
	raw.register(start.Flags())
	server.AddCommand(start)
	root.AddCommand(server)
	return root
}

// serve runs the server until ctx ends.
func serve(ctx context.Context, opts options, out io.Writer) error {
	srv, err := startServer(ctx, opts)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Temporal server  %s\n", opts.address())
	if !opts.headless {
		fmt.Fprintf(out, "Temporal UI      http://%s\n", opts.uiAddress())
	}
	<-ctx.Done()

	stopped := make(chan error, 1)
	go func() { stopped <- srv.stop() }()
	select {
	case err := <-stopped:
		return err
	case <-time.After(stopTimeout):
		return fmt.Errorf("not stopped after %s, giving up", stopTimeout)
	}
}

// withParent returns a context that also ends when the process that started this one is gone.
func withParent(ctx context.Context) context.Context {
	parent := os.Getppid()
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ticker := time.NewTicker(parentCheckInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if os.Getppid() != parent {
					cancel()
					return
				}
			}
		}
	}()
	return ctx
}
