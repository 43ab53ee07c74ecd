// Command cxloop automates customer experience around a CRM: see README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // for machines without a time zone database

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/chaos"
	"github.com/cxloop/cxloop/config"
)

// The exit codes.
const (
	exitFailed = 1
	// exitUsage is for wrong usage and a wrong configuration.
	exitUsage = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	defer stop()
	// A second Ctrl-C ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:]))
}

// stopSignals has SIGHUP for a terminal that closes, unless nohup keeps it away.
func stopSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

func run(ctx context.Context, args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, chaos.ErrBroken): // it has said so in its last line
		return exitFailed
	}
	fmt.Fprintln(os.Stderr, describe(err))
	if _, wrong := errors.AsType[config.Errors](err); wrong || errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitFailed
}

// errUsage is wrapped by errors about how a command was called.
var errUsage = errors.New("wrong usage")

// describe leaves configuration errors as they are, one a line, so that an editor
// can jump to their places.
func describe(err error) string {
	if wrong, ok := errors.AsType[config.Errors](err); ok {
		return wrong.Error()
	}
	return "cxloop: " + err.Error()
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "cxloop",
		Short:         "Surveys, scores and follow-ups around a CRM",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w (see %s --help)", errUsage, err, cmd.CommandPath())
	})
	root.AddCommand(
		devCommand(),
		serveCommand(),
		checkCommand(),
		schemaCommand(),
		templatesCommand(),
		previewCommand(),
		testSendCommand(),
		linkCommand(),
		variantsCommand(),
		resultsCommand(),
		asksCommand(),
		testimonialsCommand(),
		journeyCommand(),
		themesCommand(),
		summaryCommand(),
		commentsCommand(),
		effectCommand(),
		modelsCommand(),
		roiCommand(),
		setupCommand(),
		campaignCommand(),
		effectsCommand(),
		feedbackCommand(),
		pauseCommand(),
		heldCommand(),
		leadsCommand(),
		behaviourCommand(),
		importCommand(),
		casesCommand(),
		keysCommand(),
		referenceCommand(),
		benchCommand(),
		benchBaselineCommand(),
		benchModelsCommand(),
		chaosCommand(),
	)
	return root
}

// noCommand refuses a command that does not exist as wrong usage.
func noCommand(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return fmt.Errorf("%w: %w (see %s --help)", errUsage, err, cmd.CommandPath())
	}
	return nil
}

// noArgs refuses arguments as wrong usage.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%w: %s takes no argument %q", errUsage, cmd.CommandPath(), args[0])
	}
	return nil
}

// configFlag adds -c.
func configFlag(cmd *cobra.Command, value string) *string {
	return cmd.Flags().StringP("config", "c", value, "the configuration file")
}
