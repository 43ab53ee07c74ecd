package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func behaviourCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "behaviour",
		Short: "What is known of purchases, subscriptions and tickets, by source, and what is missing",
		Args:  noArgs,
	}
	file := configFlag(cmd, defaultConfig)
	asJSON := cmd.Flags().Bool("json", false, "print objects, one a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			sources, err := a.store.BehaviourSources(cmd.Context())
			if err != nil {
				return err
			}
			if err := writeBehaviour(cmd.OutOrStdout(), sources, *asJSON); err != nil || *asJSON {
				return err
			}
			cursors, err := a.store.BehaviourCursors(cmd.Context())
			if err != nil {
				return err
			}
			return writeReading(cmd.OutOrStdout(), a.config.CRM, cursors)
		})
	}
	return cmd
}

// behaviourLine is what a source told, for scripts.
type behaviourLine struct {
	CRM        string               `json:"crm"`
	Source     string               `json:"source"`
	Kind       survey.BehaviourKind `json:"kind"`
	N          int                  `json:"n"`
	Contacts   int                  `json:"contacts"`
	Accounts   int                  `json:"accounts"`
	First      time.Time            `json:"first,omitzero"`
	Last       time.Time            `json:"last,omitzero"`
	Open       int                  `json:"open"`
	Currencies map[string]int       `json:"currencies"`
	NoStart    int                  `json:"without_start"`
	NoAmount   int                  `json:"without_amount"`
	NoContact  int                  `json:"without_contact"`
	NoAccount  int                  `json:"without_account"`
}

func writeBehaviour(out io.Writer, sources []store.BehaviourSource, asJSON bool) error {
	if asJSON {
		lines := make([]behaviourLine, len(sources))
		for i, s := range sources {
			lines[i] = behaviourLine(s)
		}
		return writeLines(out, lines)
	}
	if len(sources) > 0 {
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "CRM\tSOURCE\tKIND\tN\tCONTACTS\tACCOUNTS\tFIRST\tLAST\tCURRENCIES\tMISSING")
		for _, s := range sources {
			fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", s.CRM, oneLine(s.Source), s.Kind, s.N, s.Contacts, s.Accounts,
				dateOf(s.First), dateOf(s.Last), currenciesText(s.Currencies), missingText(s))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	for _, kind := range survey.BehaviourKinds {
		if !slices.ContainsFunc(sources, func(s store.BehaviourSource) bool { return s.Kind == kind && s.N > s.NoStart }) {
			fmt.Fprintf(out, "Nothing is known of %ss: nothing is assumed of them either.\n", kind)
		}
	}
	return nil
}

// writeReading says how far CRMs are read, as configured.
func writeReading(out io.Writer, crms []config.CRM, cursors []store.BehaviourCursor) error {
	for _, c := range crms {
		for _, objectType := range c.Behaviour.ObjectTypes() {
			at := slices.IndexFunc(cursors, func(k store.BehaviourCursor) bool { return k.CRM == c.ID && k.ObjectType == objectType })
			said := "not read yet: cxloop setup makes the schedule, and cxloop serve reads them"
			if at >= 0 {
				said = readingText(cursors[at])
			}
			if _, err := fmt.Fprintf(out, "%ss of %s: %s.\n", objectType, c.ID, said); err != nil {
				return err
			}
		}
	}
	return nil
}

func readingText(c store.BehaviourCursor) string {
	var said []string
	if !c.EndedAt.IsZero() {
		said = append(said, "read up to "+c.Since.Format(time.DateTime)+" UTC")
	}
	if !c.BeganAt.IsZero() {
		said = append(said, fmt.Sprintf("being read, %d of about %d so far", c.Done, c.Total))
	}
	return strings.Join(said, "; ")
}

func dateOf(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Format(time.DateOnly)
}

func currenciesText(counts map[string]int) string {
	var parts []string
	for _, currency := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", currency, counts[currency]))
	}
	return strings.Join(parts, ", ")
}

// missingText says what a source did not tell. Tickets have no amounts.
func missingText(s store.BehaviourSource) string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", what, n))
		}
	}
	add(s.NoStart, "start")
	if s.Kind != survey.TicketKind {
		add(s.NoAmount, "amount")
	}
	add(s.NoContact, "contact")
	add(s.NoAccount, "account")
	return strings.Join(parts, ", ")
}
