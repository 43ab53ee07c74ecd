package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	asJSON := cmd.Flags().Bool("json", false, "print the errors as objects, one a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if wrong, ok := errors.AsType[config.Errors](err); ok && *asJSON {
			return errors.Join(writeErrors(cmd.OutOrStdout(), wrong), errInvalid)
		}
		if err != nil {
			return err
		}
		if *asJSON {
			return nil
		}
		for _, note := range notesOnSMS(c) {
			fmt.Fprintln(cmd.OutOrStdout(), note)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s is valid: %s, %s\n", *file, count(len(c.Programs), "program"), count(len(c.CRM), "CRM"))
		return nil
	}
	return cmd
}

// errInvalid is a wrong configuration whose errors have been printed.
var errInvalid = fmt.Errorf("%w: the configuration is not valid", errUsage)

func writeErrors(w io.Writer, wrong config.Errors) error {
	out := json.NewEncoder(w)
	for _, e := range wrong {
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
