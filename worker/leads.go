package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// shownLeads is how many refused leads are listed at most.
const shownLeads = 1000

func leadsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "leads",
		Short: "List the friends of promoters whom a CRM does not take, and send them again",
		Args:  noArgs,
	}
	file := cmd.PersistentFlags().StringP("config", "c", defaultConfig, "the configuration file")
	asJSON := cmd.Flags().Bool("json", false, "print objects, one a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			leads, err := a.store.RefusedLeads(cmd.Context(), shownLeads)
			if err != nil {
				return err
			}
			return writeLeads(cmd.OutOrStdout(), leads, *asJSON)
		})
	}
	retry := &cobra.Command{Use: "retry LEAD", Short: "Send a lead to its CRM again", Args: oneLead}
	retry.RunE = func(cmd *cobra.Command, args []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			batch, err := a.store.RetryLead(cmd.Context(), args[0], newID())
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("%w: cxloop leads lists those that are refused", err)
			}
			if err != nil {
				return err
			}
			said := "It is sent again now."
			if err := a.begin(cmd.Context(), store.Stalled{LeadBatches: []store.LeadBatch{batch}}); err != nil {
				a.log.Warn("a lead that was put back is not begun yet", "lead", args[0], "error", err)
				said = "It is put back. " + beginsLater
			}
			fmt.Fprintln(cmd.OutOrStdout(), said)
			return nil
		})
	}
	count := &cobra.Command{Use: "count", Short: "Count leads by program and state, and the deals that were won with them", Args: noArgs}
	countJSON := count.Flags().Bool("json", false, "print objects, one a line")
	count.RunE = func(cmd *cobra.Command, _ []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			figures, err := a.store.ReferralFigures(cmd.Context(), time.Time{}, time.Time{})
			if err != nil {
				return err
			}
			return writeLeadCounts(cmd.OutOrStdout(), figures, *countJSON)
		})
	}
	cmd.AddCommand(retry, count)
	return cmd
}

// leadCounts are a program's for scripts.
type leadCounts struct {
	Program string                       `json:"program"`
	Leads   map[survey.LeadState]int     `json:"leads"`
	Thanked int                          `json:"thanked"`
	Won     int                          `json:"won"`
	Revenue map[string]survey.Hundredths `json:"revenue"`
}

func writeLeadCounts(out io.Writer, figures []store.ReferralFigure, asJSON bool) error {
	if asJSON {
		lines := make([]leadCounts, len(figures))
		for i, f := range figures {
			lines[i] = leadCounts(f)
		}
		return writeLines(out, lines)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROGRAM\tLEADS\tTHANKED\tWON\tREVENUE")
	for _, f := range figures {
		var states []string
		for _, state := range slices.Sorted(maps.Keys(f.Leads)) {
			states = append(states, fmt.Sprintf("%s %d", state, f.Leads[state]))
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\n", f.Program, strings.Join(states, ", "), f.Thanked, f.Won, revenueText(f.Revenue))
	}
	return table.Flush()
}

func oneLead(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: %s takes one lead, as cxloop leads lists them", errUsage, cmd.CommandPath())
	}
	return nil
}

// shownLead is a refused lead for scripts. It names nobody.
type shownLead struct {
	Lead    string    `json:"lead"`
	Program string    `json:"program"`
	CRM     string    `json:"crm"`
	Code    string    `json:"code"`
	At      time.Time `json:"at"`
}

func writeLeads(out io.Writer, leads []store.Lead, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(out)
		for _, l := range leads {
			if err := lines.Encode(shownLead{l.ID, l.Program, l.CRM, l.Reason, l.TakenAt}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(leads) == 0 {
		_, err := fmt.Fprintln(out, "No lead is refused.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LEAD\tPROGRAM\tCRM\tREFUSED\tWHY")
	for _, l := range leads {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", l.ID, l.Program, l.CRM, l.TakenAt.UTC().Format(time.DateTime), l.Reason)
	}
	return table.Flush()
}
