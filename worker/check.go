package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
)

// defaultConfig is the configuration file where -c does not name another.
const defaultConfig = "cxloop.yaml"

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Validate a configuration: every error with file:line:column",
		Args:  noArgs,
	}
	file := configFlag(cmd, defaultConfig)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s is valid: %s, %s\n", *file, count(len(c.Programs), "program"), count(len(c.CRM), "CRM"))
		return nil
	}
	return cmd
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
