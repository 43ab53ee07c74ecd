package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// listedCases is how many cases are listed at most.
const listedCases = 1000

func casesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cases",
		Short: "List the cases: how they stand, how old they are, when they are due and who has them",
		Args:  noCommand,
	}
	file := cmd.PersistentFlags().StringP("config", "c", defaultConfig, "the configuration file")
	asJSON := cmd.PersistentFlags().Bool("json", false, "print objects, one a line")
	states := cmd.Flags().StringSlice("state", nil, "only those in a state: "+strings.Join(caseStateNames(), ", ")+"; those that have not ended where left out")
	program := cmd.Flags().String("program", "", "only those of a program, by its id")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		filter := store.CaseFilter{Program: *program, Limit: listedCases}
		for _, name := range *states {
			if !slices.Contains(caseStateNames(), name) {
				return fmt.Errorf("%w: %q is no state of a case: want %s", errUsage, name, strings.Join(caseStateNames(), ", "))
			}
			filter.States = append(filter.States, survey.CaseState(name))
		}
		return withApp(cmd.Context(), *file, func(a *app) error {
			cases, err := a.store.ListCases(cmd.Context(), filter)
			if err != nil {
				return err
			}
			return writeCases(cmd.OutOrStdout(), cases, a.clock.Now(), *asJSON)
		})
	}
	show := &cobra.Command{Use: "show CASE", Short: "Show what happened to a case, in order", Args: oneCaseID}
	show.RunE = func(cmd *cobra.Command, args []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			detail, err := a.store.Case(cmd.Context(), args[0])
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("%w: cxloop cases lists them", err)
			}
			if err != nil {
				return err
			}
			return writeCase(cmd.OutOrStdout(), detail, a.clock.Now(), *asJSON)
		})
	}
	cmd.AddCommand(show)
	return cmd
}

func oneCaseID(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: %s takes the id of one case, as cxloop cases lists them", errUsage, cmd.CommandPath())
	}
	return nil
}

func caseStateNames() []string {
	names := make([]string, len(survey.CaseStates))
	for i, state := range survey.CaseStates {
		names[i] = string(state)
	}
	return names
}

// shownCase is a case for scripts. Times are scaled time, people Slack and CRM ids, and
// the account a reference.
type shownCase struct {
	ID       string              `json:"id"`
	Program  string              `json:"program"`
	State    survey.CaseState    `json:"state"`
	Priority survey.CasePriority `json:"priority"`
	Origin   survey.CaseOrigin   `json:"origin"`
	Account  string              `json:"account,omitempty"`
	OpenedAt time.Time           `json:"opened_at"`
	// AgeHours is until it ended, or until now.
	AgeHours float64   `json:"age_hours"`
	DueAt    time.Time `json:"due_at,omitzero"`
	EndedAt  time.Time `json:"ended_at,omitzero"`
	Assignee string    `json:"assignee,omitempty"`
	Owner    string    `json:"owner,omitempty"`
	Round    int       `json:"round,omitempty"`
	Earlier  string    `json:"earlier,omitempty"`
}

func shownCaseOf(c survey.Case, now time.Time) shownCase {
	until := now
	if !c.EndedAt.IsZero() {
		until = c.EndedAt
	}
	return shownCase{
		ID: c.ID, Program: c.Program, State: c.State, Account: c.AccountKey, OpenedAt: c.OpenedAt, EndedAt: c.EndedAt,
		Priority: cmp.Or(c.Priority, survey.PriorityNormal), Origin: cmp.Or(c.Origin, survey.OriginUnhappy),
		AgeHours: until.Sub(c.OpenedAt).Hours(), DueAt: dueOf(c), Assignee: cmp.Or(c.Assignee, c.AckedBy), Owner: c.Owner,
		Round: c.Round, Earlier: c.Earlier,
	}
}

// dueOf is when something happens to an open case by itself.
func dueOf(c survey.Case) time.Time {
	switch {
	case c.State.Ended():
		return time.Time{}
	case c.NextAt.IsZero():
		return c.CloseAt
	}
	return c.NextAt
}

func writeCases(out io.Writer, cases []survey.Case, now time.Time, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(out)
		for _, c := range cases {
			if err := lines.Encode(shownCaseOf(c, now)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(cases) == 0 {
		_, err := fmt.Fprintln(out, "There are no such cases.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CASE\tPROGRAM\tSTATE\tPRIORITY\tAGE\tDUE\tWHO HAS IT\tACCOUNT")
	for _, c := range cases {
		shown := shownCaseOf(c, now)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", shown.ID, shown.Program, shown.State, shown.Priority,
			ageText(shown.AgeHours), momentText(shown.DueAt), cmp.Or(shown.Assignee, "nobody"), cmp.Or(shown.Account, "none"))
	}
	return table.Flush()
}

func ageText(hours float64) string {
	if hours < 48 {
		return fmt.Sprintf("%.0fh", hours)
	}
	return fmt.Sprintf("%.0fd", hours/24)
}

func momentText(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.UTC().Format("2006-01-02 15:04")
}

// shownCaseEvent is a step of a case's history for scripts.
type shownCaseEvent struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	User   string    `json:"user,omitempty"`
	Target string    `json:"target,omitempty"`
	Choice string    `json:"choice,omitempty"`
	Note   string    `json:"note,omitempty"`
}

func writeCase(out io.Writer, detail store.CaseDetail, now time.Time, asJSON bool) error {
	if asJSON {
		shown := struct {
			shownCase
			History []shownCaseEvent `json:"history"`
		}{shownCaseOf(detail.Case, now), make([]shownCaseEvent, 0, len(detail.History))}
		for _, e := range detail.History {
			shown.History = append(shown.History, shownCaseEvent{e.At, e.What, e.User, e.Target, e.Choice, e.Note})
		}
		return json.NewEncoder(out).Encode(shown)
	}
	if err := writeCases(out, []survey.Case{detail.Case}, now, false); err != nil {
		return err
	}
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "AT\tWHAT\tWHO\tTO WHOM\tWHICH\tNOTE")
	for _, e := range detail.History {
		note := strings.Join(strings.Fields(e.Note), " ")
		fmt.Fprintln(table, strings.Join([]string{momentText(e.At), e.What, e.User, e.Target, e.Choice, note}, "\t"))
	}
	return table.Flush()
}
