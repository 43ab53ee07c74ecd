package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/chaos"
)

// chaosCommand is what make chaos runs.
func chaosCommand() *cobra.Command {
	o := chaos.Options{Progress: os.Stderr}
	cmd := &cobra.Command{
		Use:    "chaos",
		Short:  "Kill everything at random while the loop runs, and count what was lost or done twice",
		Hidden: true,
		Args:   noArgs,
	}
	flags := cmd.Flags()
	flags.Uint64Var(&o.Seed, "seed", 1, "of what people do, what is killed and how the vendors fail")
	flags.IntVar(&o.Loops, "loops", 1000, "how many customers there are")
	flags.IntVar(&o.Kills, "kills", 100, "how often a process of cxloop is killed")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		program, err := os.Executable()
		if err != nil {
			return err
		}
		o.Program, o.Out = program, cmd.OutOrStdout()
		return chaos.Run(cmd.Context(), o)
	}
	return cmd
}
