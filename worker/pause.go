package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/store"
)

func pauseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "List the programs that stopped mailing or were paused, and have them mail again",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	file := cmd.PersistentFlags().StringP("config", "c", defaultConfig, "the configuration file")
	list := &cobra.Command{Use: "list", Short: "List the programs that stopped mailing, and why", Args: noArgs}
	asJSON := list.Flags().Bool("json", false, "print objects, one a line")
	list.RunE = func(cmd *cobra.Command, _ []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			pauses, err := a.store.Pauses(cmd.Context())
			if err != nil {
				return err
			}
			return writePauses(cmd.OutOrStdout(), pauses, *asJSON)
		})
	}
	resume := &cobra.Command{Use: "resume PROGRAM", Short: "What made it stop is mended, or over: mail again", Args: oneProgram}
	resume.RunE = func(cmd *cobra.Command, args []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			said, err := a.resumeProgram(cmd.Context(), args[0])
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), said)
			}
			return err
		})
	}
	cmd.AddCommand(list, resume)
	return cmd
}

// resumeProgram has a program mail again, whoever paused it.
func (a *app) resumeProgram(ctx context.Context, program string) (said string, err error) {
	err = a.store.Resume(ctx, program, a.clock.Now())
	if errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("%w: cxloop pause list shows those that are paused", err)
	}
	return "It mails again, within five minutes. Only mails from now on are counted.", err
}

func oneProgram(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: %s takes one program, as cxloop pause list shows them", errUsage, cmd.CommandPath())
	}
	return nil
}

// shownPause is a paused program for scripts.
type shownPause struct {
	Program string `json:"program"`
	Why     string `json:"why"`
	Events  int    `json:"events"`
	Mails   int    `json:"mails"`
	// PausedAt is scaled time.
	PausedAt time.Time `json:"paused_at"`
}

func writePauses(out io.Writer, pauses []store.Pause, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(out)
		for _, p := range pauses {
			if err := lines.Encode(shownPause{p.Program, string(p.Why), p.Events, p.Mails, p.At}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(pauses) == 0 {
		_, err := fmt.Fprintln(out, "No program is paused.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROGRAM\tSINCE\tWHY")
	for _, p := range pauses {
		if p.Why == store.PausedByOperator {
			fmt.Fprintf(table, "%s\t%s\tan operator paused it\n", p.Program, p.At.UTC().Format(time.DateTime))
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s: %d of %d mails\n", p.Program, p.At.UTC().Format(time.DateTime), p.Why, p.Events, p.Mails)
	}
	return table.Flush()
}
