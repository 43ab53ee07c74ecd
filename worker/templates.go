package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/survey"
)

// templateLine is what is told of a template.
type templateLine struct {
	Name   string        `json:"name"`
	Metric survey.Metric `json:"metric"`
	Causes int           `json:"causes"`
	About  string        `json:"about"`
}

func templatesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "templates",
		Short: "List the built-in surveys that a program can use",
		Args:  noArgs,
	}
	asJSON := cmd.Flags().Bool("json", false, "print objects, one a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		templates, out := config.Templates(), json.NewEncoder(cmd.OutOrStdout())
		table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, name := range config.TemplateNames() {
			t := templates[name]
			line := templateLine{name, t.Metric, len(t.Causes), t.About}
			if *asJSON {
				if err := out.Encode(line); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(table, "%s\t%s\t%s\n", line.Name, line.Metric, line.About)
		}
		return table.Flush()
	}
	return cmd
}
