package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/bench"
)

func benchCommand() *cobra.Command {
	o := bench.Options{Progress: os.Stderr}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure the loop's speed and cost beside bare workflows, what is noticed of an outage of Temporal, a wave to a whole CRM, models, and the figures over millions of answers",
		Args:  noArgs,
	}
	flags := cmd.Flags()
	flags.Float64Var(&o.Rate, "rate", 10, "events a second where the load is even")
	flags.IntVar(&o.Seconds, "seconds", 60, "how long the load is even")
	flags.IntVar(&o.Burst, "burst", 6000, "events at once for the greatest rate")
	flags.IntVar(&o.Open, "open", 10000, "open cases when memory is measured")
	flags.IntVar(&o.Down, "down", 25, "seconds for which Temporal is down")
	flags.IntVar(&o.Contacts, "contacts", 10000, "contacts that a wave goes to")
	flags.BoolVar(&o.Kill, "kill", false, "kill the worker on the way of the wave; exit 1 where a contact is skipped or mailed twice")
	flags.IntVar(&o.Customers, "customers", 1_000_000, "customers that models of value are fitted to")
	flags.StringVar(&o.Data, "data", os.Getenv("CXLOOP_TESTDATA"), "folder of public data to test models on")
	flags.IntVar(&o.Responses, "responses", 10_000_000, "answers over which the figures of an overview are read; they take some gigabytes of the folder for temporary files")
	flags.StringVar(&o.Only, "only", "", "measure this part alone: "+strings.Join(bench.Parts(), " or "))
	flags.StringVar(&o.Store, "store", bench.SQLite, bench.SQLite+" or "+bench.Postgres)
	asJSON := flags.Bool("json", false, "print one object a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.Only != "" && !slices.Contains(bench.Parts(), o.Only) {
			return fmt.Errorf("%w: --only %q: want one of %s", errUsage, o.Only, strings.Join(bench.Parts(), ", "))
		}
		if o.Store != bench.SQLite && o.Store != bench.Postgres {
			return fmt.Errorf("%w: --store %q: want %s or %s", errUsage, o.Store, bench.SQLite, bench.Postgres)
		}
		program, err := os.Executable()
		if err != nil {
			return err
		}
		o.Program = program
		figures, err := bench.Run(cmd.Context(), o)
		if err != nil {
			return err
		}
		if *asJSON {
			return bench.WriteJSON(cmd.OutOrStdout(), figures)
		}
		return bench.WriteTable(cmd.OutOrStdout(), figures)
	}
	return cmd
}

// benchBaselineCommand is the process in which bench runs its yardstick.
func benchBaselineCommand() *cobra.Command {
	var o bench.BaselineOptions
	cmd := &cobra.Command{Use: "bench-baseline", Hidden: true, Args: noArgs}
	flags := cmd.Flags()
	flags.StringVar(&o.Address, "address", "", "of the Temporal server")
	flags.StringVar(&o.Namespace, "namespace", "default", "of the Temporal server")
	flags.IntVar(&o.Count, "count", 0, "how many workflows")
	flags.Float64Var(&o.Rate, "rate", 0, "how many are begun a second")
	flags.IntVar(&o.Callers, "callers", 1, "how many begin one after another where there is no rate")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return bench.RunBaseline(cmd.Context(), o, cmd.OutOrStdout())
	}
	return cmd
}

// benchModelsCommand is the process in which bench fits models.
func benchModelsCommand() *cobra.Command {
	var o bench.ModelOptions
	cmd := &cobra.Command{Use: "bench-models", Hidden: true, Args: noArgs}
	flags := cmd.Flags()
	flags.IntVar(&o.Customers, "customers", 1_000_000, "how many are made up")
	flags.StringVar(&o.Data, "data", "", "folder of public data")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return bench.RunModels(o, cmd.OutOrStdout()) }
	return cmd
}
