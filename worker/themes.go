package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/survey"
)

func themesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "themes",
		Short: "Show what made customers unhappy in the last seven days",
		Long: "Show what made customers unhappy in the last seven days.\n\n" +
			"Counted are the causes that unhappy customers chose or wrote about, each customer once, and those that cases were resolved with. Of a topic\n" +
			"that comments alone name at least three have to write. The weeks before are the four before these seven days.",
		Args: noArgs,
	}
	file := configFlag(cmd, defaultConfig)
	asJSON := cmd.Flags().Bool("json", false, "print an object a cause")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		return withConfig(cmd.Context(), c, func(a *app) error {
			themes, err := activities.ThemesOf(cmd.Context(), a.store, a.programs, c.TopicNames(), a.clock.Now())
			if err != nil {
				return err
			}
			if *asJSON {
				return printThemes(cmd.OutOrStdout(), themes, c.Themes)
			}
			return writeThemes(cmd.OutOrStdout(), themes, c.Themes)
		})
	}
	return cmd
}

// shownTheme is a theme for scripts. Ratio is left out where the cause was never named
// before.
type shownTheme struct {
	Cause     string `json:"cause"`
	Customers int    `json:"customers"`
	// Written is how many of the customers named it in their comments alone.
	Written  int      `json:"written"`
	Accounts int      `json:"accounts"`
	Cases    int      `json:"cases"`
	Usual    float64  `json:"usual"`
	Ratio    *float64 `json:"ratio,omitempty"`
	P        float64  `json:"p"`
	Real     bool     `json:"real"`
	Owner    string   `json:"owner,omitempty"`
}

func printThemes(out io.Writer, themes []activities.Theme, c config.Themes) error {
	encoder := json.NewEncoder(out)
	for _, t := range themes {
		shown := shownTheme{
			Cause: t.Cause, Customers: t.Customers, Written: t.Written, Accounts: t.Accounts, Cases: t.Cases, Usual: t.Usual,
			P: t.Change.P, Real: t.Real, Owner: c.OwnerOf(t.Cause),
		}
		if !math.IsInf(t.Change.Ratio, 0) {
			shown.Ratio = &t.Change.Ratio
		}
		if err := encoder.Encode(shown); err != nil {
			return err
		}
	}
	return nil
}

func writeThemes(out io.Writer, themes []activities.Theme, c config.Themes) error {
	if len(themes) == 0 {
		_, err := fmt.Fprintln(out, "no cause was named in the last seven days")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CAUSE\tCUSTOMERS\tIN WORDS ALONE\tACCOUNTS\tCASES\tA WEEK BEFORE\tCHANGE\tOWNER")
	for _, t := range themes {
		change := "no real change"
		switch {
		case t.Real && t.Change.Ratio > 1:
			change = "more"
		case t.Real:
			change = "fewer"
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%.1f\t%s\t%s\n",
			t.Name(survey.DefaultLocale), t.Customers, t.Written, t.Accounts, t.Cases, t.Usual, change, c.OwnerOf(t.Cause))
	}
	return table.Flush()
}
