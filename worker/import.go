package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/integrations/csvfile"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Import what customers bought, subscribed to or wanted help with from a CSV file",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for name, kind := range map[string]survey.BehaviourKind{
		"purchases": survey.PurchaseKind, "subscriptions": survey.SubscriptionKind, "tickets": survey.TicketKind,
	} {
		cmd.AddCommand(importBehaviourCommand(name, kind))
	}
	return cmd
}

// behaviourImport is one import of a file.
type behaviourImport struct {
	csvfile.Options
	file           string
	columns        []string
	dryRun, asJSON bool
}

func importBehaviourCommand(name string, kind survey.BehaviourKind) *cobra.Command {
	required, optional := csvfile.Fields(kind)
	cmd := &cobra.Command{
		Use:   name + " FILE.csv",
		Short: "Import " + name + " from a CSV file, which may be done again",
		Long: "Imports " + name + " from a CSV file with a line of column names: " + strings.Join(required, ", ") + ", and if known " +
			strings.Join(optional, ", ") + ".\nEach row has a contact_id or an account_id, as the CRM knows them. The file is checked first: where anything is wrong,\n" +
			"the places are told and nothing is changed. Imported again, rows that are the same change nothing, and others correct what was there.",
	}
	cmd.Example = "  cxloop import " + name + " " + name + ".csv --crm hubspot --dry-run\n" +
		"  cxloop import " + name + " export.csv --source billing --column \"Number=id\" --column Notes="
	in := behaviourImport{Options: csvfile.Options{Kind: kind}}
	file := configFlag(cmd, defaultConfig)
	cmd.Flags().StringVar(&in.CRM, "crm", "", "the configured CRM whose ids the file has (where there are several)")
	cmd.Flags().StringVar(&in.Source, "source", "csv", "the system that the file is from: with it, an id names one and the same")
	if kind != survey.TicketKind {
		cmd.Flags().StringVar(&in.Currency, "currency", "", "the currency of rows without one, such as EUR")
	}
	cmd.Flags().StringArrayVar(&in.columns, "column", nil, `a column with another name, "Order No.=id", or one to leave out, "Notes=" (repeatable)`)
	cmd.Flags().BoolVar(&in.dryRun, "dry-run", false, "check the file, and change nothing")
	cmd.Flags().BoolVar(&in.asJSON, "json", false, "print the result as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%w: %s takes one file", errUsage, cmd.CommandPath())
		}
		in.file, in.Now = args[0], time.Now()
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		if err := in.complete(c.CRM); err != nil {
			return err
		}
		return withConfig(cmd.Context(), c, func(a *app) error { return in.run(cmd, a) })
	}
	return cmd
}

// complete checks the flags against the configured CRMs.
func (in *behaviourImport) complete(configured []config.CRM) error {
	crms := make([]string, len(configured))
	for i, c := range configured {
		crms[i] = c.ID
	}
	slices.Sort(crms)
	switch {
	case in.CRM == "" && len(crms) == 1:
		in.CRM = crms[0]
	case in.CRM == "":
		return fmt.Errorf("%w: --crm is missing: want one of %s", errUsage, strings.Join(crms, ", "))
	case !slices.Contains(crms, in.CRM):
		return fmt.Errorf("%w: --crm %q is not configured: want one of %s", errUsage, in.CRM, strings.Join(crms, ", "))
	}
	given := in.Currency
	if in.Currency = strings.ToUpper(given); in.Currency != "" && !survey.ValidCurrency(in.Currency) {
		return fmt.Errorf("%w: --currency %q: want three letters, such as EUR (ISO 4217)", errUsage, given)
	}
	if !survey.NamesSystem(in.Source) {
		return fmt.Errorf("%w: --source %q: want a system's name of letters, digits and . _ : / -", errUsage, in.Source)
	}
	in.Columns = map[string]string{}
	for _, c := range in.columns {
		at := strings.LastIndex(c, "=")
		if at < 1 {
			return fmt.Errorf("%w: --column %q: want NAME=FIELD, or NAME= to leave it out", errUsage, c)
		}
		in.Columns[c[:at]] = c[at+1:]
	}
	return nil
}

// imported says what a file held, and what became of it.
type imported struct {
	Kind     survey.BehaviourKind `json:"kind"`
	Rows     int                  `json:"rows"`
	First    time.Time            `json:"first,omitzero"`
	Last     time.Time            `json:"last,omitzero"`
	NoAmount int                  `json:"without_amount"`
	// Sums are of amounts before refunds, by currency; of subscriptions they are none.
	Sums    map[string]survey.Hundredths `json:"sums"`
	DryRun  bool                         `json:"dry_run"`
	New     int                          `json:"new"`
	Changed int                          `json:"changed"`
	Same    int                          `json:"same"`
}

func (in *behaviourImport) run(cmd *cobra.Command, a *app) error {
	out, err := in.check()
	if err == nil && !in.dryRun {
		err = in.save(cmd.Context(), a.store, progressOn(cmd.ErrOrStderr(), "importing"), &out)
	}
	if err != nil {
		return in.explain(err)
	}
	if in.asJSON {
		return writeLines(cmd.OutOrStdout(), []imported{out})
	}
	return out.write(cmd.OutOrStdout())
}

// explain puts the file before the places in it.
func (in *behaviourImport) explain(err error) error {
	faults, ok := errors.AsType[csvfile.Faults](err)
	if !ok {
		return err
	}
	lines := strings.Split(faults.Error(), "\n")
	for i, line := range lines {
		lines[i] = in.file + ":" + line
	}
	return fmt.Errorf("%w: nothing was imported\n%s", errUsage, strings.Join(lines, "\n"))
}

func (in *behaviourImport) read(each func(survey.Behaviour) error) (rows int, err error) {
	f, err := os.Open(in.file)
	if err != nil {
		return 0, err
	}
	defer f.Close() //nolint:errcheck // it is read only
	return csvfile.Read(f, in.Options, each)
}

// check reads the file and changes nothing.
func (in *behaviourImport) check() (imported, error) {
	out := imported{Kind: in.Kind, Sums: map[string]survey.Hundredths{}, DryRun: in.dryRun}
	var err error
	out.Rows, err = in.read(func(b survey.Behaviour) error {
		if at := b.Start.Value.At; out.First.IsZero() || at.Before(out.First) {
			out.First = at
		}
		if at := b.Start.Value.At; at.After(out.Last) {
			out.Last = at
		}
		switch {
		case b.Worth.AsOf.IsZero():
			out.NoAmount++
		case in.Kind == survey.PurchaseKind:
			out.Sums[b.Worth.Value.Currency] += b.Worth.Value.Amount
		}
		return nil
	})
	return out, err
}

// save reads the file again and keeps it, some rows at a time: whoever stops it begins
// again, and what was kept is the same.
func (in *behaviourImport) save(ctx context.Context, to store.Behaviour, progress func(float64), out *imported) error {
	var waiting []survey.Behaviour
	done := 0
	flush := func() error {
		saved, err := to.SaveBehaviour(ctx, waiting)
		if err != nil {
			return err
		}
		done += len(waiting)
		if progress != nil {
			progress(float64(done) / float64(out.Rows))
		}
		out.New, out.Changed, out.Same = out.New+saved.New, out.Changed+saved.Changed, out.Same+saved.Same
		waiting = waiting[:0]
		return nil
	}
	_, err := in.read(func(b survey.Behaviour) error {
		if waiting = append(waiting, b); len(waiting) < store.MaxBehaviour {
			return nil
		}
		return flush()
	})
	if err == nil && len(waiting) > 0 {
		err = flush()
	}
	return err
}

func (i imported) write(out io.Writer) error {
	if i.Rows == 0 {
		_, err := fmt.Fprintln(out, "The file has no rows.")
		return err
	}
	rows := "rows"
	if i.Rows == 1 {
		rows = "row"
	}
	fmt.Fprintf(out, "%d %s, from %s to %s.\n", i.Rows, rows, i.First.Format(time.DateOnly), i.Last.Format(time.DateOnly))
	if len(i.Sums) > 0 {
		fmt.Fprintf(out, "Worth %s, before refunds.\n", revenueText(i.Sums))
	}
	if i.NoAmount > 0 && i.Kind != survey.TicketKind {
		fmt.Fprintf(out, "Without an amount: %d. They count as %ss, and for no money.\n", i.NoAmount, i.Kind)
	}
	if i.DryRun {
		_, err := fmt.Fprintln(out, "Nothing is wrong with the file, and nothing was changed.")
		return err
	}
	_, err := fmt.Fprintf(out, "%d new, %d changed, %d known before.\n", i.New, i.Changed, i.Same)
	return err
}
